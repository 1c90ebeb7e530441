"""The last layer, the loss and the labels: three choices that must fit together."""

from collections.abc import Iterator

from sweeper.diagnose import _limits as limits
from sweeper.diagnose._base import Answer, NotApplicable, Rank, Role, check
from sweeper.diagnose._facts import ArrayFacts, Facts, HeadFacts, Kind, LossFacts
from sweeper.diagnose._shapes import LABEL_SHAPE, SHAPES_DIFFER, agree
from sweeper.diagnose._values import DISTANCES, regression_heads
from sweeper.diagnose._words import classes_text, range_text, shape_text, with_batch
from sweeper.findings import Finding, FindingKind, Severity
from sweeper.text import plural

SOFTMAX_OF_ONE = FindingKind("SW301", Severity.ERROR, "a softmax over one unit")
ONE_UNIT = FindingKind("SW302", Severity.ERROR, "one output unit for several classes")
SEVERAL_UNDER_BINARY = FindingKind("SW303", Severity.ERROR, "several outputs under binary cross-entropy")
NO_PROBABILITIES = FindingKind("SW304", Severity.ERROR, "a cross-entropy on outputs that are no probabilities")
LOGITS_TWICE = FindingKind("SW305", Severity.WARNING, "from_logits=True on probabilities")
DISTANCE_FOR_CLASSES = FindingKind("SW306", Severity.WARNING, "a distance as the loss of a classification")
LABEL_RANGE = FindingKind("SW307", Severity.ERROR, "labels outside of what the loss takes")
LABEL_FORM = FindingKind(
    "SW308", Severity.ERROR, "one-hot labels for a sparse loss, or class numbers for a categorical one"
)
OUT_OF_REACH = FindingKind("SW309", Severity.ERROR, "outputs cannot reach the targets")
SIGMOIDS_FOR_CLASSES = FindingKind("SW310", Severity.NOTE, "sigmoid outputs under a loss over classes")
ACCURACY_OF_QUANTITY = FindingKind("SW311", Severity.WARNING, "accuracy as the metric of a regression")
NO_DISTRIBUTION = FindingKind("SW312", Severity.WARNING, "rows of labels do not add up to 1")
EXCLUSIVE_CLASSES = FindingKind("SW313", Severity.NOTE, "exclusive classes are judged one by one")

BINARY = "binary_crossentropy"
CATEGORICAL = "categorical_crossentropy"
SPARSE = "sparse_categorical_crossentropy"
_ENTROPIES = (BINARY, CATEGORICAL, SPARSE)
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
_TOLERANCE = 1e-3
"""How far a number of single precision may lie outside of a range."""
_MOST_CLASSES = 30
"""Distinct whole labels of a regression up to which an accuracy beside it means that classes were meant."""

_NO_ENTROPY = NotApplicable(why="no output has a plain cross-entropy and a known activation")


def _heads(facts: Facts) -> Iterator[tuple[HeadFacts, LossFacts]]:
    """Outputs with a plain cross-entropy."""
    for head in facts.model.heads:
        if head.loss is not None and not head.loss.own and head.loss.name in _ENTROPIES:
            yield head, head.loss


def _at(head: HeadFacts, facts: Facts) -> str:
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
    heads = list(_heads(facts))
    if not heads:
        return _NO_ENTROPY
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
    """Whether one column of labels numbers classes: whole numbers beyond 0 and 1, few or with hardly a gap."""
    if labels.kind is Kind.BOOL or not labels.whole or labels.sample_shape not in {(), (1,)}:
        return False
    low, high, count = labels.low or 0.0, labels.high or 0.0, len(labels.classes)
    return (low < 0 or high > 1) and (count <= limits.FEW_CLASSES or high - low < 2 * count)


def _class_count(labels: ArrayFacts | None) -> int:
    """Classes that labels tell apart; 0 where they are not counted."""
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
        location=_at(head, facts),
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
                location=_at(head, facts),
                remedy="For two classes: Dense(1, activation='sigmoid') with loss='binary_crossentropy'. For more: "
                "Dense(classes, activation='softmax').",
            )
    return None


@check(LABEL_FORM, about="form of the labels", rank=Rank.WRONG, explains=(LABEL_SHAPE, SHAPES_DIFFER))
def label_form(facts: Facts) -> Answer:
    """One-hot labels under a sparse loss, class numbers under a categorical one."""
    heads = [(head, loss) for head, loss in _heads(facts) if head.labels is not None and (head.units or 0) > 1]
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
    heads = [(head, loss) for head, loss in _heads(facts) if head.labels is not None and head.labels.high is not None]
    if not heads:
        return NotApplicable(why="no plain cross-entropy has numbers as labels")
    for head, loss in heads:
        labels = head.labels
        assert labels is not None
        assert labels.low is not None
        assert labels.high is not None
        if loss.name == SPARSE and head.units and (labels.low < 0 or labels.high >= head.units):
            return _out_of_units(head, labels, facts)
        if loss.name == BINARY and (labels.low < -_TOLERANCE or labels.high > 1 + _TOLERANCE):
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
        location=facts.call.location if from_one else _at(head, facts),
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


@check(
    SEVERAL_UNDER_BINARY,
    about="binary cross-entropy on several units",
    rank=Rank.WRONG,
    explains=(LABEL_SHAPE, SHAPES_DIFFER),
)
def softmax_under_binary(facts: Facts) -> Answer:
    """Several softmax outputs, or several outputs for one column of labels, under binary cross-entropy."""
    heads = [head for head, loss in _heads(facts) if loss.name == BINARY and (head.units or 0) > 1]
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
        location=_at(head, facts),
        remedy=f"For two classes either {one}, or {many}." if units == 2 else f"Take {many}.",  # noqa: PLR2004
    )


@check(NO_PROBABILITIES, about="probabilities under cross-entropy", rank=Rank.WRONG, role=Role.CAUSE)
def no_probabilities(facts: Facts) -> Answer:
    """A cross-entropy on outputs that are no probabilities, or twice on those that are."""
    heads = [(head, loss) for head, loss in _heads(facts) if head.activation]
    if not heads:
        return _NO_ENTROPY
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
        location=_at(head, facts),
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
        below = low is not None and labels.low < low - _TOLERANCE
        above = high is not None and labels.high > high + _TOLERANCE
        if below or above:
            ends = "0 and above" if high is None else f"{low:g} to {high:g}"
            return OUT_OF_REACH.found(
                severity=Severity.ERROR if above or high is not None else Severity.WARNING,
                title=f"the outputs cannot reach the targets: {head.activation} gives {ends}, {labels.name} "
                f"{range_text(labels)}",
                evidence=f"Layer {head.layer} has activation {head.activation}; the loss is "
                f"{head.loss.name if head.loss else ''}.",
                location=_at(head, facts),
                remedy="Leave the activation of the last layer out, or scale the targets into its range.",
            )
        if head.activation == "softmax" and labels.sample_shape == (head.units,) and not labels.rows_sum_to_one:
            return OUT_OF_REACH.found(
                severity=Severity.WARNING,
                title=f"the outputs cannot reach the targets: a softmax adds up to 1, the rows of {labels.name} do not",
                evidence=f"Layer {head.layer} has activation softmax; the loss is "
                f"{head.loss.name if head.loss else ''}, {labels.name} {range_text(labels)}.",
                location=_at(head, facts),
                remedy="Leave the activation of the last layer out: a softmax is for the chances of classes.",
            )
    return None


@check(NO_DISTRIBUTION, about="labels as distributions", rank=Rank.WRONG)
def distributions(facts: Facts) -> Answer:
    """Rows of labels that are no distribution over the classes, under a loss that needs one."""
    heads = [(head, loss) for head, loss in _heads(facts) if loss.name == CATEGORICAL and (head.units or 0) > 1]
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
                location=facts.call.compiled_at or _at(head, facts),
                remedy=f"Take loss='{entropy}'.",
            )
    return None


@check(LOGITS_TWICE, about="from_logits", rank=Rank.WRONG)
def logits_twice(facts: Facts) -> Answer:
    """A loss that expects plain numbers and gets probabilities."""
    heads = [(head, loss) for head, loss in _heads(facts) if head.activation]
    if not heads:
        return _NO_ENTROPY
    for head, loss in heads:
        if loss.from_logits and head.activation in {"softmax", "sigmoid"}:
            return LOGITS_TWICE.found(
                title=f"from_logits=True on outputs that went through a {head.activation}",
                evidence=f"Layer {head.layer} has activation {head.activation}, and {loss.name} with from_logits=True "
                "would apply it once more. Keras on TensorFlow mends it with a warning; other backends train on "
                "squashed outputs.",
                location=_at(head, facts),
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
    heads = [(head, loss) for head, loss in _heads(facts) if head.activation and (head.units or 0) > 1]
    if not heads:
        return NotApplicable(why="no cross-entropy over several units has a known activation")
    for head, loss in heads:
        if head.activation == "sigmoid" and loss.name in (CATEGORICAL, SPARSE):
            return SIGMOIDS_FOR_CLASSES.found(
                title=f"sigmoid outputs under {loss.name}",
                evidence=f"Layer {head.layer} has {head.units} sigmoid units. Keras 3 trains them as a softmax would "
                "be, but what predict gives does not add up to 1.",
                location=_at(head, facts),
                remedy="Take activation='softmax'.",
            )
    return None


@check(EXCLUSIVE_CLASSES, about="exclusive classes", rank=Rank.MINOR)
def sigmoids_for_exclusive(facts: Facts) -> Answer:
    """Independent sigmoids for classes of which every sample has exactly one."""
    heads = [head for head, loss in _heads(facts) if loss.name == BINARY and (head.units or 0) > 2]  # noqa: PLR2004
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
                location=_at(head, facts),
                remedy="Take activation='softmax' and loss='categorical_crossentropy'. Sigmoids are for labels of "
                "which several may hold at once.",
            )
    return None
