"""Facts about a script at its fit call, as plain values, so that every check is a pure function of them.

A worker takes these facts (`sweeper.checks.worker`); the checks of this package read them and know nothing of Keras.
"""

from dataclasses import dataclass
from enum import StrEnum

from sweeper.checks.diagnose._data_facts import ArrayFacts, Relation, Shape, ValidationFacts
from sweeper.checks.diagnose._model_facts import ModelFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RateFacts:
    """The optimizer and its learning rate."""

    optimizer: str
    """Class name."""
    rate: float | None
    """The peak of a schedule; None when it cannot be read."""
    schedule: str = ""
    """Class name of a schedule or of a callback that sets the rate; empty without one."""
    clips: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """The fit call."""

    location: str
    compiled_at: str = ""
    """`file:line` of compile; empty where it is not known."""
    epochs: int = 1
    batch_size: int | None = None
    steps_per_epoch: int | None = None
    batches: int | None = None
    """Batches in the data; None when unknown or endless."""
    earlier_fits: int = 0
    """Number of fit calls before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndFacts:
    """An end of an output's range at which the loss, or its gradient, is not finite."""

    head: str
    """Name of the output."""
    end: str
    """The output's value at that end; for a layer without an activation, the logit."""
    loss: float
    finite_gradient: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerStep:
    """One layer with weights in the first training step."""

    name: str
    location: str
    activation: str
    weight_norm: float
    gradient_norm: float | None
    """None where no gradient reaches it."""
    dead: float | None = None
    """Share of the units of a ReLU that are 0 for every sample of the batch; None for other layers."""
    saturated: float | None = None
    """Share of the outputs of a sigmoid or tanh that are saturated; None for other layers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """Loss, gradients and activations on a first batch, before any update."""

    loss: float | None
    """Loss of the untrained model, without losses that layers add."""
    layers: tuple[LayerStep, ...] = ()
    """From input to output."""
    samples: int = 0
    broken: "BrokenWeights | None" = None
    """Weights that one update makes NaN at any rate; None where there are none."""

    def certain(self) -> "StepFacts":
        """The facts that are worth a finding even where training works."""
        return StepFacts(loss=None, samples=self.samples, broken=self.broken)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenWeights:
    """Weights that a first update at a rate of nearly 0 makes NaN or infinite, although the loss is finite."""

    names: tuple[str, ...]
    by_gradient: bool
    """Whether their gradient is not finite either; else the optimizer's update makes them so."""
    zeros: float
    """Share of the first weight's gradient that is exactly 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedFacts:
    """Loss, weights and outputs after a few steps of the script's own fit."""

    steps: int
    first_loss: float | None
    """Loss of the first step."""
    last_loss: float | None
    """Loss of the last step."""
    not_finite_weights: tuple[str, ...] = ()
    """Names of weights that hold NaN or infinity after these steps."""
    one_output: float | None = None
    """The first output value, where different samples all get equal outputs; None where they differ or are unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All facts about a script at its fit call; those that are not known are empty or None."""

    call: CallFacts
    model: ModelFacts
    rate: RateFacts | None = None
    inputs: tuple[ArrayFacts, ...] = ()
    labels: tuple[ArrayFacts, ...] = ()
    validation: ValidationFacts | None = None
    relation: Relation | None = None
    step: StepFacts | None = None
    trained: TrainedFacts | None = None
    ends: tuple[EndFacts, ...] | None = None
    """Ends of the outputs' range at which the loss is not finite; None where that was not checked."""
    unscaled_by: float | None = None
    """The loss scale by which the optimizer divides gradients of a loss that was not multiplied by it, if any."""
    unknown: tuple[tuple[str, str], ...] = ()
    """Facts that are not known, and why."""


class Stage(StrEnum):
    """How far a script had come when it raised an exception."""

    BEFORE_FIT = "before fit"
    IN_FIT = "in fit"
    AFTER_FIT = "after fit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An exception that the script raised, as plain values."""

    kinds: tuple[str, ...]
    """Names of its class and of the bases of that class."""
    message: str
    stage: Stage
    traceback: str
    """Traceback with the user's own lines only."""
    location: str
    """`file:line` of the innermost of the user's own lines."""
    source: str = ""
    """Text of that line."""
    method: str = ""
    """Method of a Keras model that raised it: `fit`, `predict`, `evaluate`; empty for none."""
    given: tuple[int, ...] | None = None
    """Shape of the inputs that the method was given."""
    wanted: Shape | None = None
    """Shape of the inputs that the model takes."""

    @property
    def kind(self) -> str:
        """The name of the exception's class."""
        return self.kinds[0]
