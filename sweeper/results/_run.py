"""How a run went and what it was pointed at."""

from sweeper.results._base import Amount, Count, Part, Texts
from sweeper.results._job import Job
from sweeper.run import RunState


class Target(Part):
    """What was probed."""

    path: str
    """The target as it was given: a script, a notebook, `-m package.module`, `module:function` or `file.py:name`."""
    arguments: tuple[str, ...]
    """The script's own arguments, those after `--`."""
    job: Job | None
    """What was found at the fit call; null when none was reached."""


class Environment(Part):
    """How, where and how far the run went."""

    run: str
    """Name of the run directory."""
    state: RunState
    """`complete`: every planned probe has an outcome. `incomplete` or `interrupted`: `sweeper resume` goes on.
    `failed`: nothing could be trained."""
    command: tuple[str, ...]
    """The command line that started the run."""
    created: str
    """When it began, ISO 8601 with zone."""
    seconds: Amount
    """Wall time of the run, resumed parts added up."""
    planned: Count
    """Probes in the plan, those without updates not counted; an estimate while a boundary search goes on."""
    limit: str
    """Which limit on time or probes ended the run; empty when none did."""
    machine: Texts
    """Facts about the machine by name."""
    backend: str | None
    """`tensorflow`, `jax` or `torch`; `command` where a command trains; null when no fit call was reached."""
    engine: str | None
    """How probes were run: `fit`, `graph` or `vector`, with what was added; null for a command and when no fit call
    was reached."""
    engine_reason: str
    """What was measured to choose it."""
    devices: tuple[str, ...]
    """Devices that trained."""
    versions: Texts
    """Versions of packages by name."""
