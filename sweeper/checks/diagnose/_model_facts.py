"""Facts about the model at its fit call: layers, inputs, outputs with their losses."""

from dataclasses import dataclass

from sweeper.checks.diagnose._data_facts import ArrayFacts, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFacts:
    """One layer of the model or of a model nested in it."""

    name: str
    kind: str
    """Class name."""
    location: str = ""
    """`file:line` that makes it, in the user's own code; empty where it is not known."""
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
    """Whether the user wrote it."""
    unaligned: bool = False
    """Whether Keras passes labels and outputs on unchanged; for plain functions it first makes their ranks equal."""
    summed: bool = False
    """Whether it is the sum over the samples of a batch, and not their mean."""


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
    """`Sequential`, `Functional` or the name of the user's own class."""
    layers: tuple[LayerFacts, ...] = ()
    inputs: tuple[InputFacts, ...] = ()
    """Empty where the model is not built yet or is a class of the user's own."""
    heads: tuple[HeadFacts, ...] = ()
    """Empty where outputs, losses and labels could not be matched."""
    own_step: bool = False
    """Whether the user's class overrides the training step or the loss."""
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
