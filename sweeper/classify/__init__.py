"""Curves to verdicts: diverged, stalled, overfit, healthy or inconclusive, with what was measured.

Pure: no files, no clock, no chance. The rules in words are in docs/verdicts.md.

>>> from sweeper.curve import Curve
>>> falling = Curve(train_loss=tuple(2.3 * 0.99**step for step in range(100)))
>>> verdict = classify(falling, null=None, context=Context(planned_steps=100, passes=None, val_samples=0))
>>> verdict.label.value, verdict.evidence[0].code
('healthy', 'progress')
"""

from sweeper.classify._certainty import CERTAINTY as CERTAINTY
from sweeper.classify._certainty import certainty as certainty
from sweeper.classify._certainty import kind_of as kind_of
from sweeper.classify._certainty import margin_of as margin_of
from sweeper.classify._certainty import seen_log_odds as seen_log_odds
from sweeper.classify._context import Context as Context
from sweeper.classify._course_thresholds import CourseThresholds as CourseThresholds
from sweeper.classify._judge import classify as classify
from sweeper.classify._peers import peer_noise as peer_noise
from sweeper.classify._reach import Reach as Reach
from sweeper.classify._reach import reach_of as reach_of
from sweeper.classify._thresholds import VerdictThresholds as VerdictThresholds

__all__ = [
    "CERTAINTY",
    "Context",
    "CourseThresholds",
    "Reach",
    "VerdictThresholds",
    "certainty",
    "classify",
    "kind_of",
    "margin_of",
    "peer_noise",
    "reach_of",
    "seen_log_odds",
]
