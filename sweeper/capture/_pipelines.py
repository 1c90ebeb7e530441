"""A script's `tf.data` pipeline at another batch size.

What the pipeline does after its batching is done again behind a batching of the new size. Augmentation of whole
batches, shuffle buffers and prefetch buffers then hold batches of that size, as they would if the person changed the
number in the script. Steps that count batches, as `take` and `skip` do to split off a validation set, keep the samples
that they have at the script's own size: behind them batches are put together again. So are the finished batches where
one of the steps is not known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sweeper.capture._order import Reshuffle

Step: TypeAlias = Callable[[Any, Any], Any]
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


_AFTER: dict[str, Step] = {
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


def _put_together_again(step: Any, _: Any, size: int) -> Any:
    return put_together_again(step, size)


_COUNTING: dict[str, Callable[[int, int], int]] = {
    "_TakeDataset": lambda samples, counted: min(samples, counted) if counted >= 0 else samples,
    "_SkipDataset": lambda samples, counted: max(0, samples - counted) if counted >= 0 else 0,
}
"""Steps that count batches, with the samples that remain of those before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
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
        again = _BATCHING.get(type(self.batching).__name__, _put_together_again)
        dataset = again(self.batching, self.batching._input_dataset, size)  # noqa: SLF001
        for step in self.after:
            dataset = _AFTER[type(step).__name__](step, dataset)
        return dataset


def share_shuffling(one: Any, other: Any) -> bool:
    """Whether two pipelines shuffle at one step, as `take` and `skip` of a shuffled pipeline do.

    Each pass over either of them then draws another order for the next pass over both.
    """
    others = {id(step) for step in _steps(other)}
    return any(id(step) in others and type(step).__name__ == "_ShuffleDataset" for step in _steps(one))


def _steps(dataset: Any) -> list[Any]:
    """A pipeline and all that it reads from, from its end to its sources."""
    found, waiting = [], [dataset]
    while waiting:
        step = waiting.pop()
        found.append(step)
        waiting += step._inputs() if hasattr(step, "_inputs") else []  # noqa: SLF001
    return found


def chain_of(dataset: Any) -> Chain | None:
    """The end of a pipeline from its last batching on; None when a step of it is not known."""
    after: list[Any] = []
    while (name := type(dataset).__name__) in _AFTER:
        after.insert(0, dataset)
        dataset = dataset._input_dataset  # noqa: SLF001
    if name in _BATCHING:
        count = int(dataset._input_dataset.cardinality())  # noqa: SLF001
        size, samples = int(dataset._batch_size), count if count >= 0 else None  # noqa: SLF001
    elif name in _COUNTING and (before := chain_of(dataset._input_dataset)) is not None:  # noqa: SLF001
        size = before.batch_size
        repeats = any(type(step).__name__ == "_RepeatDataset" for step in before.after)
        samples = None if repeats else before.samples
        if samples is not None:
            samples = _COUNTING[name](samples, int(dataset._count) * size)  # noqa: SLF001
    else:
        return None
    return Chain(batching=dataset, after=tuple(after), batch_size=size, samples=samples)


def put_together_again(dataset: Any, size: int) -> Any:
    """The samples of a pipeline's finished batches in batches of another size, with its last prefetch buffer."""
    import tensorflow as tf

    specs = tf.nest.flatten(dataset.element_spec)
    drop = drops_remainder(dataset)
    if not all(isinstance(spec, tf.TensorSpec) for spec in specs):
        again = dataset.unbatch().batch(size, drop_remainder=drop)
    elif all(spec.shape[1:].is_fully_defined() for spec in specs):
        again = dataset.rebatch(size, drop_remainder=drop)
    else:
        again = dataset.unbatch().padded_batch(size, drop_remainder=drop)
    last = type(dataset).__name__
    return _AFTER[last](dataset, again) if last == "_PrefetchDataset" else again


def drops_remainder(dataset: Any) -> bool:
    """Whether a pipeline leaves out the last smaller batch: its batch dimension is then known."""
    import tensorflow as tf

    return all(spec.shape[0] is not None for spec in tf.nest.flatten(dataset.element_spec))


def is_open(dataset: Any) -> bool:
    """Whether samples of a pipeline may differ in size."""
    import tensorflow as tf

    specs = tf.nest.flatten(dataset.element_spec)
    sparse = any(isinstance(spec, tf.SparseTensorSpec) for spec in specs)
    return not sparse and any(not spec.shape[1:].is_fully_defined() for spec in specs)


_BATCHING_NAMES = {*_BATCHING, "_RebatchDataset", "_GroupByWindowDataset"}


def splits_again(dataset: Any) -> bool:
    """Whether batches of another size hold the same samples in the same order: nothing but batching makes batches."""
    chain = chain_of(dataset)
    while chain is not None:
        if any(_AFTER[type(step).__name__] in {_map, _parallel_map} for step in chain.after):
            return False
        if type(chain.batching).__name__ in _BATCHING:
            return type(chain.batching).__name__ != "_PaddedBatchDataset"
        chain = chain_of(chain.batching._input_dataset)  # noqa: SLF001
    return False


def reshuffles(dataset: Any) -> Reshuffle:
    """What a pipeline shuffles: samples before they are batched, ready batches, or nothing."""
    found = Reshuffle.NOTHING
    batched = False
    for step in _steps(dataset):
        name = type(step).__name__
        if "Shuffle" in name:
            found = Reshuffle.SAMPLES if batched or found is Reshuffle.SAMPLES else Reshuffle.BATCHES
        batched = batched or name in _BATCHING_NAMES
    return found
