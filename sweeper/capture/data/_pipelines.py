"""A script's `tf.data` pipeline: what its steps say of its batches, and the same pipeline at another batch size.

What the pipeline does after its batching is done again behind a batching of the new size. Augmentation of whole
batches, shuffle buffers and prefetch buffers then hold batches of that size, as they would if the user changed the
number in the script. Steps that count batches, as `take` and `skip` do to split off a validation set, keep the samples
that they have at the script's own size: behind them batches are put together again. So are the finished batches where
one of the steps is not known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sweeper.capture.data._base import AbstractData, AbstractFeed, Arguments, Largest
from sweeper.capture.data._batches import AbstractBatches
from sweeper.capture.data._largest import find_largest
from sweeper.capture.data._order import Reshuffle

_NAMES = {"DatasetV2", "DistributedDataset", "DistributedDatasetsFromFunction"}
_ENDLESS = -1
"""What TensorFlow gives as the number of elements of a pipeline without an end."""


class Pipeline(AbstractBatches):
    """A `tf.data.Dataset`, or a distributed one."""

    kind = "tf.data pipeline"

    @staticmethod
    def recognises(x: Any) -> bool:
        return any(base.__name__ in _NAMES for base in type(x).__mro__)

    def resizable(self, own: int) -> AbstractFeed:
        return _PipelineFeed(self.given.x, own)

    def length(self) -> int | None:
        dataset = self.given.x
        size = int(dataset.cardinality()) if callable(getattr(dataset, "cardinality", None)) else _ENDLESS
        return size if size >= 0 else None

    def splits_again(self) -> bool:
        return _splits_again(self.given.x)

    def drops_remainder(self) -> bool:
        return _drops_remainder(self.given.x)

    def reshuffle(self) -> Reshuffle:
        return _reshuffles(self.given.x)

    def why_fixed(self) -> str:
        if "Distributed" in type(self.given.x).__name__:
            return "the data is a distributed dataset, whose batches were made for the script's own batch size"
        return ""

    def shuffles_with(self, other: AbstractData) -> bool:
        # `take` and `skip` of a shuffled pipeline read the same shuffling step.
        others = {id(step) for step in _steps(other.given.x)} if isinstance(other, Pipeline) else set()
        return any(id(step) in others and type(step).__name__ == "_ShuffleDataset" for step in _steps(self.given.x))


class _PipelineFeed(AbstractFeed):
    """The script's own pipeline; other batch sizes are made inside of it where its steps are known."""

    def __init__(self, dataset: Any, own: int) -> None:
        self._dataset = dataset
        self._own = own
        chain = _chain_of(dataset)
        self._chain: _Chain | None = chain if chain is not None and chain.batch_size == own else None
        count = int(dataset.cardinality())
        self.endless = count == _ENDLESS
        self.drops_remainder = _drops_remainder(dataset)
        self.samples = self._chain.samples if self._chain is not None else None
        if self.samples is None and count >= 0:
            self.samples = count * own
        self.how = (
            "other batch sizes are set where the pipeline makes its batches"
            if self._chain is not None
            else "other batch sizes are made behind the pipeline, from its finished batches"
        )

    def at(self, batch_size: int) -> Arguments:
        return {"x": self._at(batch_size)}

    def few(self, sizes: tuple[int, ...]) -> Arguments:
        full = self._at(max(sizes)).take(1)
        dataset = full
        for size in sizes[1:]:
            dataset = dataset.concatenate(_with_leaves(full, lambda leaf, size=size: leaf[:size]))
        return {"x": dataset}

    def copies(self, largest: Largest, batch_size: int, batches: int) -> Arguments:
        import tensorflow as tf

        row = tf.data.Dataset.from_tensors(largest.row)
        return {"x": _with_leaves(row, lambda leaf: tf.gather(leaf, tf.zeros([batch_size], tf.int64))).repeat(batches)}

    def find_largest(self) -> Largest | None:
        return find_largest(self._dataset) if _is_open(self._dataset) else None

    def _at(self, batch_size: int) -> Any:
        if batch_size == self._own:
            return self._dataset
        if self._chain is not None:
            try:
                return self._chain.at(batch_size)
            except Exception:  # noqa: BLE001  a script's own mapping may raise anything on another batch size
                self._chain = None
        return _put_together_again(self._dataset, batch_size)


def _with_leaves(dataset: Any, change: Any) -> Any:
    """The pipeline with every leaf of its elements changed."""
    import tensorflow as tf

    def changed(*element: Any) -> Any:
        whole = element if isinstance(dataset.element_spec, tuple) else element[0]
        return tf.nest.map_structure(change, whole)

    return dataset.map(changed)


_Step: TypeAlias = Callable[[Any, Any], Any]
"""Does to its second argument what a step of a pipeline, the first, did to its own input."""


def _map(step: Any, source: Any) -> Any:
    return source.map(step._map_func._func)  # noqa: SLF001  tf.data keeps what its steps were made with only there


def _parallel_map(step: Any, source: Any) -> Any:
    deterministic = {"true": True, "false": False}.get(step._deterministic)  # noqa: SLF001
    calls = int(step._num_parallel_calls)  # noqa: SLF001
    return source.map(step._map_func._func, num_parallel_calls=calls, deterministic=deterministic)  # noqa: SLF001


def _cache(step: Any, source: Any) -> Any:
    # A cache in a file belongs to batches of the script's own size, and takes no memory.
    return source if step._filename.numpy() else source.cache()  # noqa: SLF001


_AFTER: dict[str, _Step] = {
    "_PrefetchDataset": lambda step, source: source.prefetch(int(step._buffer_size)),  # noqa: SLF001
    "_ShuffleDataset": lambda step, source: source.shuffle(int(step._buffer_size)),  # noqa: SLF001
    "_RepeatDataset": lambda step, source: source.repeat(int(step._count)),  # noqa: SLF001
    "_OptionsDataset": lambda step, source: source.with_options(step.options()),
    "CacheDataset": _cache,
    "_MapDataset": _map,
    "_ParallelMapDataset": _parallel_map,
}
"""Steps that can be done again, by the class that stands for them."""


def _batch(step: Any, source: Any, size: int) -> Any:
    return source.batch(size, drop_remainder=bool(step._drop_remainder))  # noqa: SLF001


def _parallel_batch(step: Any, source: Any, size: int) -> Any:
    calls = int(step._num_parallel_calls)  # noqa: SLF001
    return source.batch(size, drop_remainder=bool(step._drop_remainder), num_parallel_calls=calls)  # noqa: SLF001


def _padded_batch(step: Any, source: Any, size: int) -> Any:
    return source.padded_batch(
        size,
        padded_shapes=step._padded_shapes,  # noqa: SLF001
        padding_values=step._padding_values,  # noqa: SLF001
        drop_remainder=bool(step._drop_remainder),  # noqa: SLF001
    )


_BATCHING: dict[str, Callable[[Any, Any, int], Any]] = {
    "_BatchDataset": _batch,
    "_ParallelBatchDataset": _parallel_batch,
    "_PaddedBatchDataset": _padded_batch,
}


_COUNTING: dict[str, Callable[[int, int], int]] = {
    "_TakeDataset": lambda samples, counted: min(samples, counted) if counted >= 0 else samples,
    "_SkipDataset": lambda samples, counted: max(0, samples - counted) if counted >= 0 else 0,
}
"""Steps that count batches, with the samples that remain of those before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chain:
    """The step of a pipeline that settles which samples its batches hold, and what comes after it."""

    batching: Any
    after: tuple[Any, ...]
    """In the order in which they are done."""
    batch_size: int
    """Samples in a batch."""
    samples: int | None
    """Samples in one pass; None where that is not known."""

    def at(self, size: int) -> Any:
        """The pipeline with batches of another size; raises what TensorFlow raises where a step does not allow it."""
        make = _BATCHING.get(type(self.batching).__name__)
        if make is None:
            dataset = _put_together_again(self.batching, size)
        else:
            dataset = make(self.batching, self.batching._input_dataset, size)  # noqa: SLF001
        for step in self.after:
            dataset = _AFTER[type(step).__name__](step, dataset)
        return dataset


def _steps(dataset: Any) -> list[Any]:
    """A pipeline and all that it reads from, from its end to its sources."""
    found, waiting = [], [dataset]
    while waiting:
        step = waiting.pop()
        found.append(step)
        waiting += step._inputs() if hasattr(step, "_inputs") else []  # noqa: SLF001
    return found


def _chain_of(dataset: Any) -> _Chain | None:
    """The end of a pipeline from its last batching on; None when a step of it is not known."""
    after: list[Any] = []
    while (name := type(dataset).__name__) in _AFTER:
        after.insert(0, dataset)
        dataset = dataset._input_dataset  # noqa: SLF001
    if name in _BATCHING:
        count = int(dataset._input_dataset.cardinality())  # noqa: SLF001
        size, samples = int(dataset._batch_size), count if count >= 0 else None  # noqa: SLF001
    elif name in _COUNTING and (before := _chain_of(dataset._input_dataset)) is not None:  # noqa: SLF001
        size = before.batch_size
        repeats = any(type(step).__name__ == "_RepeatDataset" for step in before.after)
        samples = None if repeats else before.samples
        if samples is not None:
            samples = _COUNTING[name](samples, int(dataset._count) * size)  # noqa: SLF001
    else:
        return None
    return _Chain(batching=dataset, after=tuple(after), batch_size=size, samples=samples)


def _put_together_again(dataset: Any, size: int) -> Any:
    """The samples of a pipeline's finished batches in batches of another size, with its last prefetch buffer."""
    import tensorflow as tf

    specs = tf.nest.flatten(dataset.element_spec)
    drop = _drops_remainder(dataset)
    if not all(isinstance(spec, tf.TensorSpec) for spec in specs):
        again = dataset.unbatch().batch(size, drop_remainder=drop)
    elif all(spec.shape[1:].is_fully_defined() for spec in specs):
        again = dataset.rebatch(size, drop_remainder=drop)
    else:
        again = dataset.unbatch().padded_batch(size, drop_remainder=drop)
    last = type(dataset).__name__
    return _AFTER[last](dataset, again) if last == "_PrefetchDataset" else again


def _drops_remainder(dataset: Any) -> bool:
    """Whether a pipeline leaves out the last smaller batch: its batch dimension is then known."""
    import tensorflow as tf

    return all(spec.shape[0] is not None for spec in tf.nest.flatten(dataset.element_spec))


def _is_open(dataset: Any) -> bool:
    """Whether samples of a pipeline may differ in size."""
    import tensorflow as tf

    specs = tf.nest.flatten(dataset.element_spec)
    sparse = any(isinstance(spec, tf.SparseTensorSpec) for spec in specs)
    return not sparse and any(not spec.shape[1:].is_fully_defined() for spec in specs)


_BATCHING_NAMES = {*_BATCHING, "_RebatchDataset", "_GroupByWindowDataset"}


def _splits_again(dataset: Any) -> bool:
    """Whether batches of another size hold the same samples in the same order: nothing but batching makes batches."""
    chain = _chain_of(dataset)
    while chain is not None:
        if any(_AFTER[type(step).__name__] in {_map, _parallel_map} for step in chain.after):
            return False
        if type(chain.batching).__name__ in _BATCHING:
            return type(chain.batching).__name__ != "_PaddedBatchDataset"
        chain = _chain_of(chain.batching._input_dataset)  # noqa: SLF001
    return False


def _reshuffles(dataset: Any) -> Reshuffle:
    """What a pipeline shuffles: samples before they are batched, ready batches, or nothing."""
    found = Reshuffle.NOTHING
    batched = False
    for step in _steps(dataset):
        name = type(step).__name__
        if "Shuffle" in name:
            found = Reshuffle.SAMPLES if batched or found is Reshuffle.SAMPLES else Reshuffle.BATCHES
        batched = batched or name in _BATCHING_NAMES
    return found
