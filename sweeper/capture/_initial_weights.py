"""Draws the initial weights that the script would start from with another seed.

Keras's random initializers hold their seed and give the same values whenever they are called. So a weight that still
has these values is fresh: it was not loaded, trained or set since. A copy of its initializer with another seed draws
what another run of the script would start from.

What the script copied from a fresh weight (a teacher, a target network, an average of weights) is set to the new values
of that weight too.
"""

import copy
import math
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sweeper.capture._nbytes import variable_bytes
from sweeper.capture._state import State, load_weights, read, write
from sweeper.job import InitialWeights

DRAWN_BYTES = 1 << 26
"""Most memory for weights that are kept, seed by seed, for further probes; beyond it they are drawn again."""
_STREAM = 0x77656967
"""Keeps the seeds of weights independent of other random numbers that are derived from a probe's seed."""
_ATTRIBUTE = "_sweeper_initializer"


def remember_initializer(variable: Any, initializer: Any) -> None:
    """Lets a variable that was just made remember its initializer, if that is a random one."""
    if hasattr(initializer, "seed"):  # no reference to constants: they may be large arrays
        setattr(variable, _ATTRIBUTE, initializer)


def fresh_weights(weights: Sequence[Any], state: State) -> list[int]:
    """The indices of the weights that in `state` still have the values that their random initializer drew."""
    return [index for index, weight in enumerate(weights) if _is_fresh(weight, state.value(weight))]


def check_initializers(weights: Sequence[Any], fresh: Sequence[int]) -> None:
    """Raises `ValueError` where a weight with an index in `fresh`, from another worker, has no random initializer."""
    for index in fresh:
        if index >= len(weights) or _random_initializer(weights[index]) is None:
            raise ValueError(f"weight {index + 1} of the model was drawn at random before and is not now")


def copied_weights(weights: Sequence[Any], fresh: Sequence[int], state: State) -> list[tuple[Any, int]]:
    """The variables in `state` with the same values as a fresh weight, each with the index of that weight.

    Where several fresh weights have the same values, those after the first are copies of it.
    """
    originals: dict[tuple[int, ...], list[int]] = {}
    copies: dict[int, tuple[Any, int]] = {}
    for index in fresh:
        original = _original(state.value(weights[index]), originals, weights, state)
        if original is None:
            originals.setdefault(tuple(weights[index].shape), []).append(index)
        else:
            copies[id(weights[index])] = weights[index], original
    known = {id(weights[index]) for index in fresh}
    for variable in state.variables:
        original = None if id(variable) in known else _original(state.value(variable), originals, weights, state)
        if original is not None:
            copies[id(variable)] = variable, original
    return list(copies.values())


def load_initial_weights(
    path: Path, variables: Sequence[Any], weights: Sequence[Any], copies: Sequence[tuple[Any, int]], state: State
) -> None:
    """Makes what another worker wrote the start of these variables, and that of what was copied from a weight.

    A script that seeds nothing has drawn other weights in this process, and `copies` of those: variables, each with
    the index of its weight. Raises `ValueError` where the variables do not match.
    """
    load_weights(path, variables)
    for variable in variables:
        state.override(variable, read(variable))
    known = {id(variable) for variable in variables}
    for variable, number in copies:
        if id(variable) not in known:
            state.override(variable, state.value(weights[number]).astype(state.value(variable).dtype))


def _original(
    value: Any, originals: dict[tuple[int, ...], list[int]], weights: Sequence[Any], state: State
) -> int | None:
    """The index of the weight that has these values, maybe in another precision; `originals` are indices by shape."""
    for index in originals.get(value.shape, ()):
        if np.array_equal(state.value(weights[index]).astype(value.dtype), value):
            return index
    return None


def is_constant(value: Any) -> bool:
    """Whether a weight has at most two different values: zeros, ones, or the initial biases of an LSTM."""
    return bool(((value == value.min()) | (value == value.max())).all()) if value.size else True


def initial_weights(weights: Sequence[Any], fresh: Collection[int], state: State) -> InitialWeights:
    """The numbers of parameters by how these begin; `fresh` are the indices of weights that are drawn at random."""
    others = [weight for number, weight in enumerate(weights) if number not in fresh]
    constant = sum(parameters(weight) for weight in others if is_constant(state.value(weight)))
    return InitialWeights(
        drawn=sum(parameters(weights[number]) for number in fresh),
        constant=constant,
        kept=sum(map(parameters, others)) - constant,
    )


def parameters(weight: Any) -> int:
    """The number of parameters in a weight."""
    return math.prod(map(int, weight.shape))


class OtherWeights:
    """Sets the fresh weights of a model, and the copies of them, to what their initializers draw with another seed.

    The values depend only on the seed, the index of the weight and its initializer, so all workers draw the same.
    """

    def __init__(self, weights: Sequence[Any], fresh: Sequence[int], copies: Sequence[tuple[Any, int]] = ()) -> None:
        copied = {id(variable) for variable, _ in copies}
        self._weights = [(index, weights[index]) for index in fresh if id(weights[index]) not in copied]
        self._copies: dict[int, list[Any]] = {}
        for variable, index in copies:
            self._copies.setdefault(index, []).append(variable)
        self._kept: dict[int, list[Any]] = {}
        """The drawn values by seed."""
        self._most_kept = DRAWN_BYTES // max(1, sum(variable_bytes(weight) for _, weight in self._weights))

    def write(self, seed: int) -> None:
        """Sets the weights to those of `seed`, which is not 0: probes of seed 0 have the script's own."""
        values: Iterable[Any] | None = self._kept.get(seed)
        if values is None:
            values = (_drawn(weight, seed=_initializer_seed(seed, index)) for index, weight in self._weights)
            if len(self._kept) < self._most_kept:
                values = self._kept[seed] = list(values)
        for (index, weight), value in zip(self._weights, values, strict=True):
            write(weight, value)
            for copied in self._copies.get(index, ()):
                write(copied, value.astype(read(copied).dtype, copy=False))


def _initializer_seed(probe_seed: int, index: int) -> int:
    """The seed for the initializer of the weight with this index in probes of a seed."""
    return int(np.random.Generator(np.random.PCG64([probe_seed, index, _STREAM])).integers(0, 2**31))


def _is_fresh(weight: Any, value: Any) -> bool:
    """Whether `value` is what the random initializer of a weight drew."""
    initializer = _random_initializer(weight)
    return initializer is not None and np.array_equal(_drawn(weight, seed=initializer.seed), value)


def _random_initializer(weight: Any) -> Any:
    """The random initializer of a weight if it draws the same values again when called again; else None."""
    from keras.src.initializers.random_initializers import RandomInitializer

    initializer = getattr(weight, _ATTRIBUTE, None)
    # An initializer whose seed is a generator draws other values each time.
    return initializer if isinstance(initializer, RandomInitializer) and isinstance(initializer.seed, int) else None


def _drawn(weight: Any, *, seed: int) -> Any:
    """The values that the initializer of a weight draws with a seed."""
    import keras

    other = copy.copy(_random_initializer(weight))
    other.seed = seed
    return np.array(keras.ops.convert_to_numpy(other(tuple(weight.shape), dtype=weight.dtype)))
