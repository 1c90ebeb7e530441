"""The stream of batches of a probe, as something that `model.fit` takes.

With TensorFlow and dense samples the batches are gathered inside the input pipeline, so that no Python runs
per step. The batch dimension is left unknown wherever the model allows it: one trace then serves every batch
size, and a curve cannot depend on which size was traced first.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from sweeper.capture import (
    NO_SAMPLE,
    DenseColumn,
    Indices,
    RaggedColumn,
    Samples,
    SparseColumn,
    SparseElements,
    TextColumn,
    unflatten,
)


def batches(samples: Samples, rows: Indices, *, fixed: bool) -> Any:
    """Batches of the samples, one for each row of their numbers; `NO_SAMPLE` in a row is left out.

    Where whole elements are kept, a row is the number of one. `fixed` gives batches their size as a static shape, where
    all have one.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        return _generator(samples, rows)
    fixed = fixed and bool((rows != NO_SAMPLE).all())
    dense = [column for column in samples.columns if isinstance(column, DenseColumn)]
    if len(dense) == len(samples.columns):
        return _gathered(samples, dense, rows, fixed=fixed)
    return _generated(samples, rows, fixed=fixed)


def rows_of(count: int, size: int) -> Indices:
    """The indices of `count` samples in rows of `size`, the last of which may be smaller."""
    rows = np.full((-(-count // size), size), NO_SAMPLE, dtype=np.int64)
    rows.reshape(-1)[:count] = np.arange(count)
    return rows


def _elements(samples: Samples, rows: Indices) -> Iterator[Any]:
    for row in rows:
        chosen = np.atleast_1d(row)
        yield samples.batch(chosen[chosen != NO_SAMPLE])


def _generator(samples: Samples, rows: Indices) -> Iterator[Any]:
    for element in _elements(samples, rows):
        yield element if isinstance(element, tuple) else (element,)


def _gathered(samples: Samples, dense: list[DenseColumn], rows: Indices, *, fixed: bool) -> Any:
    import tensorflow as tf

    with tf.device("CPU"):
        columns = [as_tensor(column) for column in dense]
        indices = tf.data.Dataset.from_tensor_slices(rows)
        if not samples.whole_elements and not fixed:
            indices = _mapped(indices, lambda row: tf.boolean_mask(row, row != NO_SAMPLE))
        return _mapped(
            indices, lambda chosen: tuples(samples.structure, [tf.gather(column, chosen) for column in columns])
        )


def _mapped(dataset: Any, function: Callable[[Any], Any]) -> Any:
    """The dataset with a function on each element, traced as it is: AutoGraph would take a while for nothing."""
    import tensorflow as tf

    return dataset.map(tf.autograph.experimental.do_not_convert(function))


def as_tensor(column: DenseColumn) -> Any:
    """The samples as a tensor, made once for each column."""
    if column.tensor is None:
        import tensorflow as tf

        column.tensor = tf.convert_to_tensor(np.asarray(column.array))
    return column.tensor


def _generated(samples: Samples, rows: Indices, *, fixed: bool) -> Any:
    import tensorflow as tf

    def elements() -> Iterator[Any]:
        for element in _elements(samples, rows):
            yield _tuples_of(element)

    size = rows.shape[1] if fixed and not samples.whole_elements else None
    specs = [_spec(column, size, whole=samples.whole_elements) for column in samples.columns]
    dataset = tf.data.Dataset.from_generator(elements, output_signature=tuples(samples.structure, specs))
    # Without it Keras warns at the end that the data ran out.
    return dataset.apply(tf.data.experimental.assert_cardinality(len(rows)))


def _spec(column: Any, batch_size: int | None, *, whole: bool) -> Any:
    import tensorflow as tf

    lead = [] if whole else [batch_size]
    if isinstance(column, TextColumn):
        return tf.TensorSpec([*lead, *column.array.shape[1:]], tf.string)
    if isinstance(column, DenseColumn):
        return tf.TensorSpec([*lead, *column.array.shape[1:]], column.array.dtype)
    if isinstance(column, SparseColumn):
        return tf.SparseTensorSpec([batch_size, *column.shape[1:]], column.values.dtype)
    if isinstance(column, SparseElements):
        first = column.elements[0]
        return tf.SparseTensorSpec([None] * len(first.shape), first.values.dtype)
    assert isinstance(column, RaggedColumn)
    sample = column.samples[0]
    sizes = [*lead, *[None if column.varies(axis) else sample.shape[axis] for axis in range(sample.ndim)]]
    if column.stays_ragged:
        return tf.RaggedTensorSpec(sizes, sample.dtype, ragged_rank=1)
    return tf.TensorSpec(sizes, sample.dtype)


def tuples(structure: Any, leaves: list[Any]) -> Any:
    """The element with tuples for lists: a pipeline would stack the items of a list into one tensor."""
    return _tuples_of(unflatten(structure, leaves))


def _tuples_of(element: Any) -> Any:
    if isinstance(element, dict):
        return {key: _tuples_of(item) for key, item in element.items()}
    if isinstance(element, tuple) and hasattr(element, "_fields"):
        kind: Any = type(element)
        return kind._make(_tuples_of(item) for item in element)
    if isinstance(element, list | tuple):
        return tuple(_tuples_of(item) for item in element)
    return element
