"""The data of a fit call at any batch size: the seam between memory trials and the kinds of data.

A feed hands the script's own data to the script's own fit. It is not a copy of it, as `Samples` are: what the data
costs in memory is part of what a trial measures.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, TypeAlias

Arguments: TypeAlias = dict[str, Any]
"""Arguments of fit by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Largest:
    """The largest sample that was found."""

    row: Any
    """A batch that holds it alone, as the script's pipeline would yield it."""
    nbytes: int
    found: str
    """How it was found, in words."""


class AbstractFeed(ABC):
    """The data of a fit call, in batches of any size."""

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
