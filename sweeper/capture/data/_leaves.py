"""Reads the leaves of nested data (arrays, tensors, data frames), and makes columns of samples from them.

As in fit, floats of arrays become Keras's default float type. Ragged tensors stay as they are, and of sparse ones only
the entries are stored.
"""

from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture.data._base import UnusableData
from sweeper.capture.data._columns import AbstractColumn, Indices, make_column
from sweeper.capture.data._sparse import SparseColumn, SparseElements, joined, sparse_of


def as_tuple(element: Any) -> Any:
    """An element with its outer list, if it has one, as a tuple: this is how Keras reads `[x, y]`."""
    return tuple(element) if isinstance(element, list) else element


def keep_leaf(leaf: Any) -> Any:
    """A leaf as it is stored: a ragged tensor as it is, a sparse one as its entries, all else as a numpy array."""
    if type(leaf).__name__ == "RaggedTensor":
        return leaf
    sparse = sparse_of(leaf)
    return _numpy(leaf) if sparse is None else sparse


def _numpy(leaf: Any) -> NDArray[Any]:
    """A dense leaf as a numpy array; the parts of several replicas are joined."""
    if type(leaf).__name__ == "PerReplica":
        return np.concatenate([_numpy(value) for value in leaf.values])
    if hasattr(leaf, "detach"):
        leaf = leaf.detach().cpu()
    return np.asarray(leaf.numpy() if hasattr(leaf, "numpy") else leaf)


def leaf_shape(leaf: Any) -> tuple[int, ...]:
    """The shape of a leaf, with -1 for sizes that differ inside it."""
    shape = leaf.shape if hasattr(leaf, "shape") else np.shape(leaf)
    return tuple(-1 if size is None else int(size) for size in shape)


def leaf_bytes(leaf: Any) -> int:
    """The size in bytes of a leaf that `keep_leaf` gave."""
    return int(getattr(leaf, "nbytes", 0)) or (
        int(_numpy(leaf.flat_values).nbytes) if hasattr(leaf, "flat_values") else 0
    )


def leaf_rows(leaf: Any) -> int | None:
    """The number of samples in a leaf; None where it has no length."""
    shape = getattr(leaf, "shape", None)
    if shape is not None and len(shape):
        return int(shape[0])
    return len(leaf) if hasattr(leaf, "__len__") else None


def element_column(leaves: tuple[Any, ...], *, whole: bool) -> AbstractColumn:
    """The column of one leaf of several elements; each element is one sample if `whole`, else a batch of samples."""
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
    """A row of a ragged tensor as a numpy array; raises `UnusableData` where the row is ragged itself."""
    if type(row).__name__ == "RaggedTensor":
        raise UnusableData("ragged tensors with more than one ragged dimension are not supported")
    return _numpy(row)


def array_column(leaf: Any, chosen: Indices | None) -> AbstractColumn:
    """The column of the `chosen` rows of an array-like, or of all; floats in Keras's default float type."""
    if type(leaf).__name__ == "RaggedTensor":
        rows = range(leaf_rows(leaf) or 0) if chosen is None else chosen
        return make_column([_numpy(leaf[int(i)]) for i in rows], stays_ragged=True)
    sparse = sparse_of(leaf)
    if sparse is not None:
        sparse = sparse.with_floats(_floatx())
        return sparse if chosen is None else sparse.subset(chosen)
    if hasattr(leaf, "iloc"):
        array = (leaf if chosen is None else leaf.iloc[chosen]).to_numpy()
        array = array[:, None] if array.ndim == 1 else array  # Keras makes a Series two-dimensional
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


def rows_of(leaf: Any, indices: Indices) -> Any:
    """The rows of an array-like at `indices`, in the type of the array-like."""
    if hasattr(leaf, "iloc"):
        return leaf.iloc[indices]
    if hasattr(leaf, "tocsr"):
        return leaf.tocsr()[indices]
    if type(leaf).__module__.startswith("tensorflow."):
        import tensorflow as tf

        return tf.gather(leaf, indices)
    return leaf[indices]
