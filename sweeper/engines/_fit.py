"""The reference engine: plain `model.fit` with a recorder. It runs every model on every backend of Keras."""

from collections.abc import Sequence

from sweeper.engines._base import AbstractEngine
from sweeper.engines._recorder import CurveRecorder
from sweeper.probes import Probe


class FitEngine(AbstractEngine):
    """Runs each probe as one call of Keras's own `fit`."""

    def _train(self, probes: Sequence[Probe], recorders: Sequence[CurveRecorder], *, validate: bool) -> None:
        for probe, recorder in zip(probes, recorders, strict=True):
            self.prepared.fit(self.prepared.begin(probe), recorder, validate=validate)
