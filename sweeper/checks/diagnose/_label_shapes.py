"""Shapes of labels against the model's outputs, and what is broadcast without a word."""

from sweeper.checks.diagnose._base import Answer, NotApplicable, Rank, check
from sweeper.checks.diagnose._data_facts import ArrayFacts, Container, Kind, Shape
from sweeper.checks.diagnose._facts import Facts
from sweeper.checks.diagnose._model_facts import HeadFacts
from sweeper.checks.diagnose._shapes import SHAPES_DIFFER, agree
from sweeper.checks.diagnose._words import shape_text, with_batch
from sweeper.findings import Finding, FindingKind, Severity

LABEL_SHAPE = FindingKind("SW106", Severity.ERROR, "labels do not have the shape of the outputs")
STRETCHED = FindingKind("SW107", Severity.ERROR, "labels are stretched to the shape of the outputs")


@check(LABEL_SHAPE, STRETCHED, about="shape of the labels", rank=Rank.REFUSED, explains=(SHAPES_DIFFER,))
def label_shape(facts: Facts) -> Answer:
    """Labels that do not have the shape of the outputs, or have it only after a silent broadcast."""
    heads = [head for head in facts.model.heads if _comparable(head)]
    if not heads:
        return NotApplicable(why="outputs, losses and labels could not be matched, or the loss is the user's own")
    for head in heads:
        found = _label_misfit(head, facts)
        if found is not None:
            return found
    return None


def _comparable(head: HeadFacts) -> bool:
    labels, loss = head.labels, head.loss
    numbers = labels is not None and labels.kind not in {Kind.TEXT, Kind.OBJECT} and labels.lengths is None
    return numbers and loss is not None and labels is not None and labels.container is not Container.LIST


def _label_misfit(head: HeadFacts, facts: Facts) -> Finding | None:
    labels, loss = head.labels, head.loss
    assert labels is not None
    assert loss is not None
    out, got = head.shape[1:], labels.sample_shape
    if loss.own:
        return _own_broadcast(head, facts) if loss.unaligned and (out, got) in {((1,), ()), ((), (1,))} else None
    if loss.name == "sparse_categorical_crossentropy":
        fits = agree(out[:-1], got) or agree((*out[:-1], 1), got)
        return None if fits or _is_one_hot_for(labels, out) else _no_fit(head, facts)
    squeezed_out, squeezed = _one_rank(out, got)
    if loss.name not in _ELEMENTWISE or agree(squeezed_out, squeezed) or _said_by_output_checks(head, got):
        return None
    return _broadcast(head, facts) if _broadcasts(squeezed_out, squeezed) else _no_fit(head, facts)


def _said_by_output_checks(head: HeadFacts, got: Shape) -> bool:
    """Whether labels and units differ in a way for which the checks of labels have better words."""
    assert head.loss is not None
    assert head.labels is not None
    if head.units == 1:
        one_hot = head.labels.one_hot and head.loss.name == "binary_crossentropy"
        return one_hot or head.loss.name == "categorical_crossentropy"
    return head.loss.name in {"categorical_crossentropy", "binary_crossentropy"} and got in {(), (1,)}


_ELEMENTWISE = {
    "mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "huber",
    "log_cosh",
    "binary_crossentropy",
    "categorical_crossentropy",
    "kl_divergence",
    "poisson",
    "hinge",
    "squared_hinge",
}


def _is_one_hot_for(labels: ArrayFacts, out: Shape) -> bool:
    return labels.one_hot and agree(out, labels.sample_shape)


def _one_rank(out: Shape, got: Shape) -> tuple[Shape, Shape]:
    """Both shapes after Keras has made their ranks equal: a last axis of 1 is added to plain numbers, or dropped."""
    if len(out) == len(got) + 1 and out[-1] == 1:
        return (out, (*got, 1)) if not got else (out[:-1], got)
    if len(got) == len(out) + 1 and got[-1] == 1:
        return ((*out, 1), got) if not out else (out, got[:-1])
    return out, got


def _broadcasts(out: Shape, got: Shape) -> bool:
    return len(out) == len(got) and all(
        a is None or b is None or a == b or 1 in (a, b) for a, b in zip(out, got, strict=True)
    )


def _broadcast(head: HeadFacts, facts: Facts) -> Finding:
    labels = head.labels
    assert labels is not None
    out, got = head.shape[1:], labels.sample_shape
    recurrent = len(out) > len(got) or (len(out) > 1 and out[0] != got[0])
    return STRETCHED.found(
        title=f"{labels.name} is stretched to the shape of the outputs: {with_batch(got)} against {with_batch(out)}",
        evidence=f"The model gives {with_batch(out)}, {labels.name} has {shape_text(labels.shape)}. The loss "
        "broadcasts one to the other without a word, so that every output is compared with numbers that are not its "
        "label.",
        location=head.location or facts.call.location,
        remedy="The layer before gives one output for every step: leave return_sequences=True out of the last "
        "recurrent layer, or add Flatten, or give labels for every step."
        if recurrent
        else f"Give the last layer {got[-1] if got else 1} unit(s), or labels of shape {with_batch(out)}.",
    )


def _own_broadcast(head: HeadFacts, facts: Facts) -> Finding:
    labels = head.labels
    assert labels is not None
    return STRETCHED.found(
        severity=Severity.WARNING,
        title=f"a loss of one's own compares {with_batch(labels.sample_shape)} with {with_batch(head.shape[1:])}",
        evidence="y_true - y_pred of shapes (n,) and (n, 1) is a table of n x n differences, each output compared with "
        "every label. Keras gives both one rank for functions and its own losses, but not for a class of one's own.",
        location=facts.call.compiled_at or facts.call.location,
        remedy=f"Give {labels.name} the shape of the outputs: "
        f"{labels.name}.reshape({shape_text((-1, *head.shape[1:]))}).",
    )


def _no_fit(head: HeadFacts, facts: Facts) -> Finding:
    labels, loss = head.labels, head.loss
    assert labels is not None
    assert loss is not None
    out, got = head.shape[1:], labels.sample_shape
    return LABEL_SHAPE.found(
        title=f"{labels.name} does not have the shape of the outputs: {with_batch(got)} for {with_batch(out)}",
        evidence=f"{labels.name} has shape {shape_text(labels.shape)}, layer {head.layer} gives {with_batch(out)}, and "
        f"the loss is {loss.name}.",
        location=head.location or facts.call.location,
        remedy=_label_remedy(head, out, got),
    )


def _label_remedy(head: HeadFacts, out: Shape, got: Shape) -> str:
    assert head.loss is not None
    if len(out) > 1 and len(got) <= 1:
        return (
            "The outputs keep axes of the input: add Flatten() or GlobalAveragePooling before the last Dense, or leave "
            "return_sequences=True out of the last recurrent layer."
        )
    if len(got) == len(out) and len(out) == 1:
        return f"Give the last layer {got[-1]} units, as many as the labels have columns."
    if head.loss.name == "sparse_categorical_crossentropy":
        return "A sparse loss takes one whole number for each output; for one-hot labels take categorical_crossentropy."
    return "Change the last layer or the labels so that both have one shape."
