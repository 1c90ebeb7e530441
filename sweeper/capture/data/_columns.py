"""The samples of one input, target or weight: how they are kept, gathered into batches and stored.

A column holds one leaf of the nested data that fit gets, for all samples. `DenseColumn` is the usual case.
`RaggedColumn` holds samples of different shapes: those of ragged tensors, and whole elements of a pipeline.
`TextColumn` holds strings; sparse samples are in `_sparse.py`.

Files are plain `.npy` arrays without pickles; dense columns are read back as memory maps, so that several
workers share one copy.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


class AbstractColumn(ABC):
    """One leaf of the data, for all samples."""

    @abstractmethod
    def __len__(self) -> int:
        """The number of samples."""

    @property
    @abstractmethod
    def nbytes(self) -> int:
        """Bytes that the samples take."""

    @abstractmethod
    def take(self, indices: Indices) -> Any:
        """The samples at `indices`, in that order, as one batch."""

    def look(self, indices: Indices) -> Any:
        """The samples at `indices` as one plain array, also where they are stored as sparse ones."""
        return self.take(indices)

    @abstractmethod
    def subset(self, indices: Indices) -> "AbstractColumn":
        """A column of the samples at `indices`."""

    @abstractmethod
    def save(self, stem: Path) -> None:
        """Writes files whose names begin with `stem`."""


class DenseColumn(AbstractColumn):
    """Samples of one shape, as one array with the samples along its first axis."""

    def __init__(self, array: NDArray[Any]) -> None:
        self.array = array
        self.tensor: Any = None
        """The array as a tensor of the backend, once an engine has made it."""

    def __len__(self) -> int:
        return len(self.array)

    @property
    def nbytes(self) -> int:
        return int(self.array.nbytes)

    def take(self, indices: Indices) -> NDArray[Any]:
        return self.array[indices]

    def subset(self, indices: Indices) -> "DenseColumn":
        return DenseColumn(np.ascontiguousarray(self.array[indices]))

    def save(self, stem: Path) -> None:
        np.save(stem.with_suffix(".dense.npy"), self.array, allow_pickle=False)


class RaggedColumn(AbstractColumn):
    """Samples of different shapes and one rank. They become ragged tensors, or come one by one."""

    def __init__(self, samples: Sequence[NDArray[Any]], *, stays_ragged: bool) -> None:
        self.samples = list(samples)
        self.stays_ragged = stays_ragged

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def nbytes(self) -> int:
        return int(sum(sample.nbytes for sample in self.samples))

    def varies(self, axis: int) -> bool:
        """Whether the samples differ in size along an axis."""
        return len({sample.shape[axis] for sample in self.samples}) > 1

    def take(self, indices: Indices) -> Any:
        chosen = [self.samples[i] for i in indices]
        if self.stays_ragged:
            import tensorflow as tf

            return tf.ragged.stack([tf.convert_to_tensor(sample) for sample in chosen])
        return np.stack(chosen)

    def subset(self, indices: Indices) -> "RaggedColumn":
        return RaggedColumn([self.samples[i] for i in indices], stays_ragged=self.stays_ragged)

    def save(self, stem: Path) -> None:
        flat = np.concatenate([sample.reshape(-1) for sample in self.samples]) if self.samples else np.zeros(0)
        shapes = np.array([sample.shape for sample in self.samples], dtype=np.int64)
        kind = "ragged" if self.stays_ragged else "apart"
        np.save(stem.with_suffix(f".{kind}.npy"), flat, allow_pickle=False)
        np.save(stem.with_suffix(".shapes.npy"), shapes, allow_pickle=False)


class TextColumn(AbstractColumn):
    """Strings, one array of them for each sample."""

    def __init__(self, array: NDArray[Any]) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @property
    def nbytes(self) -> int:
        return sum(len(text) for text in self.array.flat)

    def take(self, indices: Indices) -> NDArray[Any]:
        return self.array[indices]

    def subset(self, indices: Indices) -> "TextColumn":
        return TextColumn(self.array[indices])

    def save(self, stem: Path) -> None:
        texts = list(self.array.flat)
        flat = np.frombuffer(b"".join(texts), dtype=np.uint8)
        lengths = np.array([len(text) for text in texts], dtype=np.int64).reshape(self.array.shape)
        np.save(stem.with_suffix(".text.npy"), flat, allow_pickle=False)
        np.save(stem.with_suffix(".lengths.npy"), lengths, allow_pickle=False)


def make_column(samples: Sequence[NDArray[Any]] | NDArray[Any], *, stays_ragged: bool = False) -> AbstractColumn:
    """The column that fits the samples: text, dense where all shapes agree, else ragged."""
    if isinstance(samples, np.ndarray):
        return _text_column(samples) if samples.dtype.kind in "OSU" else DenseColumn(samples)
    first = samples[0]
    if first.dtype.kind in "OSU":
        return _text_column(np.stack(samples))
    if not stays_ragged and all(sample.shape == first.shape for sample in samples):
        return DenseColumn(np.stack(samples))
    return RaggedColumn(samples, stays_ragged=stays_ragged)


def _text_column(array: NDArray[Any]) -> TextColumn:
    encoded = [text if isinstance(text, bytes) else str(text).encode() for text in array.flat]
    kept = np.empty(len(encoded), dtype=object)
    kept[:] = encoded
    return TextColumn(kept.reshape(array.shape))


def load_column(stem: Path) -> AbstractColumn:
    """The column that `save` wrote under `stem`; dense ones as a memory map."""
    dense, text, ragged = (stem.with_suffix(f".{kind}.npy") for kind in ("dense", "text", "ragged"))
    if dense.exists():
        return DenseColumn(np.load(dense, mmap_mode="r", allow_pickle=False))
    if text.exists():
        return _load_text(np.load(text, allow_pickle=False), np.load(stem.with_suffix(".lengths.npy")))
    flat = np.load(ragged if ragged.exists() else stem.with_suffix(".apart.npy"), allow_pickle=False)
    shapes = np.load(stem.with_suffix(".shapes.npy"), allow_pickle=False)
    ends = np.cumsum(np.prod(shapes, axis=1, dtype=np.int64))
    samples = [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]
    return RaggedColumn(samples, stays_ragged=ragged.exists())


def _load_text(flat: NDArray[np.uint8], lengths: NDArray[np.int64]) -> TextColumn:
    ends = np.cumsum(lengths.reshape(-1))
    data = flat.tobytes()
    kept = np.empty(lengths.size, dtype=object)
    kept[:] = [data[end - length : end] for end, length in zip(ends, lengths.reshape(-1), strict=True)]
    return TextColumn(kept.reshape(lengths.shape))
