"""Checks of the labels against the last layer: its units, their form and their range."""

from collections.abc import Iterator

from sweeper.checks.diagnose import _limits as limits
from sweeper.checks.diagnose._base import Answer, NotApplicable, Rank, Role, check
from sweeper.checks.diagnose._data_facts import ArrayFacts, Kind
from sweeper.checks.diagnose._facts import Facts
from sweeper.checks.diagnose._label_shapes import LABEL_SHAPE
from sweeper.checks.diagnose._model_facts import HeadFacts, LossFacts
from sweeper.checks.diagnose._shapes import SHAPES_DIFFER, agree
from sweeper.checks.diagnose._words import classes_text, range_text, shape_text, with_batch
from sweeper.findings import Finding, FindingKind, Severity
from sweeper.text import plural

SOFTMAX_OF_ONE = FindingKind("SW301", Severity.ERROR, "a softmax over one unit")
ONE_UNIT = FindingKind("SW302", Severity.ERROR, "one output unit for several classes")
LABEL_RANGE = FindingKind("SW307", Severity.ERROR, "labels outside of what the loss takes")
LABEL_FORM = FindingKind(
    "SW308", Severity.ERROR, "one-hot labels for a sparse loss, or class numbers for a categorical one"
)

BINARY = "binary_crossentropy"
CATEGORICAL = "categorical_crossentropy"
SPARSE = "sparse_categorical_crossentropy"
ENTROPIES = (BINARY, CATEGORICAL, SPARSE)
TOLERANCE = 1e-3
"""How far a single-precision number may lie outside of a range by rounding."""
NO_ENTROPY = NotApplicable(why="no output has a plain cross-entropy and a known activation")


def entropy_heads(facts: Facts) -> Iterator[tuple[HeadFacts, LossFacts]]:
    """The outputs whose loss is one of Keras's cross-entropies, each with its loss."""
    for head in facts.model.heads:
        if head.loss is not None and not head.loss.own and head.loss.name in ENTROPIES:
            yield head, head.loss


def location_of(head: HeadFacts, facts: Facts) -> str:
    """`file:line` where an output is made, else where the model is compiled or trained."""
    return head.location or facts.call.compiled_at or facts.call.location


@check(
    ONE_UNIT,
    about="units for the classes",
    rank=Rank.WRONG,
    role=Role.CAUSE,
    explains=(LABEL_SHAPE, SHAPES_DIFFER, LABEL_RANGE),
)
def one_unit(facts: Facts) -> Answer:
    """One unit for several classes, or under a loss over classes."""
    heads = list(entropy_heads(facts))
    if not heads:
        return NO_ENTROPY
    for head, loss in heads:
        if head.units != 1:
            continue
        classes = _class_count(head.labels)
        if loss.name in (CATEGORICAL, SPARSE):
            return _one_unit(head, loss, facts, classes)
        if head.labels is not None and (head.labels.one_hot or (classes > 2 and _numbers_classes(head.labels))):  # noqa: PLR2004
            return _one_unit(head, loss, facts, classes)
    return None


def _numbers_classes(labels: ArrayFacts) -> bool:
    """Whether a single column of labels holds class numbers: whole numbers beyond 0 and 1, few or with hardly a gap."""
    if labels.kind is Kind.BOOL or not labels.whole or labels.sample_shape not in {(), (1,)}:
        return False
    low, high, count = labels.low or 0.0, labels.high or 0.0, len(labels.classes)
    return (low < 0 or high > 1) and (count <= limits.FEW_CLASSES or high - low < 2 * count)


def _class_count(labels: ArrayFacts | None) -> int:
    """The number of classes in labels; 0 where it is not known."""
    if labels is None:
        return 0
    return labels.shape[-1] if labels.one_hot else len(labels.classes)


def _one_unit(head: HeadFacts, loss: LossFacts, facts: Facts, classes: int) -> Finding:
    one_hot = head.labels is not None and head.labels.one_hot
    seen = (
        f"Layer {head.layer} gives {with_batch(head.shape[1:])} with activation {head.activation or 'unknown'}, "
        f"the loss is {loss.name}"
    )
    if head.labels is not None:
        listed = f"one-hot over {classes} columns" if head.labels.one_hot else classes_text(head.labels)
        seen += f", the labels are {listed or range_text(head.labels)}"
    effect = {
        CATEGORICAL: " The loss over a single unit is exactly 0, so that nothing is learnt.",
        SPARSE: " Every label but 0 is out of range: an error on a CPU, a loss of NaN on a GPU.",
        BINARY: " The one output is compared with every column."
        if one_hot
        else " Labels above 1 make the loss negative without end.",
    }[loss.name]
    binary = classes == 2  # noqa: PLR2004
    two = "Take Dense(1, activation='sigmoid') with loss='binary_crossentropy' and "
    two += "one column of labels: y.argmax(axis=1)." if one_hot else "labels 0 and 1."
    units = classes if classes > 1 else "classes"
    fitting = CATEGORICAL if one_hot else SPARSE
    if classes > 2:  # noqa: PLR2004
        title = f"one output unit cannot tell {classes} classes apart"
    elif loss.name == BINARY:
        title = "one output unit for one-hot labels of two columns"
    else:
        title = f"{loss.name} needs one output unit for each class, but there is one in all"
    return ONE_UNIT.found(
        title=title,
        evidence=f"{seen}.{effect}",
        location=location_of(head, facts),
        remedy=two if binary else f"End with Dense({units}, activation='softmax') and take loss='{fitting}'.",
    )


@check(SOFTMAX_OF_ONE, about="softmax over one unit", rank=Rank.WRONG, role=Role.CAUSE)
def softmax_of_one(facts: Facts) -> Answer:
    """A softmax over a single unit, which is 1 whatever comes in."""
    heads = [head for head in facts.model.heads if head.activation]
    if not heads:
        return NotApplicable(why="the activation of the outputs is not known")
    for head in heads:
        if head.activation == "softmax" and head.units == 1:
            return SOFTMAX_OF_ONE.found(
                title="a softmax over one unit always gives 1",
                evidence=f"Layer {head.layer} gives {with_batch(head.shape[1:])} with activation softmax: each output "
                "is divided by itself. The loss may fall all the same, as Keras computes it without the activation, "
                "but every prediction is 1.",
                location=location_of(head, facts),
                remedy="For two classes: Dense(1, activation='sigmoid') with loss='binary_crossentropy'. For more: "
                "Dense(classes, activation='softmax').",
            )
    return None


@check(LABEL_FORM, about="form of the labels", rank=Rank.WRONG, explains=(LABEL_SHAPE, SHAPES_DIFFER))
def label_form(facts: Facts) -> Answer:
    """One-hot labels under a sparse loss, class numbers under a categorical one."""
    heads = [(head, loss) for head, loss in entropy_heads(facts) if head.labels is not None and (head.units or 0) > 1]
    if not heads:
        return NotApplicable(why="no cross-entropy over several units has known labels")
    for head, loss in heads:
        labels = head.labels
        assert labels is not None
        if loss.name == SPARSE and labels.one_hot and agree(head.shape[1:], labels.sample_shape):
            return _wrong_form(
                head, facts, has="one-hot rows", takes="class numbers", right=CATEGORICAL, other="y.argmax(-1)"
            )
        numbers = len(head.shape) == len(labels.shape) + 1 or labels.sample_shape[-1:] == (1,)
        if loss.name == CATEGORICAL and numbers and labels.whole:
            other = f"keras.utils.to_categorical(y, {head.units})"
            return _wrong_form(head, facts, has="class numbers", takes="one-hot rows", right=SPARSE, other=other)
    return None


def _wrong_form(head: HeadFacts, facts: Facts, *, has: str, takes: str, right: str, other: str) -> Finding:
    labels = head.labels
    assert labels is not None
    assert head.loss is not None
    return LABEL_FORM.found(
        title=f"{head.loss.name} takes {takes}, but the labels are {has}",
        evidence=f"{labels.name} has shape {shape_text(labels.shape)}, layer {head.layer} gives "
        f"{with_batch(head.shape[1:])}.",
        location=facts.call.compiled_at or facts.call.location,
        remedy=f"Take loss='{right}', or make the labels fit: y = {other}.",
    )


@check(LABEL_RANGE, about="range of the labels", rank=Rank.WRONG, role=Role.CAUSE)
def label_range(facts: Facts) -> Answer:
    """Labels outside of what the loss can take."""
    heads = [
        (head, loss) for head, loss in entropy_heads(facts) if head.labels is not None and head.labels.high is not None
    ]
    if not heads:
        return NotApplicable(why="no plain cross-entropy has numbers as labels")
    for head, loss in heads:
        labels = head.labels
        assert labels is not None
        assert labels.low is not None
        assert labels.high is not None
        if loss.name == SPARSE and head.units and (labels.low < 0 or labels.high >= head.units):
            return _out_of_units(head, labels, facts)
        if loss.name == BINARY and (labels.low < -TOLERANCE or labels.high > 1 + TOLERANCE):
            return _out_of_unit_interval(labels, facts)
    return None


def _out_of_units(head: HeadFacts, labels: ArrayFacts, facts: Facts) -> Finding:
    assert labels.low is not None
    assert labels.high is not None
    units = head.units or 0
    from_one = labels.low == 1 and labels.high == units
    return LABEL_RANGE.found(
        title=f"labels go from {labels.low:g} to {labels.high:g}, but {plural(units, 'unit')} can tell 0 to "
        f"{units - 1} only",
        evidence=f"{labels.name}: {range_text(labels)}, {len(labels.classes) or 'many'} classes; layer {head.layer} "
        f"has {units} units. An error on a CPU, a loss of NaN on a GPU.",
        location=facts.call.location if from_one else location_of(head, facts),
        remedy=f"Count the classes from 0: {labels.name} = {labels.name} - 1."
        if from_one
        else f"Give the last layer {labels.high + 1:g} units, or number the classes from 0 without gaps: "
        "classes, y = np.unique(y, return_inverse=True).",
    )


def _out_of_unit_interval(labels: ArrayFacts, facts: Facts) -> Finding:
    classes = [value for value, _ in labels.classes]
    pair = len(classes) == 2  # noqa: PLR2004
    is_image = len(labels.sample_shape) > 1
    remedy = f"Make them 0 and 1: y = (y == {classes[1]:g}).astype('float32')." if pair else ""
    return LABEL_RANGE.found(
        title=f"binary_crossentropy takes labels from 0 to 1, but these go from {range_text(labels)}",
        evidence=f"{labels.name}: {classes_text(labels) or range_text(labels)}. Labels outside of 0 to 1 make the loss "
        "negative and reward ever larger outputs.",
        location=facts.call.location,
        remedy=remedy
        or (
            "Scale what is to be reconstructed to 0 to 1, such as x / 255, or take loss='mse' with a linear output."
            if is_image or len(labels.sample_shape) == 1
            else "For a quantity, take loss='mse' with a linear output; for more classes, a softmax over them."
        ),
    )
