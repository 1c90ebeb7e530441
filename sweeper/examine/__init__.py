"""Examination: from a fit call to plain facts for `sweeper.diagnose`. Runs inside workers only."""

from sweeper.examine._examine import Examination as Examination
from sweeper.examine._raised import raised_facts as raised_facts
