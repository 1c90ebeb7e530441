"""Weights as an initializer drew them, and what it would have drawn with another seed.

A script that is run again with another seed starts from other weights. Keras's random initializers hold their seed, and
give the same values whenever they are called: so a weight that still has these values was neither loaded nor trained
nor set since, and a copy of the initializer with another seed draws what another run would start from.

What the script copied from such a weight (a teacher, a target network, an average of weights) is in another run a copy
of the other values, so it is drawn together with its original.
"""

import copy
import functools
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from sweeper.capture._nbytes import variable_bytes
from sweeper.capture._state import State, read, write

DRAWN_BYTES = 1 << 26
"""Most memory for drawn weights that are kept for further probes of their seeds; larger models draw them again."""
_STREAM = 0x77656967
"""Tells the seeds of weights apart from other numbers that are derived from a probe's seed."""
_ATTRIBUTE = "_sweeper_initializer"


def remember_initializers(module: ModuleType) -> None:
    """Records the initializer of every Keras variable that is made from now on; `module` defines their class."""
    variable_class = module.Variable
    original = variable_class.__init__

    @functools.wraps(original)
    def init(variable: Any, initializer: Any, *args: Any, **kwargs: Any) -> None:
        original(variable, initializer, *args, **kwargs)
        if hasattr(initializer, "seed"):  # others draw nothing, and an array would be held for as long as the variable
            setattr(variable, _ATTRIBUTE, initializer)

    variable_class.__init__ = init


def fresh_weights(weights: Sequence[Any], state: State) -> list[int]:
    """The indices of the weights whose kept values are those that their initializers draw."""
    return [number for number, weight in enumerate(weights) if _is_fresh(weight, state.value(weight))]


def check_initializers(weights: Sequence[Any], fresh: Sequence[int]) -> None:
    """Raises `ValueError` when a weight that was fresh in another worker has no random initializer in this one."""
    for number in fresh:
        if number >= len(weights) or _random_initializer(weights[number]) is None:
            raise ValueError(f"weight {number + 1} of the model was drawn at random before and is not now")


def copied_weights(weights: Sequence[Any], fresh: Sequence[int], state: State) -> list[tuple[Any, int]]:
    """The kept variables with the same values as a fresh weight, each with the index of that weight.

    Where several fresh weights begin alike, those after the first are copies of it.
    """
    originals: dict[tuple[int, ...], list[int]] = {}
    copies: dict[int, tuple[Any, int]] = {}
    for number in fresh:
        original = _original(state.value(weights[number]), originals, weights, state)
        if original is None:
            originals.setdefault(tuple(weights[number].shape), []).append(number)
        else:
            copies[id(weights[number])] = weights[number], original
    known = {id(weights[number]) for number in fresh}
    for variable in state.variables:
        original = None if id(variable) in known else _original(state.value(variable), originals, weights, state)
        if original is not None:
            copies[id(variable)] = variable, original
    return list(copies.values())


def _original(
    value: Any, originals: dict[tuple[int, ...], list[int]], weights: Sequence[Any], state: State
) -> int | None:
    """The index of the weight that begins with these values, which may be kept in another precision."""
    for number in originals.get(value.shape, ()):
        if np.array_equal(state.value(weights[number]).astype(value.dtype), value):
            return number
    return None


def is_constant(value: Any) -> bool:
    """Whether a weight has at most two values, as zeros, ones and the biases of an LSTM begin."""
    return bool(((value == value.min()) | (value == value.max())).all()) if value.size else True


class OtherWeights:
    """Draws the fresh weights of a model as they would be with another seed, and sets what is copied from them.

    What is drawn depends on the seed, on the place of the weight and on its initializer, not on the process.
    """

    def __init__(self, weights: Sequence[Any], fresh: Sequence[int], copies: Sequence[tuple[Any, int]] = ()) -> None:
        copied = {id(variable) for variable, _ in copies}
        self._weights = [(number, weights[number]) for number in fresh if id(weights[number]) not in copied]
        self._copies: dict[int, list[Any]] = {}
        for variable, number in copies:
            self._copies.setdefault(number, []).append(variable)
        self._kept: dict[int, list[Any]] = {}
        self._most_kept = DRAWN_BYTES // max(1, sum(variable_bytes(weight) for _, weight in self._weights))

    def write(self, seed: int) -> None:
        """Sets the fresh weights to those of a seed other than 0, which is the script's own."""
        values: Iterable[Any] | None = self._kept.get(seed)
        if values is None:
            values = (_drawn(weight, seed=_derived(seed, number)) for number, weight in self._weights)
            if len(self._kept) < self._most_kept:
                values = self._kept[seed] = list(values)
        for (number, weight), value in zip(self._weights, values, strict=True):
            write(weight, value)
            for copied in self._copies.get(number, ()):
                write(copied, value.astype(read(copied).dtype, copy=False))


def _derived(seed: int, number: int) -> int:
    """The seed of an initializer for a probe's seed."""
    return int(np.random.Generator(np.random.PCG64([seed, number, _STREAM])).integers(0, 2**31))


def _is_fresh(weight: Any, kept: Any) -> bool:
    initializer = _random_initializer(weight)
    return initializer is not None and np.array_equal(_drawn(weight, seed=initializer.seed), kept)


def _random_initializer(weight: Any) -> Any:
    """The initializer of a weight if it draws at random and repeats itself; else None."""
    from keras.src.initializers.random_initializers import RandomInitializer

    initializer = getattr(weight, _ATTRIBUTE, None)
    # A generator in place of a seed goes on where it stood: what it gave cannot be had again.
    return initializer if isinstance(initializer, RandomInitializer) and isinstance(initializer.seed, int) else None


def _drawn(weight: Any, *, seed: int) -> Any:
    """What the initializer of a weight gives with a seed."""
    import keras

    other = copy.copy(_random_initializer(weight))
    other.seed = seed
    return np.array(keras.ops.convert_to_numpy(other(tuple(weight.shape), dtype=weight.dtype)))
