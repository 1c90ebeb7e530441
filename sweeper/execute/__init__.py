"""Workers: a launcher starts them, a pool hears them and notices how they end, an executor gives them probes."""

from sweeper.execute._base import AbstractExecutor as AbstractExecutor
from sweeper.execute._base import AbstractTasks as AbstractTasks
from sweeper.execute._base import Happened as Happened
from sweeper.execute._base import Lost as Lost
from sweeper.execute._base import StopLevel as StopLevel
from sweeper.execute._base import Task as Task
from sweeper.execute._cgroups import MemoryGroup as MemoryGroup
from sweeper.execute._cgroups import memory_groups as memory_groups
from sweeper.execute._fake import FakeExecutor as FakeExecutor
from sweeper.execute._launcher import AbstractChild as AbstractChild
from sweeper.execute._launcher import AbstractLauncher as AbstractLauncher
from sweeper.execute._launcher import Exit as Exit
from sweeper.execute._local import LocalLauncher as LocalLauncher
from sweeper.execute._local import oom_kills as oom_kills
from sweeper.execute._output import last_lines as last_lines
from sweeper.execute._output import left_before_fit as left_before_fit
from sweeper.execute._output import log_tail as log_tail
from sweeper.execute._output import with_output as with_output
from sweeper.execute._pool import Ended as Ended
from sweeper.execute._pool import Pool as Pool
from sweeper.execute._pool import Retries as Retries
from sweeper.execute._pool import Timeouts as Timeouts
from sweeper.execute._pool import Worker as Worker
from sweeper.execute._probes import ProbeExecutor as ProbeExecutor
from sweeper.execute._slots import Slot as Slot
from sweeper.execute._slots import make_slots as make_slots

__all__ = [
    "AbstractChild",
    "AbstractExecutor",
    "AbstractLauncher",
    "AbstractTasks",
    "Ended",
    "Exit",
    "FakeExecutor",
    "Happened",
    "LocalLauncher",
    "Lost",
    "MemoryGroup",
    "Pool",
    "ProbeExecutor",
    "Retries",
    "Slot",
    "StopLevel",
    "Task",
    "Timeouts",
    "Worker",
    "last_lines",
    "left_before_fit",
    "log_tail",
    "make_slots",
    "memory_groups",
    "oom_kills",
    "with_output",
]
