"""Every error that sweeper raises on purpose, and the exit status that each one means.

```
SweeperError                      1
├── UsageError                    2   wrong option, config, target or run directory
│   ├── ConfigError               2   a config key or value
│   ├── TargetError               2   the target cannot be opened or understood
│   └── RunError                  2   the run directory is missing, foreign or damaged
│       └── RunMismatch           2   resume asked for with another script or version
├── NothingTrained                5   the target reached no fit, or no probe could train
├── MachineError                  6   what the machine lacks: disk, device, package
└── Interrupted                 130   the user stopped it before there was anything to keep
```

The library raises; only `sweeper.cli` prints and exits. What goes wrong inside one probe is not an
error but an `Outcome`: a probe that crashes is a result.
"""

from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit statuses of the `sweeper` command."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    GATE_FAILED = 3
    INCOMPLETE = 4
    NOTHING_TRAINED = 5
    MACHINE = 6
    INTERRUPTED = 130


class SweeperError(Exception):
    """Base of every error that sweeper raises on purpose."""

    exit_status = ExitStatus.INTERNAL


class UsageError(SweeperError):
    """The request is not possible as it was made."""

    exit_status = ExitStatus.USAGE


class ConfigError(UsageError):
    """A config key is unknown or its value is not allowed."""


class TargetError(UsageError):
    """The target cannot be opened or understood."""


class RunError(UsageError):
    """The run directory is missing, belongs to something else, or is damaged."""


class RunMismatch(RunError):
    """A run cannot be resumed, since its script or versions have changed."""


class NothingTrained(SweeperError):
    """The target reached no fit, or no probe could train."""

    exit_status = ExitStatus.NOTHING_TRAINED


class MachineError(SweeperError):
    """The machine lacks what is needed: disk, device or package."""

    exit_status = ExitStatus.MACHINE


class Interrupted(SweeperError):
    """The user stopped it before there was anything to keep."""

    exit_status = ExitStatus.INTERRUPTED
