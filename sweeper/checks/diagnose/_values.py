"""Values of the inputs and labels: not finite, out of scale, constant, far off, too few."""

import math
from collections.abc import Collection, Iterator

from sweeper.checks.diagnose import _limits as limits
from sweeper.checks.diagnose._base import Answer, NotApplicable, Rank, Role, check
from sweeper.checks.diagnose._data_facts import ArrayFacts, Container, Features, Kind
from sweeper.checks.diagnose._facts import Facts
from sweeper.checks.diagnose._model_facts import HeadFacts, InputFacts
from sweeper.checks.diagnose._shapes import pairs_of
from sweeper.checks.diagnose._words import index_text, range_text
from sweeper.findings import Finding, FindingKind, Severity
from sweeper.text import number_text, plural

INPUTS_NOT_FINITE = FindingKind("SW201", Severity.ERROR, "inputs hold NaN or infinity")
LABELS_NOT_FINITE = FindingKind("SW202", Severity.ERROR, "labels hold NaN or infinity")
UNSCALED_INPUTS = FindingKind("SW203", Severity.WARNING, "inputs are not scaled")
SCALES_APART = FindingKind("SW204", Severity.WARNING, "features are on scales far apart")
CONSTANT_FEATURES = FindingKind("SW205", Severity.NOTE, "features always have the same value")
OUTLIERS = FindingKind("SW206", Severity.NOTE, "a value lies far away from all others")
UNSCALED_TARGETS = FindingKind("SW207", Severity.WARNING, "regression targets are not scaled")
FEW_SAMPLES = FindingKind("SW211", Severity.NOTE, "there are hardly any samples")
BEYOND_HALF = FindingKind("SW213", Severity.ERROR, "values are beyond half precision")

REGRESSION = ("mean_squared_error", "mean_absolute_error", "huber", "log_cosh")
"""Losses that measure a distance in the unit of the targets."""
DISTANCES = (*REGRESSION, "mean_absolute_percentage_error", "mean_squared_logarithmic_error", "poisson")
"""Losses that are smallest where outputs equal their targets."""


@check(INPUTS_NOT_FINITE, about="finite inputs", rank=Rank.REFUSED, role=Role.CAUSE)
def inputs_finite(facts: Facts) -> Answer:
    """NaN or infinity in the inputs."""
    for array in facts.inputs:
        if array.not_finite is not None:
            return _not_finite(
                array,
                facts,
                kind=INPUTS_NOT_FINITE,
                may_be_meant=facts.model.own_step,
                more="A ReLU on a CPU turns NaN into 0, so that the loss stays finite and training only stands still.",
                remedy="Fill or drop what is missing before training: x = np.nan_to_num(x), or frame.dropna(); and "
                "look for a division by 0, such as by the standard deviation of a constant column.",
            )
    return None


@check(LABELS_NOT_FINITE, about="finite labels", rank=Rank.REFUSED, role=Role.CAUSE)
def labels_finite(facts: Facts) -> Answer:
    """NaN or infinity in the labels."""
    if not facts.labels:
        return NotApplicable(why="there are no labels")
    own_loss = any(head.loss and head.loss.own for head in facts.model.heads)
    for array in facts.labels:
        if array.not_finite is not None:
            return _not_finite(
                array,
                facts,
                kind=LABELS_NOT_FINITE,
                may_be_meant=facts.model.own_step or own_loss,
                more="The loss of such a sample is NaN, and its gradient ruins every weight in the first step.",
                remedy="Drop samples without a label: keep = np.isfinite(y); x, y = x[keep], y[keep].",
            )
    return None


def _not_finite(
    array: ArrayFacts, facts: Facts, *, kind: FindingKind, may_be_meant: bool, more: str, remedy: str
) -> Finding:
    """The finding; code of the user's own may well leave such values out."""
    place = array.not_finite
    assert place is not None
    counts = [f"{place.nans:,} NaN"] if place.nans else []
    counts += [f"{place.infinities:,} infinite"] if place.infinities else []
    listed, size = " and ".join(counts), float(math.prod(array.shape))
    return kind.found(
        severity=Severity.WARNING if may_be_meant else Severity.ERROR,
        title=f"{array.name} holds values that are not finite: {listed}",
        evidence=f"{listed} of {number_text(size)} values; the first is {array.name}{index_text(place.first)}. {more}",
        location=facts.call.location,
        remedy=remedy,
    )


@check(BEYOND_HALF, about="values that half precision can hold", rank=Rank.REFUSED, role=Role.CAUSE)
def beyond_half(facts: Facts) -> Answer:
    """Inputs or targets larger than any number of the type that the model computes in."""
    half = {layer.name for layer in facts.model.layers if layer.compute_dtype == "float16"}
    if not half:
        return NotApplicable(why="no layer computes in float16")
    for array, taken in pairs_of(facts):
        if taken.embedded is None and _largest(array) > limits.HALF_LARGEST:
            return _beyond(array, facts, Severity.ERROR, "They become infinity in the first layer, and the loss NaN.")
    for head, given in regression_heads(facts):
        if head.layer in half and _largest(given) > limits.HALF_LARGEST:
            return _beyond(given, facts, Severity.WARNING, "No output can reach them.")
    return None


def _largest(array: ArrayFacts) -> float:
    return max(abs(array.low or 0.0), abs(array.high or 0.0))


def _beyond(array: ArrayFacts, facts: Facts, severity: Severity, more: str) -> Finding:
    return BEYOND_HALF.found(
        severity=severity,
        title=f"{array.name} is beyond half precision: it goes from {range_text(array)}",
        evidence=f"The largest float16 is {limits.HALF_LARGEST:,.0f}. {more} Layers that scale also compute in it.",
        location=facts.call.location,
        remedy=f"Scale before fit: {array.name} = ({array.name} - mean) / std, in single precision.",
    )


@check(UNSCALED_INPUTS, about="scale of the inputs", rank=Rank.HARMFUL, role=Role.CAUSE)
def scaled_inputs(facts: Facts) -> Answer:
    """Inputs far larger than the weights are made for."""
    if not facts.model.inputs:
        return NotApplicable(why="it is not known what the model does with its inputs first")
    for array, _taken in _plain_numbers(facts):
        largest = _largest(array)
        if largest > limits.NEARLY_UNSCALED and not _is_standardised(array):
            return _unscaled(array, largest, facts)
    return None


def _is_standardised(array: ArrayFacts) -> bool:
    """Whether quantities lie around 0 with a standard deviation of about 1; the tails of some reach far out."""
    if array.whole or array.mean is None or array.std is None or _largest(array) > limits.STANDARDISED_LARGEST:
        return False
    least, most = limits.STANDARDISED_STD
    widest = 0.0 if array.features is None else array.features.largest_std
    return abs(array.mean) <= limits.STANDARDISED_MEAN and least <= array.std <= most and widest <= most


def _plain_numbers(facts: Facts) -> Iterator[tuple[ArrayFacts, InputFacts]]:
    """Inputs that go to weights as they are."""
    for array, taken in pairs_of(facts):
        numbers = array.kind in {Kind.FLOAT, Kind.INTEGER} and array.high is not None
        if numbers and taken.embedded is None and not taken.normalised:
            yield array, taken


def _unscaled(array: ArrayFacts, largest: float, facts: Facts) -> Finding:
    image = array.whole and array.low == 0 and limits.IMAGE_HIGH[0] <= largest <= limits.IMAGE_HIGH[1]
    spread = (
        "" if array.mean is None else f", mean {number_text(array.mean)}, standard deviation {number_text(array.std)}"
    )
    return UNSCALED_INPUTS.found(
        severity=Severity.WARNING if largest > limits.UNSCALED else Severity.NOTE,
        title=f"the inputs are not scaled: {array.name} goes from {range_text(array)}",
        evidence=f"{array.name}: {range_text(array)}{spread}. No layer of the model scales them, and weights are drawn "
        "for inputs of about 1: the first steps are as many times too long.",
        location=facts.call.location,
        remedy=f"Divide the pixels: {array.name} = {array.name}.astype('float32') / 255, or begin with Rescaling(1 / "
        f"255)."
        if image
        else "Standardise with the numbers of the training data: x = (x - x.mean(axis=0)) / x.std(axis=0), or begin "
        "with a Normalization layer that was adapted to x.",
    )


@check(UNSCALED_TARGETS, about="scale of the targets", rank=Rank.HARMFUL, role=Role.CAUSE)
def scaled_targets(facts: Facts) -> Answer:
    """Regression targets far from the size of a network's first outputs."""
    heads = list(regression_heads(facts))
    if not heads:
        return NotApplicable(why="no output is a regression with a plain loss")
    for head, labels in heads:
        std = labels.std
        if std is None or labels.samples == 1:
            continue
        if std > limits.TARGET_STD_HIGH or 0 < std < limits.TARGET_STD_LOW:
            large = std > limits.TARGET_STD_HIGH
            return UNSCALED_TARGETS.found(
                title=f"the targets are not scaled: {labels.name} has a standard deviation of {number_text(std)}",
                evidence=f"{labels.name}: {range_text(labels)}, mean {number_text(labels.mean)}. Outputs begin near "
                f"0, so "
                + (
                    f"that the first {head.loss.name if head.loss else 'loss'} is about "
                    f"{number_text(_first_loss(head))} "
                    "and its gradient as large."
                    if large
                    else "that the loss looks small from the start while nothing is learnt."
                ),
                location=facts.call.location,
                remedy="Standardise the targets: y = (y - y.mean()) / y.std(), and undo it on predictions.",
            )
    return None


def _first_loss(head: HeadFacts) -> float:
    labels = head.labels
    assert labels is not None
    mean, std = labels.mean or 0.0, labels.std or 0.0
    squared = mean * mean + std * std
    return squared if head.loss is not None and head.loss.name == "mean_squared_error" else squared**0.5


def regression_heads(facts: Facts, losses: Collection[str] = REGRESSION) -> Iterator[tuple[HeadFacts, ArrayFacts]]:
    """Outputs with a loss that is a distance, and their targets."""
    for head in facts.model.heads:
        if head.loss is not None and head.loss.name in losses and head.labels is not None:
            yield head, head.labels


@check(SCALES_APART, about="scales of the features", rank=Rank.HARMFUL, role=Role.CAUSE)
def feature_scales(facts: Facts) -> Answer:
    """Features of one table on scales far apart."""
    tables = list(_tables(facts))
    if not tables:
        return NotApplicable(why="no input is a table of plain numbers")
    for array, table in tables:
        if table.smallest_std > 0 and table.largest_std > limits.SCALES_APART * table.smallest_std:
            return SCALES_APART.found(
                title=f"the features of {array.name} are on scales far apart",
                evidence=f"Standard deviations from {number_text(table.smallest_std)} (column {table.narrow}) to "
                f"{number_text(table.largest_std)} (column {table.wide}). The wide ones alone decide the first layer's "
                "gradient, and no single rate suits both.",
                location=facts.call.location,
                remedy="Standardise each column: x = (x - x.mean(axis=0)) / x.std(axis=0).",
            )
    return None


def _tables(facts: Facts) -> Iterator[tuple[ArrayFacts, Features]]:
    for array, _ in _plain_numbers(facts):
        features = array.features
        if features is not None and len(array.shape) == 2 and 1 < features.count <= limits.MOST_NAMED_FEATURES:  # noqa: PLR2004
            yield array, features


@check(FEW_SAMPLES, about="number of samples", rank=Rank.MINOR)
def amount(facts: Facts) -> Answer:
    """No samples, or hardly any."""
    counts = [array.samples for array in facts.inputs if array.samples is not None]
    if not counts:
        return NotApplicable(why="the number of samples is not known")
    count = min(counts)
    if count >= limits.TINY_DATA:
        return None
    return FEW_SAMPLES.found(
        severity=Severity.NOTE if count else Severity.ERROR,
        title=f"there are only {plural(count, 'training sample')}" if count else "there are no training samples",
        evidence=f"{plural(count, 'sample')} for {facts.model.parameters:,} weights.",
        location=facts.call.location,
        remedy="Fine to try the script; what is learnt from so few says nothing of others."
        if count
        else "Look where they are loaded and filtered: a wrong folder, a condition that nothing meets.",
    )


@check(OUTLIERS, about="outliers", rank=Rank.MINOR)
def outliers(facts: Facts) -> Answer:
    """A value far away from all others of its column."""
    tables = list(_tables(facts))
    if not tables:
        return NotApplicable(why="no input is a table of plain numbers")
    for array, table in tables:
        if table.farthest > limits.OUTLIER_RANGES:
            return OUTLIERS.found(
                title=f"column {table.farthest_column} of {array.name} has values far away from all others",
                evidence=f"One lies {number_text(table.farthest)} times the range between the quartiles away from the "
                "median: a batch that holds it has a gradient unlike all others.",
                location=facts.call.location,
                remedy="Look whether it is a mistake (a wrong unit, a code such as 99999 for missing); else clip, or "
                "take the logarithm.",
            )
    return None


@check(CONSTANT_FEATURES, about="constant features", rank=Rank.MINOR)
def constant_features(facts: Facts) -> Answer:
    """Features that hold one value only."""
    tables = list(_tables(facts))
    if not tables:
        return NotApplicable(why="no input is a table of plain numbers")
    for array, table in tables:
        if table.constant:
            listed = ", ".join(map(str, table.constant[:8])) + (" and more" if len(table.constant) > 8 else "")  # noqa: PLR2004
            return CONSTANT_FEATURES.found(
                title=f"{plural(len(table.constant), 'feature')} of {array.name} {_never_vary(array, table)}",
                evidence=f"Columns {listed} of {table.count}, over {array.looked_at:,} samples. They tell nothing, and "
                "dividing by their standard deviation gives NaN.",
                location=facts.call.location,
                remedy="Drop these columns, or look why they do not vary.",
            )
    return None


def _never_vary(array: ArrayFacts, table: Features) -> str:
    if array.container is Container.ELEMENTS:
        return f"{'do' if table.constant[1:] else 'does'} not vary in the first {array.looked_at:,} samples"
    return f"never {'vary' if table.constant[1:] else 'varies'}"
