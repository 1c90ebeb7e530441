"""The samples of one input, target or weight: how they are kept, gathered into batches and stored.

A column holds one leaf of the nested data that fit gets, for all samples. `DenseColumn` is the usual case.
`RaggedColumn` holds samples of different shapes; they are padded to the longest of a batch (with zeros, unless the
script's own padding shows another value), or stay ragged where its pipeline yields ragged tensors. `TextColumn` holds
strings.

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

PADDED_PART = 0.5
"""Part of the samples that must end in one value for it to count as padding: in a padded batch most do."""
PADDED_RUN = 2
"""Entries in a row that must have that value: an end token comes alone, padding mostly does not."""


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
        """The same as a tensor of the backend, once an engine has made it."""

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
    """Samples of different shapes and one rank."""

    def __init__(self, samples: Sequence[NDArray[Any]], *, stays_ragged: bool, fill: Any = 0) -> None:
        self.samples = list(samples)
        self.stays_ragged = stays_ragged
        self.fill = fill
        """What shorter samples are padded with, where they are."""

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
        return pad(chosen, self.fill)

    def subset(self, indices: Indices) -> "RaggedColumn":
        return RaggedColumn([self.samples[i] for i in indices], stays_ragged=self.stays_ragged, fill=self.fill)

    def save(self, stem: Path) -> None:
        flat = np.concatenate([sample.reshape(-1) for sample in self.samples]) if self.samples else np.zeros(0)
        shapes = np.array([sample.shape for sample in self.samples], dtype=np.int64)
        kind = "ragged" if self.stays_ragged else "padded"
        np.save(stem.with_suffix(f".{kind}.npy"), flat, allow_pickle=False)
        np.save(stem.with_suffix(".shapes.npy"), shapes, allow_pickle=False)
        np.save(stem.with_suffix(".fill.npy"), self.fill, allow_pickle=False)


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
    return RaggedColumn(samples, stays_ragged=stays_ragged, fill=0 if stays_ragged else padding_value(samples))


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
    flat = np.load(ragged if ragged.exists() else stem.with_suffix(".padded.npy"), allow_pickle=False)
    shapes = np.load(stem.with_suffix(".shapes.npy"), allow_pickle=False)
    ends = np.cumsum(np.prod(shapes, axis=1, dtype=np.int64))
    samples = [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]
    fill = np.load(stem.with_suffix(".fill.npy"), allow_pickle=False)[()]
    return RaggedColumn(samples, stays_ragged=ragged.exists(), fill=fill)


def _load_text(flat: NDArray[np.uint8], lengths: NDArray[np.int64]) -> TextColumn:
    ends = np.cumsum(lengths.reshape(-1))
    data = flat.tobytes()
    kept = np.empty(lengths.size, dtype=object)
    kept[:] = [data[end - length : end] for end, length in zip(ends, lengths.reshape(-1), strict=True)]
    return TextColumn(kept.reshape(lengths.shape))


def padding_value(samples: Sequence[NDArray[Any]]) -> Any:
    """The value that fills up the ends of most, but not all, of the samples; zero if there is none.

    A pipeline that pads its batches makes them so: all but the longest of a batch end in padding, such as the -1 that a
    loss is told to ignore. An end token, or a mask that is all ones, is not taken for padding: it would be wrong to
    fill up with them, while zero is what most padding is.
    """
    if not samples or samples[0].dtype.kind not in "biufc":
        return 0
    varies = [len(set(sizes)) > 1 for sizes in zip(*(sample.shape for sample in samples), strict=True)]
    end = tuple(slice(-PADDED_RUN, None) if varied else slice(None) for varied in varies)
    padded = [sample.flat[-1] for sample in samples if _is_constant(sample[end]) and not _is_constant(sample)]
    if not padded:
        return 0
    values, counts = np.unique(padded, return_counts=True)
    most = counts.argmax()
    return values[most] if PADDED_PART <= counts[most] / len(samples) < 1 else 0


def _is_constant(array: NDArray[Any]) -> bool:
    """Whether all entries are the same, a NaN being the same as a NaN; an empty array is not constant."""
    data = array.tobytes()
    return bool(data) and data == data[: array.itemsize] * array.size


def pad(samples: Sequence[NDArray[Any]], fill: Any) -> NDArray[Any]:
    """The samples in one array, each filled up at its ends to the largest size along every axis."""
    shape = np.max([sample.shape for sample in samples], axis=0)
    batch = np.full((len(samples), *shape), fill, dtype=samples[0].dtype)
    for row, sample in zip(batch, samples, strict=True):
        row[tuple(slice(size) for size in sample.shape)] = sample
    return batch
