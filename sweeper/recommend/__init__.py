"""From judged probes to rows, stable ranges and a recommendation; and what follow-ups are to probe and showed.

Pure: no files, no clock, no chance. The rules in words are in docs/verdicts.md.
"""

from sweeper.recommend._choice import recommend as recommend
from sweeper.recommend._follow_ups import FollowUpThresholds as FollowUpThresholds
from sweeper.recommend._overfit import overfit_steps as overfit_steps
from sweeper.recommend._overfit import read_overfit as read_overfit
from sweeper.recommend._overfit import unknown_overfit as unknown_overfit
from sweeper.recommend._overfit import why_no_overfit as why_no_overfit
from sweeper.recommend._remedies import clip_norm as clip_norm
from sweeper.recommend._remedies import read_remedy as read_remedy
from sweeper.recommend._remedy_words import remedy_name as remedy_name
from sweeper.recommend._rows import Map as Map
from sweeper.recommend._rows import build_map as build_map
from sweeper.recommend._thresholds import RangeThresholds as RangeThresholds

__all__ = [
    "FollowUpThresholds",
    "Map",
    "RangeThresholds",
    "build_map",
    "clip_norm",
    "overfit_steps",
    "read_overfit",
    "read_remedy",
    "recommend",
    "remedy_name",
    "unknown_overfit",
    "why_no_overfit",
]
