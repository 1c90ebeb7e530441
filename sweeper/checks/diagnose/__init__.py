"""Diagnosis of a training that fails: pure checks of plain facts about a script, its data, model and loss.

`diagnose(facts)` says what is wrong, the likeliest cause first. `sweeper.checks.worker` takes the facts.
"""

from sweeper.checks.diagnose._across import across as across
from sweeper.checks.diagnose._base import NotApplicable as NotApplicable
from sweeper.checks.diagnose._catalogue import CHECKS as CHECKS
from sweeper.checks.diagnose._catalogue import KINDS as KINDS
from sweeper.checks.diagnose._data_facts import ArrayFacts as ArrayFacts
from sweeper.checks.diagnose._data_facts import Container as Container
from sweeper.checks.diagnose._data_facts import Features as Features
from sweeper.checks.diagnose._data_facts import Kind as Kind
from sweeper.checks.diagnose._data_facts import NonFinite as NonFinite
from sweeper.checks.diagnose._data_facts import Relation as Relation
from sweeper.checks.diagnose._data_facts import Shape as Shape
from sweeper.checks.diagnose._data_facts import ValidationFacts as ValidationFacts
from sweeper.checks.diagnose._diagnose import diagnose as diagnose
from sweeper.checks.diagnose._diagnose import ordered as ordered
from sweeper.checks.diagnose._diagnose import suspecting as suspecting
from sweeper.checks.diagnose._facts import BrokenWeights as BrokenWeights
from sweeper.checks.diagnose._facts import CallFacts as CallFacts
from sweeper.checks.diagnose._facts import EndFacts as EndFacts
from sweeper.checks.diagnose._facts import Facts as Facts
from sweeper.checks.diagnose._facts import LayerStep as LayerStep
from sweeper.checks.diagnose._facts import Raised as Raised
from sweeper.checks.diagnose._facts import RateFacts as RateFacts
from sweeper.checks.diagnose._facts import Stage as Stage
from sweeper.checks.diagnose._facts import StepFacts as StepFacts
from sweeper.checks.diagnose._facts import TrainedFacts as TrainedFacts
from sweeper.checks.diagnose._limits import BY_CHANCE as BY_CHANCE
from sweeper.checks.diagnose._limits import RELATION_SAMPLES as RELATION_SAMPLES
from sweeper.checks.diagnose._limits import RELATION_SAMPLES_A_FEATURE as RELATION_SAMPLES_A_FEATURE
from sweeper.checks.diagnose._machine import Gpu as Gpu
from sweeper.checks.diagnose._machine import MachineFacts as MachineFacts
from sweeper.checks.diagnose._machine import TensorFlowFacts as TensorFlowFacts
from sweeper.checks.diagnose._machine import check_up as check_up
from sweeper.checks.diagnose._model_facts import HeadFacts as HeadFacts
from sweeper.checks.diagnose._model_facts import InputFacts as InputFacts
from sweeper.checks.diagnose._model_facts import LayerFacts as LayerFacts
from sweeper.checks.diagnose._model_facts import LossFacts as LossFacts
from sweeper.checks.diagnose._model_facts import ModelFacts as ModelFacts
from sweeper.checks.diagnose._raised import explain as explain
