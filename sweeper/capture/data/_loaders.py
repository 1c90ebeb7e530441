"""A data loader of torch or grain that was given to fit."""

from collections.abc import Iterator
from typing import Any

from sweeper.capture.data._base import AbstractFeed, Arguments, Largest
from sweeper.capture.data._batches import AbstractBatches
from sweeper.capture.data._largest import find_largest
from sweeper.capture.data._order import Reshuffle
from sweeper.capture.data._python_batches import AbstractPythonFeed, as_arrays, rebatched

_NAMES = {"DataLoader", "MapDataset", "IterDataset"}
_SETTINGS = (
    *("num_workers", "collate_fn", "pin_memory", "drop_last", "timeout", "worker_init_fn"),
    *("multiprocessing_context", "generator", "prefetch_factor", "persistent_workers"),
)


class Loader(AbstractBatches):
    """A data loader."""

    kind = "data loader"

    @staticmethod
    def recognises(x: Any) -> bool:
        return any(base.__name__ in _NAMES for base in type(x).__mro__) and hasattr(x, "__iter__")

    def length(self) -> int | None:
        return _length(self.given.x)

    def reshuffle(self) -> Reshuffle:
        draws = type(getattr(self.given.x, "sampler", None)).__name__ == "RandomSampler"
        return Reshuffle.SAMPLES if draws else Reshuffle.NOTHING

    def resizable(self, own: int) -> AbstractFeed:
        return _LoaderFeed(self.given.x, own)


class _LoaderFeed(AbstractPythonFeed):
    """The script's own loader, or one made with its settings."""

    how = "other batch sizes are made by a loader with the same settings"

    def __init__(self, loader: Any, own: int) -> None:
        self._own = own
        self._loader = loader
        self._can_make = _torch_class(loader) is not None and isinstance(loader.batch_size, int)
        count = _length(loader.dataset if self._can_make else loader)
        self.samples = count if self._can_make or count is None else count * own
        self.drops_remainder = bool(getattr(loader, "drop_last", False))
        if not self._can_make:
            self.how = "other batch sizes are put together from the loader's own batches"

    def at(self, batch_size: int) -> Arguments:
        if batch_size == self._own:
            return {"x": self._loader}
        return {"x": self._made(batch_size) if self._can_make else rebatched(self._again_and_again(), batch_size)}

    def first(self, batch_size: int) -> Any:
        return next(iter(self.at(batch_size)["x"]))

    def find_largest(self) -> Largest | None:
        return find_largest(map(as_arrays, self._loader))

    def steps(self, batch_size: int) -> int | None:
        # What is put together goes on over the end of a pass.
        return super().steps(batch_size) if self._can_make or batch_size == self._own else None

    def _again_and_again(self) -> Iterator[Any]:
        while True:
            yield from self._loader

    def _made(self, batch_size: int) -> Any:
        settings = {name: getattr(self._loader, name) for name in _SETTINGS if hasattr(self._loader, name)}
        # An iterable has nothing to sample from; torch puts a stand-in there that it does not take back.
        if type(self._loader.sampler).__name__ != "_InfiniteConstantSampler":
            settings["sampler"] = self._loader.sampler
        make: Any = _torch_class(self._loader)
        return make(self._loader.dataset, batch_size=batch_size, **settings)


def _torch_class(loader: Any) -> Any:
    """The class of torch's loaders, if this is one; None for others."""
    return next((kind for kind in type(loader).__mro__ if kind.__module__.startswith("torch.utils.data")), None)


def _length(sized: Any) -> int | None:
    """The length of a loader or of its dataset; None for one that only knows its end when it comes."""
    try:
        return len(sized)
    except (TypeError, NotImplementedError):
        return None
