"""Executors: they place workers, hand out probes and bring back outcomes, whatever happens to the processes."""

from sweeper.execute._base import AbstractExecutor as AbstractExecutor
from sweeper.execute._base import AbstractWork as AbstractWork
from sweeper.execute._base import StopLevel as StopLevel
from sweeper.execute._base import Task as Task
from sweeper.execute._fake import FakeExecutor as FakeExecutor
from sweeper.execute._local import LocalExecutor as LocalExecutor
from sweeper.execute._local import Timeouts as Timeouts
from sweeper.execute._memory_limits import device_limit as device_limit
from sweeper.execute._memory_limits import host_limit as host_limit
from sweeper.execute._slots import Slot as Slot
from sweeper.execute._slots import make_slots as make_slots
from sweeper.execute._trials import TrialOrder as TrialOrder
from sweeper.execute._trials import TrialResult as TrialResult
from sweeper.execute._trials import TrialRunner as TrialRunner

__all__ = [
    "AbstractExecutor",
    "AbstractWork",
    "FakeExecutor",
    "LocalExecutor",
    "Slot",
    "StopLevel",
    "Task",
    "Timeouts",
    "TrialOrder",
    "TrialResult",
    "TrialRunner",
    "device_limit",
    "host_limit",
    "make_slots",
]
