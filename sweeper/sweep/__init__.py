"""The flow in its order: target, job, space, probes, outcomes, verdicts, ranges, report.

This is the only place where the stages meet. `sweeper.cli` and people's own code call the functions here.
"""

from sweeper.sweep._api import FitsReport as FitsReport
from sweeper.sweep._api import Plan as Plan
from sweeper.sweep._api import ask_worker as ask_worker
from sweeper.sweep._api import fits as fits
from sweeper.sweep._api import newest as newest
from sweeper.sweep._api import plan as plan
from sweeper.sweep._api import probe as probe
from sweeper.sweep._api import rebuild as rebuild
from sweeper.sweep._api import resume as resume
from sweeper.sweep._files import Classified as Classified
from sweeper.sweep._files import classify_files as classify_files
from sweeper.sweep._results import Run as Run

__all__ = [
    "Classified",
    "FitsReport",
    "Plan",
    "Run",
    "ask_worker",
    "classify_files",
    "fits",
    "newest",
    "plan",
    "probe",
    "rebuild",
    "resume",
]
