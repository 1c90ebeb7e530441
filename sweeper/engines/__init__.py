"""Engines: the ways in which a worker can run one probe. All give the same curve for the same seed."""

from sweeper.engines._base import AbstractEngine as AbstractEngine
from sweeper.engines._base import Measured as Measured
from sweeper.engines._base import Unsuited as Unsuited
from sweeper.engines._choice import MeasuredEngine as MeasuredEngine
from sweeper.engines._choice import choose_engine as choose_engine
from sweeper.engines._choice import make_engine as make_engine
from sweeper.engines._compiled_memory import compiled_sizes as compiled_sizes
from sweeper.engines._fit_training import FitTraining as FitTraining
from sweeper.engines._graph import GraphEngine as GraphEngine
from sweeper.engines._loss_source import NoLoss as NoLoss
from sweeper.engines._memory import MemoryMeter as MemoryMeter
from sweeper.engines._memory import device_limit_bytes as device_limit_bytes
from sweeper.engines._memory import training_memory as training_memory
from sweeper.engines._recorder import CurveRecorder as CurveRecorder
from sweeper.engines._recorder import all_finite as all_finite
from sweeper.engines._recorder import global_norm as global_norm
from sweeper.engines._reference import ReferenceEngine as ReferenceEngine
from sweeper.engines._regrouping import settle_batches as settle_batches
from sweeper.engines._rehearsal import REHEARSED_STEPS as REHEARSED_STEPS
from sweeper.engines._rehearsal import rehearse as rehearse
from sweeper.engines._start import varied_seed as varied_seed
from sweeper.engines._step import restore_train_step as restore_train_step
from sweeper.engines._training import AbstractTraining as AbstractTraining
from sweeper.engines._true_loss import scalar as scalar
from sweeper.engines._vector import VectorEngine as VectorEngine

__all__ = [
    "REHEARSED_STEPS",
    "AbstractEngine",
    "AbstractTraining",
    "CurveRecorder",
    "FitTraining",
    "GraphEngine",
    "Measured",
    "MeasuredEngine",
    "MemoryMeter",
    "NoLoss",
    "ReferenceEngine",
    "Unsuited",
    "VectorEngine",
    "all_finite",
    "choose_engine",
    "compiled_sizes",
    "device_limit_bytes",
    "global_norm",
    "make_engine",
    "rehearse",
    "restore_train_step",
    "scalar",
    "settle_batches",
    "training_memory",
    "varied_seed",
]
