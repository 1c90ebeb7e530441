"""Judged probes to rows, safe ranges and a recommendation.

Pure: no files, no clock, no chance. The rules in words are in docs/verdicts.md.
"""

from sweeper.recommend._choice import recommend as recommend
from sweeper.recommend._rows import Map as Map
from sweeper.recommend._rows import build_map as build_map
from sweeper.recommend._thresholds import Thresholds as Thresholds

__all__ = ["Map", "Thresholds", "build_map", "recommend"]
