"""The verdict on a curve: rules are asked in order, and the first that fires decides."""

from sweeper.classify import _at_rest, _diverged, _healthy, _nonfinite, _overfit, _stalled, _unclear
from sweeper.classify._case import Case, Rule, open_case
from sweeper.classify._context import Context
from sweeper.classify._thresholds import DEFAULT, VerdictThresholds
from sweeper.curve import Curve
from sweeper.verdict import Evidence, Label, Verdict

RULES: tuple[tuple[Label, Rule], ...] = (
    (Label.DIVERGED, _nonfinite.without_update),
    (Label.DIVERGED, _nonfinite.loss),
    (Label.DIVERGED, _nonfinite.weight),
    (Label.DIVERGED, _diverged.stopped),
    (Label.DIVERGED, _nonfinite.gradient),
    (Label.DIVERGED, _nonfinite.validation),
    (Label.INCONCLUSIVE, _unclear.too_few_steps),
    (Label.STALLED, _stalled.zero_loss),
    (Label.STALLED, _stalled.frozen),
    (Label.INCONCLUSIVE, _unclear.slightly_above_start),
    (Label.DIVERGED, _diverged.above_start),
    (Label.DIVERGED, _diverged.lost_progress),
    (Label.DIVERGED, _diverged.spiking),
    (Label.DIVERGED, _at_rest.given_back),
    (Label.STALLED, _at_rest.rests_untrained),
    (Label.STALLED, _stalled.broken),
    (Label.INCONCLUSIVE, _unclear.shaken),
    (Label.INCONCLUSIVE, _unclear.validation_disagrees),
    (Label.OVERFIT, _overfit.overfit),
    (Label.STALLED, _stalled.at_constant),
    (Label.INCONCLUSIVE, _unclear.just_starting),
    (Label.STALLED, _stalled.no_progress),
    (Label.INCONCLUSIVE, _at_rest.far_above_others),
    (Label.INCONCLUSIVE, _at_rest.fall_in_first_point),
    (Label.INCONCLUSIVE, _at_rest.explosion_hides_progress),
    (Label.HEALTHY, _healthy.progress),
    (Label.INCONCLUSIVE, _unclear.noisy),
)

NOTES: tuple[Rule, ...] = (
    _diverged.unstable,
    _healthy.spikes,
    _healthy.impossible_loss,
    _nonfinite.overflow_passed,
    _nonfinite.validation_fault,
    _overfit.not_testable,
)
"""What is added to the verdict of a curve that trains; of these, an inconclusive one says if overfitting was open."""


def classify(curve: Curve, *, null: Curve | None, context: Context, thresholds: VerdictThresholds = DEFAULT) -> Verdict:
    """The verdict on one curve, with its evidence, the deciding one first.

    Args:
        curve: What the probe recorded, or any curve of losses; the first loss must be from before any update.
        null: The probe with the same batch size, seed and steps at rate 0; None judges by the curve's own noise.
        context: What the curve does not hold.
        thresholds: The numbers to decide by.
    """
    case = open_case(curve, null=null, context=context, thresholds=thresholds)
    for label, rule in RULES:
        evidence = rule(case)
        if evidence is not None:
            return Verdict(label=label, evidence=(evidence, *_notes(case, label)))
    raise AssertionError("no rule fired; the last ones leave no gap")


def _notes(case: Case, label: Label) -> tuple[Evidence, ...]:
    if label is Label.INCONCLUSIVE and case.curve.val_loss:
        rules: tuple[Rule, ...] = (_overfit.not_testable,)
    else:
        rules = NOTES if label in {Label.HEALTHY, Label.OVERFIT} else ()
    found = (note(case) for note in rules)
    return tuple(note for note in found if note is not None)
