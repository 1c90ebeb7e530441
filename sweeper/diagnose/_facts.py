"""Facts about a script at its fit call, as plain values, so that every check is a pure function of them.

A worker takes these facts (`sweeper.examine`); the checks of this package read them and know nothing of Keras.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Shape: TypeAlias = tuple[int | None, ...]
"""A shape, the batch axis first; None for lengths that a model leaves open."""


class Kind(StrEnum):
    """What kind of values an array holds."""

    FLOAT = "float"
    INTEGER = "integer"
    BOOL = "bool"
    TEXT = "text"
    OBJECT = "object"
    """Python objects that are not all text: mixed columns, lists of different lengths."""


class Container(StrEnum):
    """What kind of object held the values."""

    ARRAY = "array"
    LIST = "list"
    """A Python list of numbers or lists, which Keras 3 takes for several inputs."""
    ELEMENTS = "elements"
    """A pipeline, generator or loader, of which some elements were taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NonFinite:
    """How many values of an array are not finite, and the first of them."""

    nans: int
    infinities: int
    first: tuple[int, ...]
    """Index of the first value that is not finite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Statistics of the columns (last axis) of an array of numbers, over the rows that were looked at."""

    smallest_std: float
    """Smallest standard deviation of a column that varies; 0 when none does."""
    largest_std: float
    narrow: int
    """Index of the column with `smallest_std`."""
    wide: int
    """Index of the column with `largest_std`."""
    constant: tuple[int, ...]
    """Indices of columns that hold one value only."""
    count: int
    farthest: float
    """Largest distance of a value from its column's median, in ranges between its quartiles; 0 where none is known."""
    farthest_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayFacts:
    """One array of inputs or labels."""

    name: str
    """`x`, `y`, `validation x`, with the key or number of the part where there are several."""
    shape: tuple[int, ...]
    """The shape, with the number of samples first; for `ELEMENTS` only those that were taken."""
    dtype: str
    kind: Kind
    container: Container = Container.ARRAY
    samples: int | None = None
    """Number of all samples; None when it is unknown, as for a pipeline without a known length."""
    looked_at: int = 0
    """Number of samples that the statistics are taken of."""
    beginning: bool = False
    """Whether only the first samples of a source were looked at, which may be sorted."""
    lengths: tuple[int, int] | None = None
    """Shortest and longest length, where samples are sequences of different lengths."""
    not_finite: NonFinite | None = None
    low: float | None = None
    """Smallest finite value; None where there are no numbers."""
    high: float | None = None
    mean: float | None = None
    std: float | None = None
    whole: bool = False
    """Whether all values are whole numbers."""
    one_hot: bool = False
    """Whether every row holds a single 1 and otherwise 0."""
    rows_sum_to_one: bool = False
    classes: tuple[tuple[float, int], ...] = ()
    """Distinct values with their counts, by value, where there are few of them and they are whole."""
    distinct: int | None = None
    """Distinct values; None where they were not counted."""
    trailing_zeros: float = 0.0
    """Share of the positions that are zeros at the end of a row, for two-dimensional whole numbers."""
    features: Features | None = None

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self.shape[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFacts:
    """One layer of the model or of a model nested in it."""

    name: str
    kind: str
    """Class name."""
    location: str = ""
    """`file:line` that makes it, in the person's own code; empty where it is not known."""
    activation: str = ""
    """Name of its activation function, `linear` for none; empty for layers without one."""
    weights: int = 0
    """Numbers in its own weights."""
    trainable: bool = True
    input_shape: Shape | None = None
    output_shape: Shape | None = None
    declared_shape: Shape | None = None
    """The `input_shape` that it was made with, batch first; None when it was made without."""
    rate: float | None = None
    """Rate of a dropout layer."""
    input_dim: int | None = None
    """Rows of an embedding."""
    mask_zero: bool | None = None
    """Whether an embedding masks zeros."""
    constant_kernel: float | None = None
    """The value that all numbers of its kernel have; None where they differ."""
    taken_by: tuple[str, ...] = ()
    """Class names of the layers that use its output, `output` for the model's own output; empty where not known."""
    compute_dtype: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFacts:
    """One input of the model."""

    name: str
    shape: Shape
    dtype: str
    embedded: int | None = None
    """Rows of the embedding that takes it directly; None when none does."""
    normalised: bool = False
    """Whether a layer that scales its input stands before the first one with weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossFacts:
    """The loss of one output."""

    name: str
    """Name of its function in Keras: `binary_crossentropy`."""
    from_logits: bool = False
    own: bool = False
    """Whether the person wrote it."""
    unaligned: bool = False
    """Whether Keras passes labels and outputs on unchanged; for plain functions it first makes their ranks equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadFacts:
    """One output of the model with its loss and labels."""

    name: str
    shape: Shape
    activation: str
    """Activation of the last layer that changes the values; empty where it is not known."""
    layer: str
    """Name of the last layer that changes the values."""
    location: str = ""
    """`file:line` that makes that layer."""
    loss: LossFacts | None = None
    """The loss in compile; None where there is none or more than one for this output."""
    labels: ArrayFacts | None = None
    metrics: tuple[str, ...] = ()
    """Names of the metrics as they were given to compile."""

    @property
    def units(self) -> int | None:
        """Length of the last axis."""
        return self.shape[-1] if len(self.shape) > 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """The model at its fit call."""

    name: str
    kind: str
    """`Sequential`, `Functional` or the name of the person's own class."""
    layers: tuple[LayerFacts, ...] = ()
    inputs: tuple[InputFacts, ...] = ()
    """Empty where the model is not built yet or is a class of the person's own."""
    heads: tuple[HeadFacts, ...] = ()
    """Empty where outputs, losses and labels could not be matched."""
    own_step: bool = False
    """Whether the person's class overrides the training step or the loss."""
    compiled: bool = True
    trainable: int = 0
    """Numbers in weights that training changes."""
    parameters: int = 0
    not_finite_weights: tuple[str, ...] = ()
    """Names of weights that hold NaN or infinity before this fit begins."""
    precision: str = "float32"
    """Keras's global dtype policy."""
    text_weights: tuple[str, ...] = ()
    """Strings that compile got as loss_weights, where numbers are expected."""


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
class Relation:
    """How well small learners predict the labels from the inputs, over the samples looked at."""

    samples: int
    features: int
    """Columns of the inputs that vary."""
    classes: int
    """0 for quantities."""
    others: int
    """Samples of all classes but the most frequent one; all samples for quantities."""
    chance: float
    """Accuracy of always predicting the most frequent class; for quantities, squared error of always predicting the
    mean."""
    explained: float
    """Share of the labels' variance that the best learner explains on samples it did not see; negative for none."""
    by_chance: float
    """Share of random orders of the labels in which a learner explains as much."""
    visible: float
    """Share of the variance that a single feature must explain to be detected nine times in ten."""
    chance_loss: float
    """The loss of the best constant prediction: the entropy of the classes, or the variance of the quantities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationFacts:
    """The validation data compared with the training data."""

    samples: int
    looked_at: int
    copies: int
    """Number of samples looked at that are also training samples, number for number."""
    shift: float | None = None
    """Largest distance between the means of one feature, in its standard deviations; None where it is not known."""
    shifted_column: int = 0
    class_shift: float | None = None
    """Half the summed distance of the classes' shares, from 0 for equal ones to 1; None where there are no classes."""
    missing_classes: tuple[float, ...] = ()
    """Classes of the validation labels that the training labels do not hold."""


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
    has_validation: bool = False
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
    """Traceback with the person's own lines only."""
    location: str
    """`file:line` of the innermost of the person's own lines."""
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
