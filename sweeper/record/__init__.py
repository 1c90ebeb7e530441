"""The record of a run: its directory, which all else is derived from, and its Optuna study, for other tools."""

from sweeper.record._directory import RunDirectory as RunDirectory
from sweeper.record._files import is_temporary as is_temporary
from sweeper.record._files import is_whole as is_whole
from sweeper.record._files import load_whole as load_whole
from sweeper.record._files import write_atomic as write_atomic
from sweeper.record._files import write_record as write_record
from sweeper.record._manifest import Manifest as Manifest
from sweeper.record._manifest import differences as differences
from sweeper.record._newest import newest_run as newest_run
from sweeper.record._storage import check_storage as check_storage
from sweeper.record._storage import load_optuna as load_optuna
from sweeper.record._storage_url import without_password as without_password
from sweeper.record._study import Study as Study
from sweeper.record._study_writer import StudyWriter as StudyWriter

__all__ = [
    "Manifest",
    "RunDirectory",
    "Study",
    "StudyWriter",
    "check_storage",
    "differences",
    "is_temporary",
    "is_whole",
    "load_optuna",
    "load_whole",
    "newest_run",
    "without_password",
    "write_atomic",
    "write_record",
]
