"""Keras's own `fit` and `evaluate` on the samples of a job, with a recorder of every step."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from sweeper.capture import Indices, Job, metric_variables
from sweeper.engines._batches import batches, rows_of
from sweeper.engines._fit_callbacks import recording_callback
from sweeper.engines._loss_source import loss_in
from sweeper.engines._recorder import CurveRecorder
from sweeper.engines._step import RecordedStep, metric_values
from sweeper.probes import Probe

CHECKPOINTS = 8
"""Validation measurements of a probe, spread evenly; a rise after a minimum needs at least five."""
STEPS_BETWEEN = 25
"""Steps of a longer probe for each of its measurements, which takes about as long as five of them."""
MOST_CHECKPOINTS = 40
"""Most measurements of a longer probe: a minimum is then known to a fortieth of the probe."""
VALIDATION_BATCH = 256
"""Most samples in a validation batch."""


class FitRuns:
    """Runs of a job's model on a job's samples; setting the start of each is left to the caller."""

    def __init__(self, job: Job, step: RecordedStep) -> None:
        self._job = job
        self._step = step
        self._stray_metrics: list[tuple[Any, Any]] = []
        """Variables of metrics that Keras does not set back after a validation, with their first values."""
        self.carried: list[Any] = []
        """Variables that a validation may change although it trains nothing."""

    def settle_metrics(self) -> None:
        """Resets every metric, also those that the model does not know and Keras does not reset."""
        known = metric_variables(self._job.model)
        self._step.metrics = metric_values()
        for variable, value in self._step.metrics:
            self._job.state.override(variable, value)
            if id(variable) not in known:
                self._stray_metrics.append((variable, value))

    def settle_carried(self, seeds: Sequence[Any]) -> None:
        """Learns which variables a validation may change; `seeds` are the states of seed generators."""
        self.carried = _carried(self._job.model, seeds, self._job.state.variables)

    def fit(
        self,
        probe: Probe,
        recorder: CurveRecorder,
        callbacks: Sequence[Any] = (),
        *,
        validate: bool = False,
        rows: Indices | None = None,
    ) -> None:
        """Calls fit, with epochs as long as the gaps between checkpoints; `rows` are other samples than the probe's."""
        job = self._job
        between = self.gap(probe.steps, validate=validate)
        gap = between or probe.steps
        recording = recording_callback(
            recorder, stray_metrics=self._stray_metrics, carried=self.carried, keys=job.loss_keys
        )
        with warnings.catch_warnings(), self._step.recording():
            warnings.simplefilter("ignore")
            job.fit(
                job.model,
                self._batches(self.rows(probe) if rows is None else rows),
                epochs=math.ceil(probe.steps / gap),
                steps_per_epoch=gap,
                validation_data=self.val_batches() if between is not None else None,
                callbacks=[*callbacks, recording],
                shuffle=False,
                verbose=0,
            )

    def evaluate(self, *, steps: int | None = None) -> float:
        """The validation loss of the job as it stands, as `evaluate` gives it; of so many batches, else of all."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            logs = self._job.model.evaluate(self.val_batches(), steps=steps, verbose=0, return_dict=True)
        return float(np.asarray(loss_in(dict(logs), self._job.loss_keys)))

    def rows(self, probe: Probe) -> Indices:
        """The samples of each step: of shape (steps, batch size), or (steps,) where whole elements are kept.

        Where a batch is smaller, `NO_SAMPLE` fills up its row.
        """
        job = self._job
        size = job.order.own_size if probe.batch_size == job.batch_size else probe.batch_size
        rows = job.order.rows(batch_size=size, steps=probe.steps, seed=probe.seed)
        return rows[:, 0] if job.train.whole_elements else rows

    def gap(self, steps: int, *, validate: bool) -> int | None:
        """Steps from one validation of a probe to the next; None when it has none."""
        return checkpoint_gap(steps) if validate and self._job.val is not None else None

    def batches(self, probe: Probe) -> Any:
        """The batches of a probe as fit takes them."""
        return self._batches(self.rows(probe))

    def _batches(self, rows: Indices) -> Any:
        return batches(self._job.train, rows, fixed=bool(self._job.batch_size_fixed))

    def val_batches(self) -> Any:
        """The validation samples as fit takes them."""
        job = self._job
        assert job.val is not None
        count = len(job.val)
        whole = job.val.whole_elements
        rows = np.arange(count, dtype=np.int64) if whole else rows_of(count, validation_batch(job))
        return batches(job.val, rows, fixed=bool(job.batch_size_fixed))


def _carried(model: Any, seeds: Sequence[Any], variables: Sequence[Any]) -> list[Any]:
    """Variables other than metrics that a forward pass may change: states of layers and of random generators.

    The moving averages of batch normalisation change in training only. `variables` are all that the job keeps.
    """
    import keras

    metrics, known = metric_variables(model), {id(variable) for variable in variables}
    layers = [layer for layer in model._flatten_layers() if not isinstance(layer, keras.layers.BatchNormalization)]  # noqa: SLF001
    own = [variable for layer in layers for variable in layer._non_trainable_variables]  # noqa: SLF001  frozen ones are elsewhere
    own += [value for layer in layers for value in _held(layer) if id(value) in known]
    found = {id(variable): variable for variable in (*own, *seeds) if id(variable) not in metrics}
    return list(found.values())


def _held(layer: Any) -> list[Any]:
    """What a layer holds without counting it as a weight, as Keras's recurrent layers do with their states."""
    values = [value for item in vars(layer).values() for value in (item if isinstance(item, list | tuple) else (item,))]
    weights = {id(weight) for weight in layer.weights}
    return [value for value in values if id(value) not in weights]


def checkpoint_gap(steps: int) -> int:
    """Steps from one validation to the next in a probe of `steps` steps."""
    return math.ceil(steps / min(max(CHECKPOINTS, steps // STEPS_BETWEEN), MOST_CHECKPOINTS))


def validation_batch(job: Job) -> int:
    """Samples in a batch of the validation, all but the last of one size."""
    assert job.val is not None
    even = math.ceil(len(job.val) / math.ceil(len(job.val) / VALIDATION_BATCH))
    return job.batch_size if job.batch_size_fixed else even
