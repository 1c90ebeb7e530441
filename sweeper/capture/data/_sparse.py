"""Columns of sparse samples: stored as coordinates and values, and given to the model as sparse tensors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture.data._columns import AbstractColumn, Indices

_FILE = ".sparse.npz"
_ELEMENTS_FILE = ".sparse_elements.npz"


class SparseColumn(AbstractColumn):
    """Sparse samples of one shape, stored as the coordinates and values of their entries."""

    def __init__(self, coordinates: NDArray[np.int64], values: NDArray[Any], shape: tuple[int, ...]) -> None:
        order = np.lexsort(coordinates.T[::-1])
        self.coordinates = coordinates[order]
        """Positions of the entries, sorted: of shape (entries, dimensions), the index of the sample first."""
        self.values = values[order]
        self.shape = shape
        """Shape of the dense array, samples first."""
        # Sample i has the entries from number starts[i] up to starts[i + 1].
        self._starts = np.searchsorted(self.coordinates[:, 0], np.arange(shape[0] + 1))

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def nbytes(self) -> int:
        return int(self.coordinates.nbytes + self.values.nbytes)

    def take(self, indices: Indices) -> Any:
        return self.subset(indices).tensor()

    def look(self, indices: Indices) -> NDArray[Any]:
        return self.subset(indices).dense()

    def subset(self, indices: Indices) -> "SparseColumn":
        indices = np.asarray(indices, dtype=np.int64)
        counts = self._starts[indices + 1] - self._starts[indices]
        rows = np.repeat(np.arange(len(indices)), counts)
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        entries = np.repeat(self._starts[indices], counts) + offsets
        coordinates = self.coordinates[entries].copy()
        coordinates[:, 0] = rows
        return SparseColumn(coordinates, self.values[entries], (len(indices), *self.shape[1:]))

    def with_floats(self, dtype: str) -> "SparseColumn":
        """The column with its floats converted to another type."""
        if self.values.dtype.kind != "f":
            return self
        return SparseColumn(self.coordinates, self.values.astype(dtype, copy=False), self.shape)

    def tensor(self) -> Any:
        """All samples as a sparse tensor of the backend; as a dense array where Keras takes no sparse tensors."""
        import keras

        match keras.backend.backend():
            case "tensorflow":
                import tensorflow as tf

                return tf.SparseTensor(self.coordinates, self.values, self.shape)
            case "jax":
                from jax.experimental.sparse import BCOO

                return BCOO((self.values, self.coordinates.astype(np.int32)), shape=self.shape)
            case _:
                return self.dense()

    def dense(self) -> NDArray[Any]:
        """All samples as one array; entries at one position are added, as SciPy and TensorFlow do."""
        dense = np.zeros(self.shape, self.values.dtype)
        np.add.at(dense, tuple(self.coordinates.T), self.values)
        return dense

    def save(self, stem: Path) -> None:
        np.savez(
            stem.with_suffix(_FILE),
            allow_pickle=False,
            coordinates=self.coordinates,
            values=self.values,
            shape=np.array(self.shape, dtype=np.int64),
        )


class SparseElements(AbstractColumn):
    """Sparse elements of a pipeline, each of them one sample; they may differ in shape, so a batch is a list."""

    def __init__(self, elements: Sequence[SparseColumn]) -> None:
        self.elements = list(elements)

    def __len__(self) -> int:
        return len(self.elements)

    @property
    def nbytes(self) -> int:
        return sum(element.nbytes for element in self.elements)

    def take(self, indices: Indices) -> Any:
        return [self.elements[i].tensor() for i in indices]

    def look(self, indices: Indices) -> list[NDArray[Any]]:
        return [self.elements[i].dense() for i in indices]

    def subset(self, indices: Indices) -> "SparseElements":
        return SparseElements([self.elements[i] for i in indices])

    def save(self, stem: Path) -> None:
        parts: dict[str, Any] = {}
        for n, element in enumerate(self.elements):
            parts |= {f"c{n}": element.coordinates, f"v{n}": element.values}
            parts[f"s{n}"] = np.array(element.shape, dtype=np.int64)
        np.savez(stem.with_suffix(_ELEMENTS_FILE), allow_pickle=False, **parts)


def load_sparse(stem: Path) -> AbstractColumn | None:
    """The sparse column that was saved under `stem`; None where there is none."""
    column_file, elements_file = stem.with_suffix(_FILE), stem.with_suffix(_ELEMENTS_FILE)
    if column_file.exists():
        with np.load(column_file, allow_pickle=False) as stored:
            return SparseColumn(stored["coordinates"], stored["values"], tuple(stored["shape"].tolist()))
    if elements_file.exists():
        with np.load(elements_file, allow_pickle=False) as stored:
            numbers = range(len(stored.files) // 3)
            return SparseElements(
                [SparseColumn(stored[f"c{n}"], stored[f"v{n}"], tuple(stored[f"s{n}"].tolist())) for n in numbers]
            )
    return None


def sparse_of(leaf: Any) -> SparseColumn | None:
    """A sparse tensor of TensorFlow or JAX, or a sparse matrix of SciPy, as a column; None for everything else."""
    if type(leaf).__name__ == "SparseTensor":
        return SparseColumn(leaf.indices.numpy(), leaf.values.numpy(), tuple(leaf.dense_shape.numpy().tolist()))
    if type(leaf).__name__ == "BCOO":
        return SparseColumn(np.asarray(leaf.indices, dtype=np.int64), np.asarray(leaf.data), tuple(leaf.shape))
    if hasattr(leaf, "tocoo"):
        entries = leaf.tocoo()
        return SparseColumn(
            np.stack([entries.row, entries.col], axis=1).astype(np.int64), entries.data, tuple(entries.shape)
        )
    return None


def joined(columns: Sequence[SparseColumn]) -> SparseColumn:
    """One column with the samples of several columns, one after another."""
    starts = np.cumsum([0, *(len(column) for column in columns)])
    shifted = []
    for column, start in zip(columns, starts[:-1], strict=True):
        shifted.append(column.coordinates.copy())
        shifted[-1][:, 0] += start
    values = np.concatenate([column.values for column in columns])
    return SparseColumn(np.concatenate(shifted), values, (int(starts[-1]), *columns[0].shape[1:]))
