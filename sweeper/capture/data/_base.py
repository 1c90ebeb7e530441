"""What every kind of data of a fit call can do, and the values in which it answers.

A kind is one class in a file of its own, registered in `_kinds.py`. It recognises its data, gives samples in the order
of the script's own fit, and makes a feed: the script's own data for memory trials, in batches of any size.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from sweeper.capture.data._order import SampleOrder
from sweeper.capture.data._samples import Samples

Shapes: TypeAlias = tuple[tuple[int | None, ...], ...]
"""Shapes of the inputs of a model, the batch included; empty where they are not known."""
Alive: TypeAlias = Callable[[], None]
"""Called now and then while data is drawn."""
AfterPass: TypeAlias = Callable[[int], None]
"""Called with the number of each pass over the data, from 0, before the next one begins."""
Arguments: TypeAlias = dict[str, Any]
"""Arguments of fit by name."""

WIDEST_BATCH = 4
"""The default batch axis goes up to this many times the script's batch size."""


class UnusableData(Exception):
    """The data of a fit call cannot be sampled; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The arguments of a fit call that say what its batches are."""

    x: Any
    y: Any = None
    sample_weight: Any = None
    batch_size: int | None = None
    steps_per_epoch: int | None = None
    shuffle: Any = True
    class_weight: Any = None
    validation_split: float = 0.0
    """Part of arrays, at their end, that fit keeps for validation."""

    def adapted(self) -> Arguments:
        """The arguments that Keras's own adapters and iterators take, by name."""
        names = ("x", "y", "sample_weight", "batch_size", "steps_per_epoch", "shuffle", "class_weight")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much may be taken."""

    nbytes: int
    samples: int | None = None
    """Most samples; None leaves it to `steps`."""
    elements: int | None = None
    """Most elements of data that comes in batches, to look at; None leaves it to the others."""
    steps: int | None = None
    """Steps of the longest probe; None asks for as many samples as there are."""
    times: int = 1
    """How many times as much may be taken of a source that has an end: a longer probe shall pass over all of it."""

    def most(self, batch_size: int) -> int | None:
        """Samples that are enough for every probe of the default axes, given the script's batch size."""
        if self.samples is not None:
            return self.samples * self.times
        return None if self.steps is None else self.steps * batch_size * WIDEST_BATCH * self.times


LOOK = Bounds(nbytes=1 << 28, samples=32, steps=1)
"""How much is taken to look at: a batch of Keras's default size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenData:
    """Samples with what is known of their source."""

    samples: Samples
    available: int | None
    """Samples that the source holds; None when that is unknown."""
    batch_size: int | None
    """Samples in a batch of the script's own fit; None where elements could not be split into samples."""
    cut: bool
    """Whether the source had more than was taken."""
    whole_reason: str = ""
    """Why elements could not be split into samples; empty when they could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """Samples to train on, with what is known of their source."""

    samples: Samples
    order: SampleOrder
    available: int | None
    """Samples that the source holds; None when that is unknown."""
    kind: str
    """What the source is, in a word or two."""
    cut: bool
    """Whether the source had more than was taken."""
    slow_seconds: float | None = None
    """How long drawing took where it was ended for that."""
    fixed: str = ""
    """Why the batch size cannot be varied; empty when it can, or may."""
    regroups: bool = True
    """Whether the data alone shows that other batches may be made of its samples; else losses must show it."""
    asked: str = ""
    """The line of the script that asks the model while batches are drawn; empty where none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Largest:
    """The largest sample that was found."""

    row: Any
    """A batch that holds it alone, as the script's pipeline would yield it."""
    nbytes: int
    found: str
    """How it was found, in words."""


class AbstractFeed(ABC):
    """The data of a fit call, in batches of any size: the seam between memory trials and the kinds of data.

    A feed hands the script's own data to the script's own fit. It is not a copy of it, as `Samples` are: what the data
    costs in memory is part of what a trial measures.
    """

    samples: int | None = None
    """Samples in one pass; None where that is not known."""
    endless: bool = False
    """Whether a pass never ends."""
    drops_remainder: bool = False
    """Whether the last smaller batch of a pass is left out."""
    how: str = ""
    """How other batch sizes come about, in one sentence; empty where it is only a number in the fit call."""

    @abstractmethod
    def at(self, batch_size: int) -> Arguments:
        """The arguments of fit that give all of the script's data in batches of this size."""

    @abstractmethod
    def few(self, sizes: tuple[int, ...]) -> Arguments:
        """The arguments of fit that give only a few batches, the first of the largest of `sizes`."""

    @abstractmethod
    def copies(self, largest: Largest, batch_size: int, batches: int) -> Arguments:
        """The arguments of fit that give batches of copies of one sample."""

    @abstractmethod
    def find_largest(self) -> Largest | None:
        """The largest sample of a short look through the data; None where all have one size."""

    def steps(self, batch_size: int) -> int | None:
        """Steps in one pass; None where that is not known or a pass never ends."""
        if self.samples is None or self.endless:
            return None
        return self.samples // batch_size if self.drops_remainder else -(-self.samples // batch_size)

    def partial(self, batch_size: int) -> int:
        """Samples in the last smaller batch of a pass; 0 where there is none or it is not known."""
        return 0 if self.samples is None or self.drops_remainder else self.samples % batch_size


class AbstractData(ABC):
    """What a fit call was given to train or to validate on, as data of one kind."""

    kind: ClassVar[str]
    """What it is, in a word or two."""

    def __init__(self, given: Given) -> None:
        self.given = given

    @staticmethod
    @abstractmethod
    def recognises(x: Any) -> bool:
        """Whether `x`, as fit gets it, is data of this kind."""

    @abstractmethod
    def parts(self) -> tuple["AbstractData", "AbstractData | None"]:
        """What is trained on, and what `validation_split` keeps of it for validation; raises what Keras raises."""

    @abstractmethod
    def training(
        self, model: Any, bounds: Bounds, *, shapes: Shapes, alive: Alive, after_pass: AfterPass
    ) -> TrainingData:
        """Samples to train on, in the order and the batches of the script's own fit.

        Raises `UnusableData`, or what Keras raises on arguments that do not fit together.
        """

    @abstractmethod
    def taken(self, bounds: Bounds, *, shapes: Shapes, keep_order: bool = False) -> TakenData:
        """Samples as they come; of arrays that are too many a random part, or with `keep_order` the first ones."""

    @abstractmethod
    def look(self, shapes: Shapes) -> TakenData:
        """A few samples of the beginning; all of them come again."""

    @abstractmethod
    def feed(self, own: int, *, fixed: bool) -> AbstractFeed:
        """The data for memory trials: at the script's own batch size only where it is `fixed`, else at any."""

    def why_fixed(self) -> str:
        """Why it comes in batches of one size only; empty where no reason is known."""
        return ""

    def shuffles_with(self, other: "AbstractData") -> bool:
        """Whether each pass over this data draws another order for the next pass over the other, and the reverse."""
        del other
        return False
