"""From whatever fit was given as data to samples: arrays, pipelines, generators, loaders.

Everything is brought to one form: a list of elements, each with the structure that the train step gets, taken
until there are enough samples or bytes. Class weights become sample weights here, as Keras does it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweeper.capture._columns import AbstractColumn, make_column
from sweeper.capture._samples import Samples, flatten, unflatten
from sweeper.capture._sparse import SparseColumn, SparseElements, joined, sparse_of

_NOT_PEEKED = object()


Shapes: TypeAlias = tuple[tuple[int | None, ...], ...]

WIDEST_BATCH = 4
"""The default batch axis goes up to this many times the script's batch size."""


class UnusableData(Exception):
    """The data of a fit call cannot be sampled; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much may be taken."""

    nbytes: int
    samples: int | None = None
    """Most samples; None leaves it to `steps`."""
    steps: int | None = None
    """Steps of the longest probe; None asks for as many samples as there are."""
    times: int = 1
    """How many times as much may be taken of a source that has an end: a longer probe shall pass over all of it."""

    def most(self, batch_size: int) -> int | None:
        """Samples that are enough for every probe of the default axes, given the script's batch size."""
        if self.samples is not None:
            return self.samples * self.times
        return None if self.steps is None else self.steps * batch_size * WIDEST_BATCH * self.times


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenData:
    """Samples with what is known of their source."""

    samples: Samples
    available: int | None
    """Samples that the source holds; None when that is unknown."""
    batch_size: int | None
    """Samples in the source's own batches; None for arrays."""
    kind: str
    """What the source is, in a word or two."""
    cut: bool
    """Whether the source had more than was taken."""
    whole_reason: str = ""
    """Why elements could not be split into samples; empty when they could."""


def is_array_like(x: Any) -> bool:
    """Whether fit would treat `x` as arrays rather than as a pipeline."""
    return not (is_tf_dataset(x) or is_py_dataset(x) or is_loader(x) or isinstance(x, Iterator))


def is_tf_dataset(x: Any) -> bool:
    """Whether `x` is a `tf.data.Dataset` or a distributed one."""
    names = {kind.__name__ for kind in type(x).__mro__}
    return bool(names & {"DatasetV2", "DistributedDataset", "DistributedDatasetsFromFunction"})


def is_py_dataset(x: Any) -> bool:
    """Whether `x` is a `keras.utils.PyDataset` (or `Sequence`, its old name)."""
    return any(kind.__name__ == "PyDataset" for kind in type(x).__mro__)


def is_loader(x: Any) -> bool:
    """Whether `x` is a torch or grain data loader."""
    return any(kind.__name__ in {"DataLoader", "MapDataset", "IterDataset"} for kind in type(x).__mro__) and hasattr(
        x, "__iter__"
    )


def take_arrays(x: Any, y: Any, sample_weight: Any, bounds: Bounds, *, keep_order: bool) -> TakenData:
    """Samples of arrays. When not all may be taken, a random part of them is (the first part if the order matters)."""
    structure, leaves = flatten(packed(x, y, sample_weight))
    count = count_samples(leaves)
    chosen = _choose(count, bytes_per_sample(leaves, count), bounds, keep_order=keep_order)
    samples = array_samples(structure, leaves, chosen)
    return TakenData(samples=samples, available=count, batch_size=None, kind="arrays", cut=chosen is not None)


def count_samples(leaves: list[Any]) -> int:
    """The number of samples that all arrays have; raises `UnusableData` where they differ."""
    counts = {_count(leaf) for leaf in leaves}
    if len(counts) != 1 or None in counts:
        raise UnusableData(f"the arrays have different numbers of samples: {sorted(map(str, counts))}")
    return int(counts.pop() or 0)


def array_samples(structure: Any, leaves: list[Any], chosen: NDArray[np.int64] | None) -> Samples:
    """Samples of arrays: the chosen ones, or all."""
    return Samples(structure=structure, columns=tuple(_array_column(leaf, chosen) for leaf in leaves))


def packed(x: Any, y: Any, sample_weight: Any) -> Any:
    """The element that Keras makes of the arguments of fit: a lone array stays bare."""
    if sample_weight is not None:
        structure, leaves = flatten(y)
        nested = len(leaves) > 1 and not isinstance(sample_weight, dict | list | tuple)
        return (x, y, unflatten(structure, [sample_weight] * len(leaves)) if nested else sample_weight)
    if y is not None:
        return (x, y)
    return (x,) if isinstance(x, tuple | list) else x


def _choose(count: int, bytes_each: float, bounds: Bounds, *, keep_order: bool) -> NDArray[np.int64] | None:
    """The indices of the samples that are taken; None for all."""
    most = min(bounds.samples or count, int(bounds.nbytes // max(bytes_each, 1)))
    if most >= count:
        return None
    if keep_order:
        return np.arange(max(most, 1), dtype=np.int64)
    return np.sort(np.random.Generator(np.random.PCG64(count)).choice(count, size=max(most, 1), replace=False))


def _count(leaf: Any) -> int | None:
    shape = getattr(leaf, "shape", None)
    if shape is not None and len(shape):
        return int(shape[0])
    return len(leaf) if hasattr(leaf, "__len__") else None


def bytes_per_sample(leaves: list[Any], count: int) -> float:
    """Bytes that a sample takes once it is kept, from a few of them."""
    few = np.arange(min(count, 8), dtype=np.int64)
    return sum(_array_column(leaf, few).nbytes for leaf in leaves) / max(len(few), 1)


def _array_column(leaf: Any, chosen: NDArray[np.int64] | None) -> AbstractColumn:
    """The rows of an array-like as a column, floats in Keras's default float type as fit converts them."""
    if type(leaf).__name__ == "RaggedTensor":
        rows = range(_count(leaf) or 0) if chosen is None else chosen
        return make_column([_numpy(leaf[int(i)]) for i in rows], stays_ragged=True)
    sparse = sparse_of(leaf)
    if sparse is not None:
        sparse = sparse.with_floats(_floatx())
        return sparse if chosen is None else sparse.subset(chosen)
    if hasattr(leaf, "iloc"):
        array = (leaf if chosen is None else leaf.iloc[chosen]).to_numpy()
        array = array[:, None] if array.ndim == 1 else array  # Keras makes a column of a Series
    else:
        array = _numpy(leaf)
        array = array if chosen is None else array[chosen]
    if array.dtype.kind == "f":
        array = array.astype(_floatx(), copy=False)
    if array.dtype.kind == "O" and not isinstance(array.flat[0] if array.size else "", str | bytes):
        array = array.astype(_floatx())
    return make_column(array)


def _floatx() -> str:
    import keras

    return str(keras.config.floatx())


def take_elements(source: Any, bounds: Bounds, *, input_shapes: Shapes) -> TakenData:
    """Samples of a pipeline, generator or loader: its elements in its own order, until there are enough.

    `input_shapes` are those of the model's inputs, batch included; empty when unknown.
    """
    elements, length = _elements(source)
    first = next(elements, _NOT_PEEKED)
    if first is _NOT_PEEKED:
        raise UnusableData(f"the {kind_of(source)} is empty")
    structure, leaves = flatten(as_tuple(first))
    whole = why_whole([leaf_shape(leaf) for leaf in leaves]) or why_not_batch(first, input_shapes)
    batch_size = int(leaf_shape(leaves[0])[0]) if not whole else None
    most = bounds.steps if whole else bounds.most(batch_size or 1)
    taken, complete = _collect(chain([first], elements), most, bounds.nbytes, whole=bool(whole))
    whole = whole or why_padded(taken)
    columns = tuple(element_column(column, whole=bool(whole)) for column in zip(*taken, strict=True))
    samples = Samples(structure=structure, columns=columns, whole_elements=bool(whole))
    if complete:
        available: int | None = len(samples)  # an endless source is never complete
    else:
        available = length * (batch_size or 1) if length is not None else None
    return TakenData(
        samples=samples,
        available=available,
        batch_size=batch_size,
        kind=kind_of(source),
        cut=not complete,
        whole_reason=whole,
    )


def why_padded(elements: list[list[Any]]) -> str:
    """Why elements must stay whole: their samples differ in size from element to element; empty when they do not."""
    for leaves in elements:
        for leaf, first in zip(leaves, elements[0], strict=True):
            if isinstance(leaf, np.ndarray | SparseColumn) and leaf.shape[1:] != first.shape[1:]:
                sizes = f"samples of {first.shape[1:]} and of {leaf.shape[1:]}"
                return f"batches are padded or cut to different sizes ({sizes})"
    return ""


def as_tuple(element: Any) -> Any:
    """Generators and datasets may yield `[x, y]`; Keras reads the outer list as a tuple."""
    return tuple(element) if isinstance(element, list) else element


def kind_of(source: Any) -> str:
    """What a source of data is, in a word or two."""
    if is_tf_dataset(source):
        return "tf.data pipeline"
    if is_py_dataset(source):
        return "PyDataset"
    return "data loader" if is_loader(source) else "generator"


def source_length(source: Any) -> int | None:
    """Batches in one pass over a source; None where that is not known, or where there is no end."""
    if is_tf_dataset(source):
        size = int(source.cardinality()) if callable(getattr(source, "cardinality", None)) else -2
        return size if size >= 0 else None
    if is_py_dataset(source):
        return _py_dataset_length(source)
    return len(source) if is_loader(source) and hasattr(source, "__len__") else None


def _elements(source: Any) -> tuple[Iterator[Any], int | None]:
    """The elements of a source, and their number if that is known."""
    length = source_length(source)
    return (_py_dataset_elements(source, length) if is_py_dataset(source) else iter(source)), length


def _py_dataset_length(source: Any) -> int | None:
    try:
        length = source.num_batches
    except NotImplementedError:
        return None
    return None if length is None else int(length)


def _py_dataset_elements(source: Any, length: int | None) -> Iterator[Any]:
    if hasattr(source, "on_epoch_begin"):
        source.on_epoch_begin()
    if length is None:
        numbers: Iterable[int] = iter(int, 1)
        return (source[i] for i, _ in enumerate(numbers))
    # Batches of a directory are often sorted by class, so that the first ones would be a biased sample.
    order = np.random.Generator(np.random.PCG64(length)).permutation(length)
    return (source[int(i)] for i in order)


def _collect(
    elements: Iterator[Any], most: int | None, most_bytes: int, *, whole: bool
) -> tuple[list[list[Any]], bool]:
    """The leaves of the elements that were taken, and whether the source had no more."""
    taken: list[list[Any]] = []
    count = nbytes = 0
    for element in elements:
        if (most is not None and count >= most) or nbytes >= most_bytes:
            return taken, False
        leaves = [keep_leaf(leaf) for leaf in flatten(as_tuple(element))[1]]
        if taken and len(leaves) != len(taken[0]):
            raise UnusableData("the elements of the pipeline differ in structure")
        taken.append(leaves)
        count += 1 if whole else int(leaf_shape(leaves[0])[0])
        nbytes += sum(map(leaf_bytes, leaves))
    return taken, True


def leaf_bytes(leaf: Any) -> int:
    """Bytes of a leaf of an element as it is kept."""
    return int(getattr(leaf, "nbytes", 0)) or (
        int(_numpy(leaf.flat_values).nbytes) if hasattr(leaf, "flat_values") else 0
    )


def why_whole(shapes: list[tuple[int, ...]]) -> str:
    """Why an element with parts of these shapes cannot be split into samples; empty when it can."""
    if any(len(shape) == 0 for shape in shapes):
        return "an element of the pipeline holds a scalar, so it cannot be split into samples"
    if len({shape[0] for shape in shapes}) > 1:
        sizes = ", ".join(str(shape[0]) for shape in shapes)
        return f"the parts of an element have different first dimensions ({sizes}), so it cannot be split into samples"
    return ""


def why_not_batch(element: Any, input_shapes: Shapes) -> str:
    """Why the first dimension of an element is not that of a batch: the model takes something of fewer dimensions."""
    x = as_tuple(element)
    shapes = [leaf_shape(leaf) for leaf in flatten(x[0] if isinstance(x, tuple) else x)[1]]
    for shape, wanted in zip(shapes, input_shapes, strict=False):
        # Keras drops a last dimension of 1 by itself.
        squeezed = shape[-1:] == (1,) and len(shape) == len(wanted) + 1 and _agree(shape[1:-1], wanted[1:])
        if len(shape) > len(wanted) and not squeezed:
            return f"an element of the pipeline has shape {shape}, but the model takes batches of shape {wanted}"
    return ""


def _agree(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return all(size is None or size == given for given, size in zip(shape, wanted, strict=True))


def leaf_shape(leaf: Any) -> tuple[int, ...]:
    """The shape of a leaf of an element, -1 for sizes that differ inside it."""
    shape = leaf.shape if hasattr(leaf, "shape") else np.shape(leaf)
    return tuple(-1 if size is None else int(size) for size in shape)


def keep_leaf(leaf: Any) -> Any:
    """Ragged tensors as they are, sparse ones by their entries, everything else as a numpy array."""
    if type(leaf).__name__ == "RaggedTensor":
        return leaf
    sparse = sparse_of(leaf)
    return _numpy(leaf) if sparse is None else sparse


def _numpy(leaf: Any) -> NDArray[Any]:
    if type(leaf).__name__ == "PerReplica":
        return np.concatenate([_numpy(value) for value in leaf.values])
    if hasattr(leaf, "detach"):
        leaf = leaf.detach().cpu()
    return np.asarray(leaf.numpy() if hasattr(leaf, "numpy") else leaf)


def element_column(leaves: tuple[Any, ...], *, whole: bool) -> AbstractColumn:
    """The column of one leaf of all elements, an element being a sample if it stays `whole`."""
    if isinstance(leaves[0], SparseColumn):
        return SparseElements(leaves) if whole else joined(leaves)
    if whole:
        return make_column([_numpy(leaf) for leaf in leaves])
    if type(leaves[0]).__name__ == "RaggedTensor":
        rows = [_numpy_row(leaf[i]) for leaf in leaves for i in range(int(leaf.shape[0]))]
        return make_column(rows, stays_ragged=True)
    if len({leaf.shape[1:] for leaf in leaves}) == 1:
        return make_column(np.concatenate(leaves))
    return make_column(list(chain.from_iterable(leaves)))


def _numpy_row(row: Any) -> NDArray[Any]:
    if type(row).__name__ == "RaggedTensor":
        raise UnusableData("ragged tensors with more than one ragged dimension are not supported")
    return _numpy(row)
