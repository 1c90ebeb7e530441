"""Maps which learning rates, optimizers and batch sizes are safe for an unmodified Keras training script.

The command `sweeper` is the usual way in. The same from Python:

```python
import os
from pathlib import Path

from sweeper import SilentView, load_settings
from sweeper.sweep import probe

asked = load_settings({"target": "train.py", "lr": "1e-5:1"}, environ=os.environ, cwd=Path.cwd())
result = probe(asked.settings, command=("my tool",), view=SilentView())
print(result.results["recommendation"])
```

Public names are imported when they are first used, so that `import sweeper` is fast.
"""

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from sweeper.config import Origin as Origin
    from sweeper.config import Resolved as Resolved
    from sweeper.config import load_settings as load_settings
    from sweeper.curve import Curve as Curve
    from sweeper.curve import StopReason as StopReason
    from sweeper.errors import ConfigError as ConfigError
    from sweeper.errors import ExitStatus as ExitStatus
    from sweeper.errors import MachineError as MachineError
    from sweeper.errors import NothingTrained as NothingTrained
    from sweeper.errors import RunError as RunError
    from sweeper.errors import RunMismatch as RunMismatch
    from sweeper.errors import SweeperError as SweeperError
    from sweeper.errors import TargetError as TargetError
    from sweeper.errors import UsageError as UsageError
    from sweeper.events import AbstractView as AbstractView
    from sweeper.events import SilentView as SilentView
    from sweeper.findings import Finding as Finding
    from sweeper.findings import Severity as Severity
    from sweeper.job import Change as Change
    from sweeper.job import JobInfo as JobInfo
    from sweeper.job import OptimizerInfo as OptimizerInfo
    from sweeper.probe import Outcome as Outcome
    from sweeper.probe import OutcomeKind as OutcomeKind
    from sweeper.probe import Probe as Probe
    from sweeper.ranges import Cell as Cell
    from sweeper.ranges import Edge as Edge
    from sweeper.ranges import EdgeKind as EdgeKind
    from sweeper.ranges import Recommendation as Recommendation
    from sweeper.ranges import Row as Row
    from sweeper.ranges import SafeRange as SafeRange
    from sweeper.ranges import ScriptSetting as ScriptSetting
    from sweeper.ranges import Standing as Standing
    from sweeper.sampler import BoundarySampler as BoundarySampler
    from sweeper.settings import EarlierFits as EarlierFits
    from sweeper.settings import FailOn as FailOn
    from sweeper.settings import Length as Length
    from sweeper.settings import Search as Search
    from sweeper.settings import Settings as Settings
    from sweeper.space import OptimizerChoice as OptimizerChoice
    from sweeper.space import Space as Space
    from sweeper.sweep import FitsReport as FitsReport
    from sweeper.sweep import Plan as Plan
    from sweeper.sweep import RunResult as RunResult
    from sweeper.verdict import Evidence as Evidence
    from sweeper.verdict import Judged as Judged
    from sweeper.verdict import Label as Label
    from sweeper.verdict import Verdict as Verdict

__all__ = [
    "AbstractView",
    "BoundarySampler",
    "Cell",
    "Change",
    "ConfigError",
    "Curve",
    "EarlierFits",
    "Edge",
    "EdgeKind",
    "Evidence",
    "ExitStatus",
    "FailOn",
    "Finding",
    "FitsReport",
    "JobInfo",
    "Judged",
    "Label",
    "Length",
    "MachineError",
    "NothingTrained",
    "OptimizerChoice",
    "OptimizerInfo",
    "Origin",
    "Outcome",
    "OutcomeKind",
    "Plan",
    "Probe",
    "Recommendation",
    "Resolved",
    "Row",
    "RunError",
    "RunMismatch",
    "RunResult",
    "SafeRange",
    "ScriptSetting",
    "Search",
    "Settings",
    "Severity",
    "SilentView",
    "Space",
    "Standing",
    "StopReason",
    "SweeperError",
    "TargetError",
    "UsageError",
    "Verdict",
    "__version__",
    "load_settings",
]

_HOMES = {
    "config": (
        "Origin",
        "Resolved",
        "load_settings",
    ),
    "curve": (
        "Curve",
        "StopReason",
    ),
    "errors": (
        "ConfigError",
        "ExitStatus",
        "MachineError",
        "NothingTrained",
        "RunError",
        "RunMismatch",
        "SweeperError",
        "TargetError",
        "UsageError",
    ),
    "events": (
        "AbstractView",
        "SilentView",
    ),
    "findings": (
        "Finding",
        "Severity",
    ),
    "job": (
        "Change",
        "JobInfo",
        "OptimizerInfo",
    ),
    "probe": (
        "Outcome",
        "OutcomeKind",
        "Probe",
    ),
    "ranges": (
        "Cell",
        "Edge",
        "EdgeKind",
        "Recommendation",
        "Row",
        "SafeRange",
        "ScriptSetting",
        "Standing",
    ),
    "sampler": ("BoundarySampler",),
    "settings": (
        "EarlierFits",
        "FailOn",
        "Length",
        "Search",
        "Settings",
    ),
    "space": (
        "OptimizerChoice",
        "Space",
    ),
    "sweep": (
        "FitsReport",
        "Plan",
        "RunResult",
    ),
    "verdict": (
        "Evidence",
        "Judged",
        "Label",
        "Verdict",
    ),
}
"""The public names of each module."""


def _load(name: str) -> object:
    """The public name of the package, imported now; raises `AttributeError` when it is none."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"sweeper.{module}"), name)
    raise AttributeError(f"module 'sweeper' has no attribute {name!r}")


if not TYPE_CHECKING:  # type checkers take the names from the imports above, and so notice a wrong one
    __getattr__ = _load
