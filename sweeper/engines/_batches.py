"""The stream of batches of a probe, as something that `model.fit` takes.

With TensorFlow and dense samples the batches are gathered inside the input pipeline, so that no Python runs
per step. The batch dimension is left unknown wherever the model allows it: one trace then serves every batch
size, and a curve cannot depend on which size was traced first.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sweeper.capture import DenseColumn, Indices, RaggedColumn, Samples, TextColumn, unflatten


def batches(samples: Samples, order: Indices, batch_size: int, *, fixed: bool) -> Any:
    """Batches of the samples at `order`, one after another.

    `order` must hold a whole number of batches if `fixed`, which gives batches their size as a static shape.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        return _generator(samples, order, batch_size)
    dense = [column for column in samples.columns if isinstance(column, DenseColumn)]
    if len(dense) == len(samples.columns):
        return _gathered(samples, dense, order, batch_size, fixed=fixed)
    return _generated(samples, order, batch_size, fixed=fixed)


def _generator(samples: Samples, order: Indices, batch_size: int) -> Iterator[Any]:
    step = 1 if samples.whole_elements else batch_size
    for start in range(0, len(order), step):
        element = samples.batch(order[start : start + step])
        yield element if isinstance(element, tuple) else (element,)


def _gathered(samples: Samples, dense: list[DenseColumn], order: Indices, batch_size: int, *, fixed: bool) -> Any:
    import tensorflow as tf

    with tf.device("CPU"):
        columns = [as_tensor(column) for column in dense]
        indices = tf.data.Dataset.from_tensor_slices(order)
        if not samples.whole_elements:
            indices = indices.batch(batch_size, drop_remainder=fixed)
        return indices.map(lambda chosen: tuples(samples.structure, [tf.gather(column, chosen) for column in columns]))


def as_tensor(column: DenseColumn) -> Any:
    """The samples as a tensor, made once for each column."""
    if column.tensor is None:
        import tensorflow as tf

        column.tensor = tf.convert_to_tensor(np.asarray(column.array))
    return column.tensor


def _generated(samples: Samples, order: Indices, batch_size: int, *, fixed: bool) -> Any:
    import tensorflow as tf

    step = 1 if samples.whole_elements else batch_size
    starts = range(0, len(order), step)

    def elements() -> Iterator[Any]:
        for start in starts:
            yield _tuples_of(samples.batch(order[start : start + step]))

    specs = [_spec(column, batch_size if fixed else None, whole=samples.whole_elements) for column in samples.columns]
    dataset = tf.data.Dataset.from_generator(elements, output_signature=tuples(samples.structure, specs))
    # Without it Keras warns at the end that the data ran out.
    return dataset.apply(tf.data.experimental.assert_cardinality(len(starts)))


def _spec(column: Any, batch_size: int | None, *, whole: bool) -> Any:
    import tensorflow as tf

    lead = [] if whole else [batch_size]
    if isinstance(column, TextColumn):
        return tf.TensorSpec([*lead, *column.array.shape[1:]], tf.string)
    if isinstance(column, DenseColumn):
        return tf.TensorSpec([*lead, *column.array.shape[1:]], column.array.dtype)
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
