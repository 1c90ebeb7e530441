"""Engines: the ways in which a worker can run one probe. All give the same curve for the same seed."""

from sweeper.engines._base import AbstractEngine as AbstractEngine
from sweeper.engines._base import Measured as Measured
from sweeper.engines._base import Progress as Progress
from sweeper.engines._fit import FitEngine as FitEngine

__all__ = ["AbstractEngine", "FitEngine", "Measured", "Progress"]
