"""The batches of a fit call, made by Keras's own epoch iterator.

What an argument of fit means depends on the kind of data, on the backend and on Keras's version: `shuffle=True` draws a
permutation of arrays, shuffles the batches of a `PyDataset`, and does nothing to a `tf.data` pipeline. Keras's iterator
gets all of this right, if the random generators are in the state in which the script called fit.
"""

import contextlib
import warnings
from collections.abc import Generator, Iterator
from importlib import import_module
from typing import Any

import numpy as np

from sweeper.capture._layers import is_built
from sweeper.capture.data._base import Given
from sweeper.capture.data._columns import Indices
from sweeper.capture.data._leaves import keep_leaf

_EPOCH_ITERATORS = {
    "tensorflow": ("keras.src.backend.tensorflow.trainer", "TFEpochIterator"),
    "jax": ("keras.src.backend.jax.trainer", "JAXEpochIterator"),
    "torch": ("keras.src.backend.torch.trainer", "TorchEpochIterator"),
}
_EPOCH_ITERATOR = ("keras.src.trainers.epoch_iterator", "EpochIterator")
MOST_PASSES = 64
"""Most epochs over arrays whose shuffled order is kept; a longer training begins with the first of them again."""


def keras_epochs(model: Any, given: Given) -> Generator[Iterator[Any]]:
    """Yields epochs of a fit with these arguments without end, each an iterator over the batches for the train step.

    Raises what Keras raises on arguments that do not fit together.
    """
    import keras

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        epochs = _epoch_iterator(model, **given.adapted())
        if keras.backend.backend() != "tensorflow" and _needs_a_batch(model):
            # On these backends fit takes a first batch to build the model, and then starts over.
            next(_one_pass(epochs), None)
        epochs.reset()
    while True:
        yield _one_pass(epochs)


def keras_validations(model: Any, data: Any, *, steps: int | None) -> Generator[None]:
    """A generator that reads the validation data, as one validation of fit does, each time it is advanced."""
    epochs = _epoch_iterator(model, x=data, steps_per_epoch=steps, shuffle=False)
    while True:
        epochs.reset()
        for _ in _one_pass(epochs):
            pass
        yield


def _epoch_iterator(model: Any, **arguments: Any) -> Any:
    """Keras's epoch iterator of the current backend for these arguments of fit."""
    import keras

    backend = keras.backend.backend()
    module, name = _EPOCH_ITERATORS.get(backend, _EPOCH_ITERATOR)
    strategy = {"distribute_strategy": model.distribute_strategy} if backend == "tensorflow" else {}
    return getattr(import_module(module), name)(**arguments, **strategy)


def _needs_a_batch(model: Any) -> bool:
    """Whether fit takes a first batch to build the model, its loss or its metrics before it trains."""
    compiled = (getattr(model, name, None) for name in ("_compile_loss", "_compile_metrics"))
    return not is_built(model) or any(part is not None and not part.built for part in compiled)


def _one_pass(epochs: Any) -> Iterator[Any]:
    """The batches of the next epoch of a Keras epoch iterator."""
    with warnings.catch_warnings(), epochs.catch_stop_iteration():
        warnings.simplefilter("ignore")
        for *_, source in epochs:  # a list of batches, or TensorFlow's iterator over them
            yield source[0] if isinstance(source, list) else next(source)


def order_of_arrays(model: Any, count: int, *, needed: int, batch_size: int, shuffle: Any) -> tuple[Indices, ...]:
    """The indices of `count` samples in the order in which fit takes them, one array for each epoch.

    Stops at `needed` indices in all (the last array is then cut), after `MOST_PASSES` epochs, or where epochs repeat.
    """
    if not shuffle:
        return (np.arange(min(count, needed), dtype=np.int64),)
    passes: list[Indices] = []
    given = Given(x=np.arange(count, dtype=np.int64), batch_size=batch_size, shuffle=shuffle)
    with contextlib.closing(keras_epochs(model, given)) as epochs:
        for epoch in epochs:
            drawn, taken = 0, []
            for batch in epoch:
                taken.append(_as_indices(batch))
                drawn += len(taken[-1])
                if drawn >= needed:
                    break
            passes.append(np.concatenate(taken)[:needed])
            needed -= drawn
            # With a seed, TensorFlow draws the same permutation for every epoch.
            if needed <= 0 or len(passes) == MOST_PASSES or (len(passes) > 1 and np.array_equal(passes[0], passes[-1])):
                break
    return tuple(passes)


def _as_indices(batch: Any) -> Indices:
    """A batch of a fit on indices as a numpy array."""
    (x,) = batch if isinstance(batch, tuple | list) else (batch,)
    return np.asarray(keep_leaf(x)).astype(np.int64)
