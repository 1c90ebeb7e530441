"""The batches of a fit call as Keras itself makes them: its own adapters, order, class weights and random draws.

What an argument of fit means depends on the kind of data, on the backend and on Keras's version: `shuffle=True` draws a
permutation of arrays, shuffles the batches of a `PyDataset`, and does nothing to a pipeline. So Keras's own iterator
over the batches of an epoch is asked, from the random state in which the script called fit.
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

_ITERATORS = {
    "tensorflow": ("keras.src.backend.tensorflow.trainer", "TFEpochIterator"),
    "jax": ("keras.src.backend.jax.trainer", "JAXEpochIterator"),
    "torch": ("keras.src.backend.torch.trainer", "TorchEpochIterator"),
}
_OTHERS = ("keras.src.trainers.epoch_iterator", "EpochIterator")
MOST_PASSES = 64
"""Passes over arrays whose order is kept; a longer training begins with the first one again."""


def own_passes(model: Any, given: Given) -> Generator[Iterator[Any]]:
    """The batches of each epoch of a fit on this data, as its train step gets them; epochs do not end.

    Raises what Keras raises on arguments that do not fit together.
    """
    import keras

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        epochs = _epoch_iterator(model, **given.adapted())
        if keras.backend.backend() != "tensorflow" and _needs_a_batch(model):
            # On these backends fit looks at a first batch, and then begins again.
            next(_one_pass(epochs), None)
        epochs.reset()
    while True:
        yield _one_pass(epochs)


def own_validations(model: Any, data: Any, *, steps: int | None) -> Generator[None]:
    """Reads validation data, once for each `next`, as the validations of a fit do."""
    epochs = _epoch_iterator(model, x=data, steps_per_epoch=steps, shuffle=False)
    while True:
        epochs.reset()
        for _ in _one_pass(epochs):
            pass
        yield


def _epoch_iterator(model: Any, **arguments: Any) -> Any:
    """What Keras iterates over in each epoch of a fit or a validation with these arguments."""
    import keras

    backend = keras.backend.backend()
    module, name = _ITERATORS.get(backend, _OTHERS)
    strategy = {"distribute_strategy": model.distribute_strategy} if backend == "tensorflow" else {}
    return getattr(import_module(module), name)(**arguments, **strategy)


def _needs_a_batch(model: Any) -> bool:
    """Whether fit builds anything before it begins: layers without weights, a loss or metrics not called yet."""
    compiled = (getattr(model, name, None) for name in ("_compile_loss", "_compile_metrics"))
    return not is_built(model) or any(part is not None and not part.built for part in compiled)


def _one_pass(epochs: Any) -> Iterator[Any]:
    with warnings.catch_warnings(), epochs.catch_stop_iteration():
        warnings.simplefilter("ignore")
        for *_, source in epochs:
            yield source[0] if isinstance(source, list) else next(source)


def order_of_arrays(model: Any, count: int, *, needed: int, batch_size: int, shuffle: Any) -> tuple[Indices, ...]:
    """The numbers of the samples in the order in which a fit on `count` of them takes them, pass after pass.

    Of the last pass only a part is drawn: `needed` of them are in all passes together, or as many as make sense.
    """
    if not shuffle:
        return (np.arange(min(count, needed), dtype=np.int64),)
    passes: list[Indices] = []
    numbers = Given(x=np.arange(count, dtype=np.int64), batch_size=batch_size, shuffle=shuffle)
    with contextlib.closing(own_passes(model, numbers)) as epochs:
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
    (numbers,) = batch if isinstance(batch, tuple | list) else (batch,)
    if hasattr(numbers, "values") and isinstance(numbers.values, tuple):  # one part for each replica
        return np.concatenate([np.asarray(part) for part in numbers.values]).astype(np.int64)
    numbers = numbers.detach().cpu() if hasattr(numbers, "detach") else numbers
    return np.asarray(numbers).astype(np.int64)
