"""The results of a run as frozen Pydantic models, from which results.json, its schema and docs/results.md are made.

Each class has a section in docs/results.md, named like it in snake case. Its values come from objects of the stages,
such as those in `sweeper.ranges`: `Part.of` copies the attributes that have the names of its fields.
"""

from sweeper.results._base import Part as Part
from sweeper.results._findings import Finding as Finding
from sweeper.results._findings import Threshold as Threshold
from sweeper.results._follow_ups import Overfit as Overfit
from sweeper.results._follow_ups import Remedy as Remedy
from sweeper.results._job import Change as Change
from sweeper.results._job import InitialWeights as InitialWeights
from sweeper.results._job import Job as Job
from sweeper.results._job import OwnOptimizer as OwnOptimizer
from sweeper.results._memory import Accumulation as Accumulation
from sweeper.results._memory import Elsewhere as Elsewhere
from sweeper.results._memory import Estimate as Estimate
from sweeper.results._memory import Memory as Memory
from sweeper.results._memory import MemoryBand as MemoryBand
from sweeper.results._memory import MemoryFit as MemoryFit
from sweeper.results._memory import MemoryPoint as MemoryPoint
from sweeper.results._memory import Precision as Precision
from sweeper.results._memory import Speed as Speed
from sweeper.results._memory import Trial as Trial
from sweeper.results._probes import Evidence as Evidence
from sweeper.results._probes import Optimizer as Optimizer
from sweeper.results._probes import Probe as Probe
from sweeper.results._probes import Space as Space
from sweeper.results._recommendation import Comparison as Comparison
from sweeper.results._recommendation import Recommendation as Recommendation
from sweeper.results._recommendation import Script as Script
from sweeper.results._recommendation import SizeReached as SizeReached
from sweeper.results._results import SCHEMA_VERSION as SCHEMA_VERSION
from sweeper.results._results import Results as Results
from sweeper.results._rows import Cell as Cell
from sweeper.results._rows import Chance as Chance
from sweeper.results._rows import Edge as Edge
from sweeper.results._rows import Range as Range
from sweeper.results._rows import RateEstimate as RateEstimate
from sweeper.results._rows import Row as Row
from sweeper.results._rows import ScaledRate as ScaledRate
from sweeper.results._rows import Scaling as Scaling
from sweeper.results._rows import Unresolved as Unresolved
from sweeper.results._run import Environment as Environment
from sweeper.results._run import Target as Target
from sweeper.results._schema import results_schema as results_schema
from sweeper.results._tables import results_tables as results_tables

__all__ = [
    "SCHEMA_VERSION",
    "Accumulation",
    "Cell",
    "Chance",
    "Change",
    "Comparison",
    "Edge",
    "Elsewhere",
    "Environment",
    "Estimate",
    "Evidence",
    "Finding",
    "InitialWeights",
    "Job",
    "Memory",
    "MemoryBand",
    "MemoryFit",
    "MemoryPoint",
    "Optimizer",
    "Overfit",
    "OwnOptimizer",
    "Part",
    "Precision",
    "Probe",
    "Range",
    "RateEstimate",
    "Recommendation",
    "Remedy",
    "Results",
    "Row",
    "ScaledRate",
    "Scaling",
    "Script",
    "SizeReached",
    "Space",
    "Speed",
    "Target",
    "Threshold",
    "Trial",
    "Unresolved",
    "results_schema",
    "results_tables",
]
