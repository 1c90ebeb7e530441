"""Runs a training loop in plain TensorFlow, without sweeper, and writes down its losses or the times of its updates.

    python scripts/studies/loops_parts/bare.py SCRIPT OUT --see targets|returned|times --count 60 [--rate 0.01]

`targets` are the scalars that the script takes gradients of, `returned` what its traced functions and `train_on_batch`
return first, in order. `times` are seconds at which these calls, or eager updates, had ended. The process ends after
`count` of them. With `--rate`, every optimizer makes its updates at that rate, whatever its schedule or script says.
"""

import argparse
import functools
import json
import os
import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf


class Seen:
    """What was seen so far; ends the process where that is enough."""

    def __init__(self, out: Path, count: int) -> None:
        self.out, self.count = out, count
        self.values: list[float] = []

    def add(self, value: Any) -> None:
        """Takes one more value."""
        self.values.append(float(value))
        if len(self.values) == self.count:
            self.write()
            os._exit(0)

    def write(self) -> None:
        """Writes the values."""
        self.out.write_text(json.dumps(self.values))


def see_targets(seen: Seen) -> None:
    """Sees every scalar that gradients are taken of, also where that is traced."""
    gradient = tf.GradientTape.gradient

    @functools.wraps(gradient)
    def watched(self: Any, target: Any, *others: Any, **more: Any) -> Any:
        found = gradient(self, target, *others, **more)
        if tf.is_tensor(target) and target.shape.rank == 0:
            tf.numpy_function(seen.add, [target], [], stateful=True)
        return found

    tf.GradientTape.gradient = watched


def after_calls(then: Callable[[Any], None], *, eager_updates: bool) -> None:
    """Calls `then` with the result of every call of a traced function of the script, and of `train_on_batch`."""
    traced = tf.function

    def function(func: Any = None, **options: Any) -> Any:
        if sys._getframe(1).f_globals["__name__"] != "__main__":  # noqa: SLF001  Keras's own
            return traced(func, **options)
        if func is None:
            return lambda given: watch(traced(given, **options))
        return watch(traced(func, **options))

    def watch(call: Any) -> Any:
        @functools.wraps(call)
        def watched(*arguments: Any, **more: Any) -> Any:
            result = call(*arguments, **more)
            then(result)
            return result

        return watched

    if eager_updates:
        keras.optimizers.Optimizer.apply_gradients = watch(keras.optimizers.Optimizer.apply_gradients)
    else:
        tf.function = function
        keras.Model.train_on_batch = watch(keras.Model.train_on_batch)


def hold_rate(rate: float) -> None:
    """Makes all optimizers take this rate."""
    keras.optimizers.Optimizer._get_current_learning_rate = lambda _: tf.constant(rate, tf.float32)  # noqa: SLF001


def main() -> None:
    """Runs the script that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("script")
    parser.add_argument("out", type=Path)
    parser.add_argument("--see", choices=["targets", "returned", "times", "eager-times"], required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--rate", type=float)
    given = parser.parse_args()
    seen = Seen(given.out.resolve(), given.count)
    if given.rate is not None:
        hold_rate(given.rate)
    if given.see == "targets":
        see_targets(seen)
    elif given.see == "returned":
        after_calls(lambda result: seen.add(np.ravel(result)[0]), eager_updates=False)
    else:
        after_calls(lambda _: seen.add(time.perf_counter()), eager_updates=given.see == "eager-times")
    sys.argv = [given.script]
    runpy.run_path(given.script, run_name="__main__")
    seen.write()


if __name__ == "__main__":
    main()
