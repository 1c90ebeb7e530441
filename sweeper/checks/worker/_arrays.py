"""Facts about arrays, whatever holds their values: arrays, lists, data frames, ragged or sparse tensors."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.checks.diagnose import ArrayFacts, Container, Kind
from sweeper.checks.worker._statistics import SAMPLE_ROWS, sampled, with_numbers


def summarise(name: str, value: Any, *, of_elements: bool = False) -> ArrayFacts:
    """The facts of one array, or of some samples of a pipeline whose length is unknown."""
    if type(value).__name__ == "RaggedTensor":
        return _ragged(name, value)
    container = Container.ELEMENTS if of_elements else Container.ARRAY
    if isinstance(value, list | tuple):
        if _lengths(value) is not None and len(set(_lengths(value) or ())) > 1:
            return _uneven(name, value, container=Container.LIST)
        value, container = _array_of_list(value), Container.LIST
    array, from_frame = as_numpy(value)
    if array.dtype.kind == "O":
        if array.ndim == 1 and _lengths(array) is not None:
            return _uneven(name, array, container=container)
        if from_frame and (numbers := _numbers(array)) is not None:
            array = numbers
    count = None if of_elements else (int(array.shape[0]) if array.ndim else 0)
    facts = ArrayFacts(
        name=name,
        shape=tuple(map(int, array.shape)),
        dtype=str(array.dtype),
        kind=_kind(array),
        container=container,
        samples=count,
    )
    return with_numbers(facts, array) if array.dtype.kind in "fiub" and array.size else facts


def _array_of_list(value: Any) -> NDArray[Any]:
    try:
        return np.asarray(value)
    except ValueError:
        return np.asarray(list(map(str, value)), dtype=object)


def as_numpy(value: Any) -> tuple[NDArray[Any], bool]:
    """The values as a NumPy array, and whether they come from a data frame."""
    if hasattr(value, "iloc"):
        array = value.to_numpy()
        return (array[:, None] if array.ndim == 1 else array), True  # Keras makes a column of a Series
    if hasattr(value, "toarray"):
        rows = value.tocsr()[sampled(value.shape[0], SAMPLE_ROWS)]
        return np.asarray(rows.toarray()), False
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    return array, False


def _numbers(array: NDArray[Any]) -> NDArray[Any] | None:
    """The objects of a data frame as numbers, converted as Keras does; None where they are no numbers."""
    try:
        return array.astype(np.float32)
    except (TypeError, ValueError):
        return None


def _lengths(value: Any) -> list[int] | None:
    """The lengths of the entries of a list, where all of them are sequences; else None."""
    items = list(value)
    if not items or any(isinstance(item, str | bytes) or not hasattr(item, "__len__") for item in items):
        return None
    try:
        return [len(item) for item in items]
    except TypeError:
        return None


def _uneven(name: str, value: Any, *, container: Container) -> ArrayFacts:
    lengths = _lengths(value) or [0]
    return ArrayFacts(
        name=name,
        shape=(len(value),),
        dtype="object",
        kind=Kind.OBJECT,
        container=container,
        samples=len(value),
        lengths=(min(lengths), max(lengths)),
    )


def _ragged(name: str, value: Any) -> ArrayFacts:
    lengths = np.asarray(value.row_lengths())
    flat = np.asarray(value.flat_values)
    numbers = flat.dtype.kind in "fiub" and flat.size > 0
    return ArrayFacts(
        name=name,
        shape=(len(lengths),),
        dtype=str(flat.dtype),
        kind=_kind(flat) if flat.dtype.kind != "O" else Kind.TEXT,
        container=Container.ELEMENTS,
        samples=len(lengths),
        looked_at=len(lengths),
        lengths=(int(lengths.min()), int(lengths.max())) if len(lengths) else None,
        low=float(flat.min()) if numbers else None,
        high=float(flat.max()) if numbers else None,
        whole=numbers and flat.dtype.kind != "f",
    )


def _kind(array: NDArray[Any]) -> Kind:
    if array.dtype.kind in "USST" or (array.dtype.kind == "O" and _all_text(array)):
        return Kind.TEXT
    return {"f": Kind.FLOAT, "i": Kind.INTEGER, "u": Kind.INTEGER, "b": Kind.BOOL}.get(array.dtype.kind, Kind.OBJECT)


def _all_text(array: NDArray[Any]) -> bool:
    few = array.reshape(-1)[:100]
    return bool(len(few)) and all(isinstance(item, str | bytes) for item in few)
