"""The reference engine: each probe is one run of the training itself. It suits every training and every backend."""

from collections.abc import Sequence

from sweeper.engines._base import AbstractEngine
from sweeper.engines._recorder import CurveRecorder
from sweeper.probes import Probe


class ReferenceEngine(AbstractEngine):
    """Runs each probe as the training runs by itself: a fit call as one call of Keras's own `fit`."""

    def _train(self, probes: Sequence[Probe], recorders: Sequence[CurveRecorder], *, validate: bool) -> None:
        for probe, recorder in zip(probes, recorders, strict=True):
            self.training.train(self.training.begin(probe), recorder, validate=validate)
