"""What a person can ask of a run: the resolved options, whatever they came from."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from sweeper.job import Engine
from sweeper.space import OptimizerChoice


class Search(StrEnum):
    """Ways to choose the probes of a run."""

    BOUNDARY = "boundary"
    """Only what brackets the edges of each row and then narrows them down."""
    GRID = "grid"
    """Every combination of the axes."""


class EarlierFits(StrEnum):
    """What happens to fit calls that come before the chosen one."""

    SHORT = "short"
    """They train for a few steps, so that the script goes on at once."""
    FULL = "full"
    """They train as the script says."""


class FailOn(StrEnum):
    """Conditions that make `sweeper` exit with status 3."""

    UNSAFE = "unsafe"
    """The script's own setting is not in a safe range."""
    NO_SAFE_RANGE = "no-safe-range"
    """No row of the map has a safe range."""
    ANY_FAILURE = "any-failure"
    """A probe crashed, ran out of memory or time, or raised an error."""
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How long a probe trains. Exactly one field is set."""

    steps: int | None = None
    epochs: float | None = None
    """Passes over the samples that probes draw from."""
    seconds: float | None = None
    """Turned into steps by timing a few, once for the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRange:
    """Learning rates of which only the ends were given; the search chooses those between."""

    low: float
    high: float


DEFAULT_STEPS = 200
"""Updates of a probe; 93% of the divergences of 12,000 long runs showed within their first 2%."""

DEFAULT_RESOLUTION = 0.1
"""Decades, a factor of 1.26: finer than edges are sharp from one seed to the next."""


AUTO: Literal["auto"] = "auto"
"""Stands for a value that sweeper works out."""

SCRIPT_BATCH_SIZE = 0
"""Stands on the batch-size axis for the script's own batch size, as `script` does on the optimizer axis."""
AUTO_BATCH_SIZES = -1
"""Stands for a batch-size axis up to the largest size that fits in memory; it is alone on the axis."""
RECOMMENDED_BATCH_SIZE = -2
"""Stands for the batch size that a search for memory and throughput recommends; it is alone on the axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every option of a run. None means that sweeper decides, from the job and the machine."""

    target: str
    """`train.py`, `module:function`, `file.py:function`, `file.py:HyperModelClass` or `file.py:build_model`."""
    script_args: tuple[str, ...] = ()
    fit: str | None = None
    """Number (`2`) or place (`train.py:88`) of the fit call; None is the first."""
    data: str | None = None
    """`file.py:function` or `module:function` that returns fit arguments, for targets that only build a model."""
    earlier_fits: EarlierFits = EarlierFits.SHORT

    learning_rates: tuple[float, ...] | RateRange | None = None
    """Ascending, each rounded to six significant digits, or the range in which a search begins."""
    optimizers: tuple[OptimizerChoice, ...] | None = None
    batch_sizes: tuple[int, ...] | None = None
    """Ascending; `SCRIPT_BATCH_SIZE` stands for the script's own. Or one of `AUTO_BATCH_SIZES` and
    `RECOMMENDED_BATCH_SIZE`, which a memory search turns into sizes."""
    seeds: int | None = None
    """Trainings of each setting; of a boundary search at most so many, where an edge is contested."""
    length: Length = Length(steps=DEFAULT_STEPS)
    job_steps: int | None = None
    """Updates of the long job at the script's own batch size; None takes the script's own epochs."""
    search: Search | None = None
    """None is the grid for rates that were listed, else the boundary search."""
    resolution: float = DEFAULT_RESOLUTION
    """Decades between neighbouring rates of a boundary search."""
    budget_s: float | None = None
    """Time for the probes of one sitting, from the first one's start."""
    max_probes: int | None = None
    """Most probes of the run, null probes not counted."""

    overfit: bool = False
    """Whether to train once at length at the recommended setting, to see whether it overfits."""
    warmup: int | Literal["auto"] | None = None
    """Updates of a warm-up to search the recommended row with once more; None leaves that out."""
    clipnorm: float | Literal["auto"] | None = None
    """Global norm to clip gradients to, to search the recommended row with once more; None leaves that out."""

    memory_limit_bytes: int | None = None
    """Memory that a training may take; None is what is free."""
    headroom: float | None = None
    """Part of the limit that the largest batch size leaves free; None is 0.1, and 0.15 under XLA."""
    max_batch_size: int | None = None
    other_limits_bytes: tuple[int, ...] = ()
    """Other amounts of memory to predict the largest batch size for."""
    effective_batch: int | None = None
    """Batch size to reach, by accumulating gradients if it does not fit at once."""
    compare_precision: bool = False
    """Whether to compare memory, speed and verdicts with mixed precision at the recommended batch size."""
    memory_only: bool = False
    """Whether to end after the memory search, without probes."""
    precision: str | None = None
    """Global dtype policy of Keras that is set before the script runs; None leaves it to the script."""

    workers: int | None = None
    gpus: str = "auto"
    """`auto`, `none`, or device numbers such as `0,1`."""
    engine: Engine = Engine.AUTO
    backend: str | None = None
    """KERAS_BACKEND for the workers; None leaves the script's or the environment's choice."""
    max_sample_bytes: int | None = None
    probe_timeout_s: float | None = None
    """Longest time for one probe; None is no limit as long as steps go on (five minutes without one end it)."""
    start_timeout_s: float = 1800.0
    """Longest time for a script to reach its fit call."""

    out: str | None = None
    """Run directory; None is `runs/<script>-<time>`."""
    storage: str | None = None
    """Optuna storage URL; None is a journal file in the run directory."""
    study: str | None = None
    """Name of the Optuna study; None is the run directory's name."""
    fail_on: tuple[FailOn, ...] = (FailOn.NEVER,)
    ignore: tuple[str, ...] = ()
    """Codes of findings that are not to be shown."""

    @property
    def searches_memory(self) -> bool:
        """Whether the batch-size axis comes from a memory search."""
        return self.batch_sizes in {(AUTO_BATCH_SIZES,), (RECOMMENDED_BATCH_SIZE,)}
