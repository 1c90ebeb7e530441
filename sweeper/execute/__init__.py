"""Workers: a launcher starts them, a pool hears them and notices how they end, an executor gives them probes."""

from sweeper.execute._base import AbstractExecutor as AbstractExecutor
from sweeper.execute._base import AbstractTasks as AbstractTasks
from sweeper.execute._base import Happened as Happened
from sweeper.execute._base import Lost as Lost
from sweeper.execute._base import StopLevel as StopLevel
from sweeper.execute._base import Task as Task
from sweeper.execute._fake import FakeExecutor as FakeExecutor
from sweeper.execute._launcher import AbstractChild as AbstractChild
from sweeper.execute._launcher import AbstractLauncher as AbstractLauncher
from sweeper.execute._launcher import Exit as Exit
from sweeper.execute._local import LocalLauncher as LocalLauncher
from sweeper.execute._memory_limits import device_limit as device_limit
from sweeper.execute._memory_limits import host_limit as host_limit
from sweeper.execute._pool import Timeouts as Timeouts
from sweeper.execute._probes import ProbeExecutor as ProbeExecutor
from sweeper.execute._slots import Slot as Slot
from sweeper.execute._slots import make_slots as make_slots
from sweeper.execute._trials import TrialOrder as TrialOrder
from sweeper.execute._trials import TrialResult as TrialResult
from sweeper.execute._trials import TrialRunner as TrialRunner

__all__ = [
    "AbstractChild",
    "AbstractExecutor",
    "AbstractLauncher",
    "AbstractTasks",
    "Exit",
    "FakeExecutor",
    "Happened",
    "LocalLauncher",
    "Lost",
    "ProbeExecutor",
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
