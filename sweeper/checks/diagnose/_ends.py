"""Losses of the user's own at the ends of the outputs' range."""

from sweeper.checks.diagnose._base import Answer, NotApplicable, Rank, check
from sweeper.checks.diagnose._facts import Facts
from sweeper.findings import FindingKind, Severity
from sweeper.text import number_text

LOSS_AT_ENDS = FindingKind("SW314", Severity.WARNING, "the loss is not finite at the ends of the outputs' range")


@check(LOSS_AT_ENDS, about="loss at the ends of the outputs' range", rank=Rank.WRONG)
def loss_at_ends(facts: Facts) -> Answer:
    """A loss of the user's own that is not finite where an output is as sure as it can be."""
    if facts.ends is None:
        return NotApplicable(why="there is no loss of the script's own that can be computed for made-up outputs")
    if not facts.ends:
        return None
    name = facts.ends[0].head
    head = next(head for head in facts.model.heads if head.name == name)
    ends = [end for end in facts.ends if end.head == name]
    seen = "; ".join(
        f"where it is {end.end}, the loss is {number_text(end.loss)}"
        + ("" if end.finite_gradient else " and its gradient is not finite")
        for end in ends
    )
    return LOSS_AT_ENDS.found(
        title=f"{LOSS_AT_ENDS.title}: {head.loss.name if head.loss is not None else 'compute_loss'}",
        evidence=f"Output of {head.layer} ({head.activation}), with "
        f"{head.labels.name if head.labels else 'the labels'} as they are: {seen}. "
        f"{_WHEN.get(head.activation, _WHEN_SURE)} A single such output makes every weight NaN, "
        "without any sign in the loss before.",
        location=facts.call.compiled_at or head.location or facts.call.location,
        remedy="Keep what is divided by, or goes into log or sqrt, away from 0: p = clip(p, 1e-7, 1 - 1e-7) (1 - 1e-8 "
        "is 1 in float32). Safer still is a loss of Keras, or one of logits (from_logits=True) without the activation.",
    )


_WHEN_SURE = "A sigmoid in single precision is exactly 1 for inputs above 17 and exactly 0 below -104."
_WHEN = {
    "softmax": "A softmax in single precision is exactly 0 for a class whose input is 104 below the largest.",
    "relu": "A relu is 0 for every input below 0.",
    "relu6": "A relu6 is 0 for every input below 0.",
    "tanh": "A tanh in single precision is exactly 1 for inputs above 9.",
    "softplus": "A softplus in single precision is exactly 0 for inputs below -104.",
    "exponential": "An exponential in single precision is exactly 0 for inputs below -104.",
}
"""When an activation gives the ends of its range."""
