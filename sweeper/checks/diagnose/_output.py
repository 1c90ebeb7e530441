"""The activation of the last layer and the loss, which must fit the labels and each other."""

from sweeper.checks.diagnose._base import Answer, NotApplicable, Rank, Role, check
from sweeper.checks.diagnose._facts import Facts
from sweeper.checks.diagnose._label_shapes import LABEL_SHAPE
from sweeper.checks.diagnose._labels import (
    BINARY,
    CATEGORICAL,
    NO_ENTROPY,
    SPARSE,
    TOLERANCE,
    entropy_heads,
    location_of,
)
from sweeper.checks.diagnose._model_facts import HeadFacts, LossFacts
from sweeper.checks.diagnose._shapes import SHAPES_DIFFER, agree
from sweeper.checks.diagnose._values import DISTANCES, regression_heads
from sweeper.checks.diagnose._words import classes_text, range_text, shape_text, with_batch
from sweeper.findings import Finding, FindingKind, Severity

SEVERAL_UNDER_BINARY = FindingKind("SW303", Severity.ERROR, "several outputs under binary cross-entropy")
NO_PROBABILITIES = FindingKind("SW304", Severity.ERROR, "a cross-entropy on outputs that are no probabilities")
LOGITS_TWICE = FindingKind("SW305", Severity.WARNING, "from_logits=True on probabilities")
DISTANCE_FOR_CLASSES = FindingKind("SW306", Severity.WARNING, "a distance as the loss of a classification")
OUT_OF_REACH = FindingKind("SW309", Severity.ERROR, "outputs cannot reach the targets")
SIGMOIDS_FOR_CLASSES = FindingKind("SW310", Severity.NOTE, "sigmoid outputs under a loss over classes")
ACCURACY_OF_QUANTITY = FindingKind("SW311", Severity.WARNING, "accuracy as the metric of a regression")
NO_DISTRIBUTION = FindingKind("SW312", Severity.WARNING, "rows of labels do not add up to 1")
EXCLUSIVE_CLASSES = FindingKind("SW313", Severity.NOTE, "exclusive classes are judged one by one")

_NO_PROBABILITIES = (
    "linear",
    "relu",
    "tanh",
    "selu",
    "elu",
    "leaky_relu",
    "gelu",
    "silu",
    "swish",
    "softplus",
    "relu6",
)
"""Activations whose outputs leave [0, 1], so that their logarithm is no log-probability."""
_MOST_CLASSES = 30
"""Distinct whole labels of a regression up to which an accuracy beside it means that classes were meant."""


@check(
    SEVERAL_UNDER_BINARY,
    about="binary cross-entropy on several units",
    rank=Rank.WRONG,
    explains=(LABEL_SHAPE, SHAPES_DIFFER),
)
def softmax_under_binary(facts: Facts) -> Answer:
    """Several softmax outputs, or several outputs for one column of labels, under binary cross-entropy."""
    heads = [head for head, loss in entropy_heads(facts) if loss.name == BINARY and (head.units or 0) > 1]
    if not heads:
        return NotApplicable(why="binary cross-entropy is not used on several units")
    for head in heads:
        labels = head.labels
        single = labels is not None and len(head.shape) == 2 and labels.sample_shape in {(), (1,)}  # noqa: PLR2004
        if single or head.activation == "softmax":
            return _pair(head, facts, single=single)
    return None


def _pair(head: HeadFacts, facts: Facts, *, single: bool) -> Finding:
    units, labels = head.units, head.labels
    seen = f"Layer {head.layer} gives {with_batch(head.shape[1:])} with activation {head.activation or 'unknown'}"
    seen += f", {labels.name} has shape {shape_text(labels.shape)}" if labels is not None else ""
    one = "Dense(1, activation='sigmoid') with loss='binary_crossentropy'"
    many = f"loss='{SPARSE if single else CATEGORICAL}' with this softmax of {units}"
    return SEVERAL_UNDER_BINARY.found(
        severity=Severity.ERROR if single else Severity.WARNING,
        title=f"{units} outputs for one column of labels under binary_crossentropy"
        if single
        else f"a softmax of {units} units under binary_crossentropy",
        evidence=f"{seen}. Binary cross-entropy judges each unit by itself as a yes or no; a softmax makes them "
        "compete. With accuracy as a metric Keras counts single units, which looks far too good.",
        location=location_of(head, facts),
        remedy=f"For two classes either {one}, or {many}." if units == 2 else f"Take {many}.",  # noqa: PLR2004
    )


@check(NO_PROBABILITIES, about="probabilities under cross-entropy", rank=Rank.WRONG, role=Role.CAUSE)
def no_probabilities(facts: Facts) -> Answer:
    """A cross-entropy on outputs that are no probabilities, or twice on those that are."""
    heads = [(head, loss) for head, loss in entropy_heads(facts) if head.activation]
    if not heads:
        return NO_ENTROPY
    for head, loss in heads:
        if head.activation in _NO_PROBABILITIES and not loss.from_logits:
            return _unbounded(head, loss, facts)
    return None


def _unbounded(head: HeadFacts, loss: LossFacts, facts: Facts) -> Finding:
    binary = loss.name == BINARY
    linear = head.activation == "linear"
    right = "sigmoid" if binary else "softmax"
    return NO_PROBABILITIES.found(
        title=f"{loss.name} takes probabilities, but the outputs are {'plain numbers' if linear else head.activation}",
        evidence=f"Layer {head.layer} has activation {head.activation}; the loss takes the logarithm of its outputs "
        "and cuts them to [0, 1] first: outside of it there is no gradient.",
        location=location_of(head, facts),
        remedy=f"Give the last layer activation='{right}'"
        + (
            f", or the loss from_logits=True: keras.losses.{_class_name(loss.name)}(from_logits=True)."
            if linear
            else "."
        ),
    )


def _class_name(loss: str) -> str:
    return "".join(part.capitalize() for part in loss.split("_"))


@check(OUT_OF_REACH, about="range of the outputs", rank=Rank.WRONG, role=Role.CAUSE)
def target_range(facts: Facts) -> Answer:
    """Regression targets that the activation of the output can never give."""
    heads = [(head, labels) for head, labels in regression_heads(facts, DISTANCES) if head.activation]
    if not heads:
        return NotApplicable(why="no output is a regression with a known activation")
    for head, labels in heads:
        low, high = {"relu": (0.0, None), "sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0)}.get(
            head.activation, (None, None)
        )
        if labels.low is None or labels.high is None:
            continue
        below = low is not None and labels.low < low - TOLERANCE
        above = high is not None and labels.high > high + TOLERANCE
        if below or above:
            ends = "0 and above" if high is None else f"{low:g} to {high:g}"
            return OUT_OF_REACH.found(
                severity=Severity.ERROR if above or high is not None else Severity.WARNING,
                title=f"the outputs cannot reach the targets: {head.activation} gives {ends}, {labels.name} "
                f"{range_text(labels)}",
                evidence=f"Layer {head.layer} has activation {head.activation}; the loss is "
                f"{head.loss.name if head.loss else ''}.",
                location=location_of(head, facts),
                remedy="Leave the activation of the last layer out, or scale the targets into its range.",
            )
        if head.activation == "softmax" and labels.sample_shape == (head.units,) and not labels.rows_sum_to_one:
            return OUT_OF_REACH.found(
                severity=Severity.WARNING,
                title=f"the outputs cannot reach the targets: a softmax adds up to 1, the rows of {labels.name} do not",
                evidence=f"Layer {head.layer} has activation softmax; the loss is "
                f"{head.loss.name if head.loss else ''}, {labels.name} {range_text(labels)}.",
                location=location_of(head, facts),
                remedy="Leave the activation of the last layer out: a softmax is for the chances of classes.",
            )
    return None


@check(NO_DISTRIBUTION, about="labels as distributions", rank=Rank.WRONG)
def distributions(facts: Facts) -> Answer:
    """Rows of labels that are no distribution over the classes, under a loss that needs one."""
    heads = [(head, loss) for head, loss in entropy_heads(facts) if loss.name == CATEGORICAL and (head.units or 0) > 1]
    heads = [(head, loss) for head, loss in heads if head.labels and agree(head.shape[1:], head.labels.sample_shape)]
    if not heads:
        return NotApplicable(why="no categorical cross-entropy has labels in its columns")
    for head, _ in heads:
        labels = head.labels
        assert labels is not None
        if not labels.rows_sum_to_one and labels.low is not None:
            several = labels.whole and labels.low == 0 and labels.high == 1
            return NO_DISTRIBUTION.found(
                title="the rows of labels do not add up to 1",
                evidence=f"{labels.name}: {range_text(labels)}, {labels.shape[-1]} columns. categorical_crossentropy "
                "compares two distributions over the classes, of which each sample has exactly one.",
                location=facts.call.compiled_at or facts.call.location,
                remedy="Where a sample may have several classes or none: activation='sigmoid' with "
                "loss='binary_crossentropy'."
                if several
                else "For quantities, take loss='mse' with a linear output; for classes, one-hot rows.",
            )
    return None


@check(DISTANCE_FOR_CLASSES, about="loss of a classification", rank=Rank.WRONG)
def squared_for_classes(facts: Facts) -> Answer:
    """A distance as the loss of a classification."""
    heads = list(regression_heads(facts))
    if not heads:
        return NotApplicable(why="no loss is a distance")
    for head, labels in heads:
        loss = head.loss
        assert loss is not None
        flat = len(head.shape) == 2  # noqa: PLR2004
        two = (
            labels.whole and {value for value, _ in labels.classes} == {0.0, 1.0} and labels.sample_shape in {(), (1,)}
        )
        one_hot = labels.one_hot and labels.shape[-1] > 1 and flat
        if (head.activation == "softmax" and flat) or one_hot or (head.activation == "sigmoid" and two and flat):
            entropy = BINARY if head.units == 1 else CATEGORICAL if labels.one_hot else SPARSE
            return DISTANCE_FOR_CLASSES.found(
                title=f"{loss.name} on a classification",
                evidence=f"Layer {head.layer} has activation {head.activation or 'unknown'}, the labels are "
                f"{'one-hot' if labels.one_hot else classes_text(labels) or range_text(labels)}. The gradient of a "
                "squared distance vanishes where a prediction is surely wrong, so that it learns slowly or not at all.",
                location=facts.call.compiled_at or location_of(head, facts),
                remedy=f"Take loss='{entropy}'.",
            )
    return None


@check(LOGITS_TWICE, about="from_logits", rank=Rank.WRONG)
def logits_twice(facts: Facts) -> Answer:
    """A loss that expects plain numbers and gets probabilities."""
    heads = [(head, loss) for head, loss in entropy_heads(facts) if head.activation]
    if not heads:
        return NO_ENTROPY
    for head, loss in heads:
        if loss.from_logits and head.activation in {"softmax", "sigmoid"}:
            return LOGITS_TWICE.found(
                title=f"from_logits=True on outputs that went through a {head.activation}",
                evidence=f"Layer {head.layer} has activation {head.activation}, and {loss.name} with from_logits=True "
                "would apply it once more. Keras on TensorFlow fixes it with a warning; other backends train on "
                "squashed outputs.",
                location=location_of(head, facts),
                remedy="Leave out one of the two: the activation of the last layer, or from_logits=True.",
            )
    return None


@check(ACCURACY_OF_QUANTITY, about="metric of a regression", rank=Rank.SIGN)
def accuracy_of_quantity(facts: Facts) -> Answer:
    """Accuracy as the metric of a regression."""
    heads = list(regression_heads(facts))
    if not heads:
        return NotApplicable(why="no loss is a distance")
    for head, labels in heads:
        accuracy = any(metric in {"accuracy", "acc"} for metric in head.metrics)
        if not accuracy or head.activation in {"softmax", "sigmoid"} or labels.one_hot:
            continue
        few = labels.whole and 1 < len(labels.classes) <= _MOST_CLASSES
        return ACCURACY_OF_QUANTITY.found(
            title="accuracy says nothing of a regression",
            evidence=f"The loss is {head.loss.name if head.loss else ''}, the outputs are plain numbers, the labels "
            f"{classes_text(labels) if few else range_text(labels)}. Accuracy counts predictions that equal their "
            "label exactly, which is near 0 however good they are.",
            location=facts.call.compiled_at or facts.call.location,
            remedy=f"If these are classes: Dense({len(labels.classes)}, activation='softmax') with loss='{SPARSE}'. If "
            "they are quantities: metrics=['mae']."
            if few
            else "Take metrics=['mae'], the mean distance in the unit of the labels.",
        )
    return None


@check(SIGMOIDS_FOR_CLASSES, about="sigmoids over classes", rank=Rank.MINOR)
def sigmoids_for_classes(facts: Facts) -> Answer:
    """Independent sigmoids under a loss over classes."""
    heads = [(head, loss) for head, loss in entropy_heads(facts) if head.activation and (head.units or 0) > 1]
    if not heads:
        return NotApplicable(why="no cross-entropy over several units has a known activation")
    for head, loss in heads:
        if head.activation == "sigmoid" and loss.name in (CATEGORICAL, SPARSE):
            return SIGMOIDS_FOR_CLASSES.found(
                title=f"sigmoid outputs under {loss.name}",
                evidence=f"Layer {head.layer} has {head.units} sigmoid units. Keras 3 trains them as a softmax would "
                "be, but what predict gives does not add up to 1.",
                location=location_of(head, facts),
                remedy="Take activation='softmax'.",
            )
    return None


@check(EXCLUSIVE_CLASSES, about="exclusive classes", rank=Rank.MINOR)
def sigmoids_for_exclusive(facts: Facts) -> Answer:
    """Independent sigmoids for classes of which every sample has exactly one."""
    heads = [head for head, loss in entropy_heads(facts) if loss.name == BINARY and (head.units or 0) > 2]  # noqa: PLR2004
    if not heads:
        return NotApplicable(why="binary cross-entropy is not used on three units or more")
    for head in heads:
        labels = head.labels
        if labels is not None and labels.one_hot and len(head.shape) == 2 and head.activation != "softmax":  # noqa: PLR2004
            return EXCLUSIVE_CLASSES.found(
                title=f"{head.units} classes of which each sample has exactly one, judged one by one",
                evidence=f"Every row of {labels.name} holds a single 1; binary_crossentropy asks of each of the "
                f"{head.units} units alone whether it is its class, so that saying no to all is right in "
                f"{1 - 1 / (head.units or 1):.0%} of the answers, and accuracy counts that.",
                location=location_of(head, facts),
                remedy="Take activation='softmax' and loss='categorical_crossentropy'. Sigmoids are for labels of "
                "which several may hold at once.",
            )
    return None
