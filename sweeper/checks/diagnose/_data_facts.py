"""Facts about the data that a fit call is given: inputs, labels and validation data."""

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
    trailing_zeros: float = 0.0
    """Share of the positions that are zeros at the end of a row, for two-dimensional whole numbers."""
    features: Features | None = None

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self.shape[1:]


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
