"""Examination: from a fit call to plain facts for `sweeper.checks.diagnose`. Runs inside workers only."""

from sweeper.checks.worker._examine import Examination as Examination
from sweeper.checks.worker._raised import raised_facts as raised_facts
