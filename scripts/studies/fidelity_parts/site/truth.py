"""The true loss of every batch of a script's own fit: what any probe at its own setting must show.

`python SCRIPT` runs as it always does, with its own optimizer, callbacks, data and train step. Only Keras's own
`Model.fit` gets one more callback, after the script's. Before a batch it sets the metrics back, so that what Keras
reports is the loss of that batch; after it, it adds what the metrics had, so that callbacks see the means of the epoch
as ever. After so many batches the facts are written and the process ends. Nothing of sweeper is used here.

Environment: FIDELITY_OUT the file to write; FIDELITY_STEPS batches; FIDELITY_RATE a constant rate in place of schedules
and callbacks that change it; FIDELITY_TAPE=1 notes what gradients are taken of, for train steps that report no loss;
FIDELITY_FIT the number of the fit call, 1 for the first.
"""

import gc
import inspect
import json
import math
import os
import sys
import threading
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from after_import import after_import

MOST_POINTS = 2000
"""Steps at which a schedule is evaluated to find its peak."""


def record_first_fit() -> None:
    """Watches for Keras's `Model`, whose `fit` is then taken over."""
    after_import("keras.src.models.model", _patch)


def _patch(module: ModuleType) -> None:
    original = module.Model.fit
    calls = {"wanted": int(os.environ.get("FIDELITY_FIT", "1")), "seen": 0}

    def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
        calls["seen"] += 1
        if calls["seen"] != calls["wanted"]:
            return original(model, *args, **kwargs)
        return _train_and_end(model, original, args, kwargs)

    module.Model.fit = fit


def _train_and_end(model: Any, original: Any, args: Any, kwargs: Any) -> None:
    bound = inspect.signature(original).bind(model, *args, **kwargs)
    bound.apply_defaults()
    values = dict(bound.arguments)
    values.pop(next(iter(values)))
    recorder = _recorder(int(os.environ.get("FIDELITY_STEPS", "20")))
    facts: dict[str, Any] = _facts(model, values)
    status = 0
    try:
        _prepare(model)
        values["callbacks"] = _with(values["callbacks"], recorder)
        values["verbose"] = 0
        recorder.facts = facts
        original(model, **values)
    except BaseException:  # noqa: BLE001  whatever ends a training is the answer
        facts["error"] = traceback.format_exc()[-3000:]
        status = 1
    recorder.write()
    _end(status)


def _end(status: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _with(callbacks: Any, recorder: Any) -> list[Any]:
    import keras

    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks = callbacks.callbacks
    return [*keras.tree.flatten(callbacks or []), recorder]


def _prepare(model: Any) -> None:
    """One step at a time instead of several in one call, which trains the same."""
    if getattr(model, "steps_per_execution", 1) not in (1, None):
        model.steps_per_execution = 1
        model.train_function = None


def _facts(model: Any, values: dict[str, Any]) -> dict[str, Any]:
    import keras

    return {
        "backend": keras.backend.backend(),
        "policy": keras.config.dtype_policy().name,
        "own_train_step": type(model).train_step is not keras.Model.train_step,
        "data": type(values["x"]).__name__,
        "shuffle": values["shuffle"] if isinstance(values["shuffle"], bool | str) else str(values["shuffle"]),
        "callbacks": [type(item).__name__ for item in _with(values["callbacks"], None)[:-1]],
        "epochs": values["epochs"],
        "initial_epoch": values["initial_epoch"],
        "error": "",
    }


def _optimizers(model: Any) -> list[Any]:
    """Every optimizer that hangs on the model, what a loss-scaling one wraps in its place."""
    import keras

    kind = keras.optimizers.Optimizer
    found = [model.optimizer, *(value for value in vars(model).values() if isinstance(value, kind))]
    found = [getattr(one, "inner_optimizer", one) for one in found if one is not None]
    return list({id(one): one for one in found}.values())


def _schedule(optimizer: Any) -> Any:
    rate = getattr(optimizer, "_learning_rate", None)
    return rate if callable(rate) and not hasattr(rate, "assign") else None


def _hold_rate(model: Any, rate: float, own: list[float | None]) -> None:
    """Keeps the first optimizer at `rate` and the others at the same multiple of their own rates."""
    optimizers = _optimizers(model)
    factor = rate / own[0] if own and own[0] else 1.0
    for number, optimizer in enumerate(optimizers):
        its = own[number] if number < len(own) else None
        wanted = rate if number == 0 or its is None else its * factor
        if _schedule(optimizer) is not None:
            optimizer._learning_rate = _constant(wanted)  # noqa: SLF001  the setter refuses to replace a schedule
        elif abs(_rate(optimizer) - wanted) > 1e-6 * abs(wanted):
            optimizer.learning_rate = wanted


def _constant(rate: float) -> Any:
    import keras

    class Constant(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, _step: Any) -> Any:
            return keras.ops.convert_to_tensor(rate, dtype="float32")

        def get_config(self) -> dict[str, Any]:
            return {}

    return Constant()


def _rate(optimizer: Any) -> float:
    import keras

    rate = optimizer.learning_rate
    return float(keras.ops.convert_to_numpy(rate)) if not callable(rate) else float(rate())


def _peak(optimizer: Any, steps: int | None) -> float | None:
    """The highest rate of an optimizer over so many updates."""
    schedule = _schedule(optimizer)
    try:
        if schedule is None:
            return _rate(optimizer)
        if not hasattr(schedule, "get_config"):
            return float(schedule())
        total = steps or MOST_POINTS
        points = sorted({round(i * (total - 1) / MOST_POINTS) for i in range(MOST_POINTS + 1)})
        values = [float(schedule(point)) for point in points]
        return max(value for value in values if math.isfinite(value))
    except Exception:  # noqa: BLE001  a schedule of the script's own may raise anything
        return None


def _recorder(steps: int) -> Any:  # noqa: C901  a Keras class can only be made once Keras is there
    import keras
    import numpy as np

    wanted_rate = os.environ.get("FIDELITY_RATE")
    tape = _Tape() if os.environ.get("FIDELITY_TAPE") else None

    class Recorder(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def __init__(self) -> None:
            super().__init__()
            self.facts: dict[str, Any] = {}
            self.logs: list[dict[str, float]] = []
            self.rates: list[float | None] = []
            self.own: list[float | None] = []
            self.kept: dict[int, Any] = {}

        def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002
            each = (self.params or {}).get("steps")
            total = each * self.facts["epochs"] if each else None
            optimizers = _optimizers(self.model)
            self.own = [_peak(optimizer, total) for optimizer in optimizers]
            self.facts["optimizers"] = [type(optimizer).__name__ for optimizer in optimizers]
            self.facts["peaks"] = self.own
            self.facts["steps_of_epoch"] = each
            schedules = [_schedule(optimizer) for optimizer in optimizers]
            self.facts["schedule"] = next((type(one).__name__ for one in schedules if one is not None), "")

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
            if wanted_rate is not None:
                _hold_rate(self.model, float(wanted_rate), self.own)
            try:
                self.rates.append(_rate(_optimizers(self.model)[0]))
            except Exception:  # noqa: BLE001  a model without an optimizer that has a rate
                self.rates.append(None)
            metrics = self._metrics()
            self.kept = {id(variable): np.array(variable) for metric in metrics for variable in metric.variables}
            for metric in metrics:
                metric.reset_state()
            if tape is not None:
                tape.begin()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
            row = {str(name): float(np.mean(np.asarray(value))) for name, value in (logs or {}).items()}
            if tape is not None:
                row |= {f"gradient of {number}": value for number, value in enumerate(tape.seen)}
            self.logs.append(row)
            now = {id(variable): variable for metric in self._metrics() for variable in metric.variables}
            for key, variable in now.items():
                before = self.kept.get(key)
                if before is not None and before.any():
                    variable.assign(np.array(variable) + before)
            if len(self.logs) >= steps:
                self.write()
                _end(0)

        def _metrics(self) -> list[Any]:
            """Every metric of the process: some that a script resets are not among those of its model."""
            model = self.model  # on JAX, this brings the state back to the variables
            found = [one for one in gc.get_objects() if issubclass(type(one), keras.metrics.Metric)]
            return [*{id(one): one for one in [*model.metrics, *found]}.values()]

        def write(self) -> None:
            document = self.facts | {"logs": self.logs, "rates": self.rates}
            document["in_main_thread"] = threading.current_thread() is threading.main_thread()
            Path(os.environ["FIDELITY_OUT"]).write_text(json.dumps(document), encoding="utf-8")

    return Recorder()


class _Tape:
    """What the gradients of each step are taken of."""

    def __init__(self) -> None:
        import tensorflow as tf

        self.seen: list[float] = []
        original = tf.GradientTape.gradient

        def note(value: Any) -> None:
            self.seen.append(float(value))

        def gradient(of: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
            parts = [tf.reduce_sum(tf.cast(part, tf.float32)) for part in tf.nest.flatten(target)]
            tf.numpy_function(note, [tf.add_n(parts)], [])
            return original(of, target, *args, **kwargs)

        tf.GradientTape.gradient = gradient

    def begin(self) -> None:
        self.seen.clear()
