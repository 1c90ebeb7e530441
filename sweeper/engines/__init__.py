"""Engines: the ways in which a worker can run one probe. All give the same curve for the same seed."""

from sweeper.engines._base import AbstractEngine as AbstractEngine
from sweeper.engines._base import Measured as Measured
from sweeper.engines._base import Progress as Progress
from sweeper.engines._compiled_memory import compiled_sizes as compiled_sizes
from sweeper.engines._fit import FitEngine as FitEngine
from sweeper.engines._memory import MemoryMeter as MemoryMeter
from sweeper.engines._memory import device_limit_bytes as device_limit_bytes
from sweeper.engines._memory import training_memory as training_memory

__all__ = [
    "AbstractEngine",
    "FitEngine",
    "Measured",
    "MemoryMeter",
    "Progress",
    "compiled_sizes",
    "device_limit_bytes",
    "training_memory",
]
