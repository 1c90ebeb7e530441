"""The child process that runs a target, takes over at its fit call and then runs probe after probe."""

from sweeper.worker._entry import Link as Link
from sweeper.worker._entry import leave as leave
from sweeper.worker._entry import main as main
from sweeper.worker._memory_errors import is_out_of_memory as is_out_of_memory
from sweeper.worker._memory_errors import may_be_out_of_memory as may_be_out_of_memory

__all__ = ["Link", "is_out_of_memory", "leave", "main", "may_be_out_of_memory"]
