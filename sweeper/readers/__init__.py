"""Loss curves that other programs wrote: JSON lines, Keras's CSVLogger, TensorBoard event folders."""

from sweeper.readers._base import ReadCurve as ReadCurve
from sweeper.readers._base import UnreadableCurves as UnreadableCurves
from sweeper.readers._read import read_curves as read_curves

__all__ = ["ReadCurve", "UnreadableCurves", "read_curves"]
