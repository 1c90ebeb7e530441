"""Facts about a captured job, for the driver; the job itself never leaves its worker."""

from dataclasses import dataclass
from enum import StrEnum

from sweeper.findings import Finding
from sweeper.space import OptionValue

COMMAND = "command"
"""Model and backend of a job that is a command: what trains there is not looked into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerInfo:
    """The script's own optimizer as it was found at the fit site."""

    name: str
    """Class name, such as `Adam`; several are joined with ` + `."""
    learning_rate: float | None
    """The rate at the fit site, or the peak of its schedule or of a callback that sets it; None when not known."""
    unknown: str = ""
    """Why its rate in the script's training is not known, where a callback or a schedule hides it."""
    schedule: str = ""
    """Class name of the learning-rate schedule or rate callback that probing replaced; empty without one."""
    settings: tuple[tuple[str, OptionValue], ...] = ()
    """Its other settings, those that differ from Keras's defaults first."""
    only: str = ""
    """Why no other optimizer can be probed, such as a custom train_step with two; empty when others can."""


class Engine(StrEnum):
    """Ways to run a probe."""

    AUTO = "auto"
    """Whichever engine is measured to be fastest and trains as the reference does."""
    FIT = "fit"
    """Keras's own `fit` with a recorder: the reference, for every backend and every script."""
    GRAPH = "graph"
    """TensorFlow: many steps inside one traced function."""
    LOOP = "loop"
    """The script's own training loop, which sweeper holds between probes; for scripts that never call `fit`."""
    VECTOR = "vector"
    """JAX: the steps in one scan, and several learning rates as one program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """The engine that runs the probes of a job."""

    name: Engine
    xla: bool = False
    """Whether it compiles the step with XLA although the script may not."""
    stepwise: bool = False
    """Whether `vector` runs steps one by one, as loops over convolutions are slow on CPUs."""
    lanes: int = 1
    """Probes that train at once as one program, at the script's batch size."""
    reason: str = ""
    """Why it was chosen, with the measurements."""

    @property
    def text(self) -> str:
        """The engine in words."""
        how = [text for on, text in ((self.xla, "with XLA"), (self.stepwise, "step by step")) if on]
        return " ".join([self.name, *how, *([f"with {self.lanes} lanes"] if self.lanes > 1 else [])])

    def lanes_at(self, batch_size: int, *, own: int) -> int:
        """How many probes to train at once at a batch size, given that memory allows `lanes` at the script's `own`."""
        return max(1, self.lanes * own // max(own, batch_size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that probing does differently from the script."""

    what: str
    """What was changed or ignored, such as `callbacks`."""
    detail: str
    """One sentence that says how and why."""


NOTEBOOK = "notebook"
"""What the change is called that lists what of a notebook was not executed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialWeights:
    """How many parameters of a model begin drawn at random, constant or otherwise; together they are all."""

    drawn: int
    """Parameters that initializers drew at random; another seed draws others."""
    constant: int
    """Parameters that begin as zeros, ones or another constant, whatever the seed."""
    kept: int
    """All other parameters, such as loaded or trained ones; every seed begins with the script's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInfo:
    """Facts about a captured job."""

    fit_site: str
    """`file:line` of the fit call, or of the first update of a loop, as the user would name it; or a command."""
    fit_number: int
    """1 for the first fit site that the target reaches."""
    model: str
    """Name and class of the model."""
    parameters: int
    trainable_parameters: int
    initial_weights: InitialWeights | None = None
    """None in older runs, in which every seed began with the script's own weights."""
    loss: str
    optimizer: OptimizerInfo
    batch_size: int
    """Samples a step at the fit site."""
    batch_size_fixed: str = ""
    """Why the batch size cannot be varied; empty when it can."""
    epochs: int | None = None
    train_samples: int
    """Samples that probes draw from; 0 where that is unknown, as in a loop of the script's own and of a command."""
    whole_elements: bool = False
    """Whether a sample is a whole element of the script's pipeline, because elements cannot be split."""
    train_samples_available: int | None = None
    """Samples that the script trains on; None when unknown (an endless pipeline)."""
    val_samples: int
    """Samples that the validation loss is measured on; 0 when it cannot be."""
    val_source: str
    """Where validation samples come from: `validation_data`, `validation_split`, `held out`, or why there are none."""
    sample_bytes: int
    """Bytes of all samples that were taken."""
    constant_loss: float | None = None
    """Training loss of the best constant prediction; None when it is not known for this loss."""
    backend: str
    """`tensorflow`, `jax` or `torch`; `command` where a command trains."""
    devices: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    """Packages with their versions."""
    trace_seconds: float | None = None
    """Time to trace the training step, measured once; None when it could not be timed."""
    step_seconds: float | None = None
    """Median time of one step at the script's batch size, measured on a few; None when it could not be timed."""
    most_steps: int | None = None
    """Steps after which the training ends by itself, so that no probe can be longer; None when it goes on."""
    engine: EngineInfo = EngineInfo(name=Engine.FIT)
    rehearsal: str = ""
    """A sentence on whether the script's own first steps and those of a probe agree; empty when not compared."""
    changes: tuple[Change, ...] = ()
    suspicions: tuple[Finding, ...] = ()
    """Findings from a first batch on the untrained model, which count only if nothing trains."""

    @property
    def own_loop(self) -> bool:
        """Whether the script trains in a loop of its own."""
        return self.engine.name is Engine.LOOP

    @property
    def is_command(self) -> bool:
        """Whether a command trains, of which only the reported losses are known."""
        return self.model == COMMAND
