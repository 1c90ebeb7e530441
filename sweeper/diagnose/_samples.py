"""Training samples as a set: their classes, what labels have to do with inputs, the validation samples beside them."""

import math

from sweeper.diagnose import _limits as limits
from sweeper.diagnose._base import Answer, Check, NotApplicable
from sweeper.diagnose._facts import ArrayFacts, Bond, Facts
from sweeper.diagnose._output import BINARY, CATEGORICAL, SPARSE
from sweeper.findings import Finding, Severity
from sweeper.text import number_text, plural

_ENTROPIES = (BINARY, CATEGORICAL, SPARSE)
_SEQUENCES = 3
"""Axes of sequences: samples, steps, features."""


def _classified(facts: Facts) -> list[ArrayFacts]:
    """Labels of outputs with a cross-entropy, one class for each sample."""
    heads = [head for head in facts.model.heads if head.loss is not None and head.loss.name in _ENTROPIES]
    labels = [head.labels for head in heads if head.labels is not None]
    return [array for array in labels if array.classes and (array.one_hot or array.sample_shape in {(), (1,)})]


def balance(facts: Facts) -> Answer:
    """Some class far more frequent than another, or the only one."""
    labels = _classified(facts)
    if not labels:
        return NotApplicable(why="no labels are classes that were counted")
    for array in labels:
        counts = [count for _, count in array.classes]
        if len(counts) == 1 and array.looked_at >= limits.TINY_DATA:
            return _single(array, facts)
        if max(counts) > limits.IMBALANCE * min(counts) and array.looked_at >= limits.TINY_DATA:
            return _unbalanced(array, facts)
    return None


def _single(array: ArrayFacts, facts: Facts) -> Finding:
    return Finding(
        code="SW209",
        severity=Severity.WARNING,
        title=f"all training labels are {array.classes[0][0]:g}",
        evidence=f"{array.looked_at:,} labels of {array.name}, one class. The model learns to say it always.",
        location=facts.call.location,
        remedy="Look how the labels are made and split: sorted data must be shuffled before it is split.",
    )


def _unbalanced(array: ArrayFacts, facts: Facts) -> Finding:
    most = max(array.classes, key=lambda item: item[1])
    least = min(array.classes, key=lambda item: item[1])
    share = most[1] / sum(count for _, count in array.classes)
    return Finding(
        code="SW209",
        severity=Severity.NOTE,
        title=f"the classes are unbalanced: {most[1]:,} samples of {most[0]:g}, {least[1]:,} of {least[0]:g}",
        evidence=f"Always saying {most[0]:g} is right for {share:.0%} of {plural(array.looked_at, 'sample')}: an "
        "accuracy near that is none.",
        location=facts.call.location,
        remedy="Give fit class_weight, and judge by a metric that counts each class, such as AUC or recall.",
    )


def bond(facts: Facts) -> Answer:
    """Labels that have nothing to do with the inputs, as far as a quick look can tell."""
    seen = facts.bond
    if seen is None:
        return NotApplicable(why=dict(facts.unknown).get("bond", "inputs and labels could not be compared"))
    if seen.samples < limits.BOND_SAMPLES or not facts.has_validation:
        return NotApplicable(why="there is no validation to improve, or there are too few samples")
    if _says_something(seen):
        return None
    # In sequences the order may say more than such a look finds.
    ordered = any(len(array.shape) == _SEQUENCES for array in facts.inputs)
    return Finding(
        code="SW210",
        severity=Severity.NOTE if ordered else Severity.WARNING,
        title="the labels seem to have nothing to do with the inputs",
        evidence=f"{_what_was_reached(seen)} Training will learn its samples by heart: its loss falls, that of the "
        "validation rises from the start.",
        location=facts.call.location,
        remedy="Look whether labels still belong to their rows (shuffled apart, sorted, joined by a wrong key), or are "
        "random. If a person could tell them from the inputs, this look was too short.",
    )


def _says_something(seen: Bond) -> bool:
    if seen.strongest > limits.BOND_STRONGEST:
        return True
    if not seen.classes:
        return max(seen.linear, seen.neighbours) > limits.BOND_R2
    error = math.sqrt(seen.chance * (1 - seen.chance) / seen.samples)
    return max(seen.linear, seen.neighbours) > seen.chance + limits.BOND_ERRORS * error


def _what_was_reached(seen: Bond) -> str:
    if not seen.classes:
        return (
            f"Of {seen.samples:,} samples a linear fit explains {max(seen.linear, 0):.1%} of the targets' variance on "
            f"samples left out of it, the nearest neighbours {max(seen.neighbours, 0):.1%}."
        )
    return (
        f"Of {seen.samples:,} samples in {seen.classes} classes a linear fit tells {seen.linear:.0%} right on samples "
        f"left out of it, the nearest neighbours {seen.neighbours:.0%}; guessing reaches {seen.chance:.0%}."
    )


_NO_VALIDATION = NotApplicable(why="there are no validation arrays")


def leakage(facts: Facts) -> Answer:
    """Validation samples that are training samples."""
    seen = facts.validation
    if seen is None or not seen.looked_at:
        return _NO_VALIDATION
    share = seen.copies / seen.looked_at
    if share <= limits.COPIES:
        return None
    return Finding(
        code="SW208",
        severity=Severity.WARNING,
        title="the validation data are the training data"
        if seen.copies == seen.looked_at
        else f"{share:.0%} of the validation samples are training samples too",
        evidence=f"{seen.copies:,} of {seen.looked_at:,} validation samples are equal, number for number, to a "
        "training sample. The validation loss then shows what was learnt by heart.",
        location=facts.call.location,
        remedy="Split before anything is repeated, oversampled or windowed, and drop duplicates first.",
    )


def other_distribution(facts: Facts) -> Answer:
    """Validation data that come from elsewhere."""
    seen = facts.validation
    if seen is None:
        return _NO_VALIDATION
    if seen.missing_classes:
        listed = ", ".join(f"{value:g}" for value in seen.missing_classes[:6])
        return Finding(
            code="SW212",
            severity=Severity.WARNING,
            title=f"the validation has classes that training never sees: {listed}",
            evidence=f"{plural(len(seen.missing_classes), 'class')} of the validation labels is not among the training "
            "labels. validation_split takes the last part as it stands, without shuffling.",
            location=facts.call.location,
            remedy="Shuffle inputs and labels together before they are split.",
        )
    if seen.class_shift is not None and seen.class_shift > limits.CLASS_SHIFT:
        return _other_shares(seen.class_shift, facts)
    if seen.shift is None:
        return NotApplicable(why="the means of the features could not be compared")
    if seen.shift <= limits.SHIFT_STDS:
        return None
    return Finding(
        code="SW212",
        severity=Severity.NOTE,
        title="training and validation data differ",
        evidence=f"The mean of feature {seen.shifted_column} lies {number_text(seen.shift)} standard deviations away "
        "from that of the training samples.",
        location=facts.call.location,
        remedy="Scale both with the numbers of the training data, and shuffle before the split, unless the order is "
        "time.",
    )


def _other_shares(shift: float, facts: Facts) -> Finding:
    return Finding(
        code="SW212",
        severity=Severity.WARNING,
        title="the classes of the validation have other shares than those of the training",
        evidence=f"{shift:.0%} of the samples would have to change their class to make them equal. validation_split "
        "takes the last part as it stands, without shuffling, and in sorted data that is other classes.",
        location=facts.call.location,
        remedy="Shuffle inputs and labels together before they are split.",
    )


SPLIT_CHECKS = (
    Check(code="SW212", about="validation from the same source", look=other_distribution),
    Check(code="SW208", about="validation apart from training", look=leakage),
    Check(code="SW209", about="balance of the classes", look=balance),
)
BOND_CHECKS = (Check(code="SW210", about="labels that follow from inputs", look=bond),)
