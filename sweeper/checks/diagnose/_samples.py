"""Training samples as a set: their classes, what labels have to do with inputs, the validation samples beside them."""

from sweeper.checks.diagnose import _limits as limits
from sweeper.checks.diagnose._base import Answer, NotApplicable, Rank, check
from sweeper.checks.diagnose._data_facts import ArrayFacts, Relation
from sweeper.checks.diagnose._facts import Facts
from sweeper.checks.diagnose._labels import ENTROPIES
from sweeper.findings import Finding, FindingKind, Severity
from sweeper.text import number_text, plural

LEAKAGE = FindingKind("SW208", Severity.WARNING, "validation samples are training samples")
UNBALANCED = FindingKind("SW209", Severity.NOTE, "classes are unbalanced")
NO_RELATION = FindingKind("SW210", Severity.WARNING, "the inputs tell nothing of the labels beyond chance")
OTHER_SOURCE = FindingKind("SW212", Severity.WARNING, "the validation comes from elsewhere")


def _classified(facts: Facts) -> list[ArrayFacts]:
    """Labels of outputs with a cross-entropy, one class for each sample."""
    heads = [head for head in facts.model.heads if head.loss is not None and head.loss.name in ENTROPIES]
    labels = [head.labels for head in heads if head.labels is not None]
    return [array for array in labels if array.classes and (array.one_hot or array.sample_shape in {(), (1,)})]


@check(OTHER_SOURCE, about="validation from the same source", rank=Rank.HARMFUL)
def other_distribution(facts: Facts) -> Answer:
    """Validation data that come from elsewhere."""
    seen = facts.validation
    if seen is None:
        return _NO_VALIDATION
    if seen.missing_classes:
        listed = ", ".join(f"{value:g}" for value in seen.missing_classes[:6])
        return OTHER_SOURCE.found(
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
    return OTHER_SOURCE.found(
        severity=Severity.NOTE,
        title="training and validation data differ",
        evidence=f"The mean of feature {seen.shifted_column} lies {number_text(seen.shift)} standard deviations away "
        "from that of the training samples.",
        location=facts.call.location,
        remedy="Scale both with the numbers of the training data, and shuffle before the split, unless the order is "
        "time.",
    )


def _other_shares(shift: float, facts: Facts) -> Finding:
    return OTHER_SOURCE.found(
        title="the classes of the validation have other shares than those of the training",
        evidence=f"{shift:.0%} of the samples would have to change their class to make them equal. validation_split "
        "takes the last part as it stands, without shuffling, and in sorted data that is other classes.",
        location=facts.call.location,
        remedy="Shuffle inputs and labels together before they are split.",
    )


@check(LEAKAGE, about="validation apart from training", rank=Rank.HARMFUL)
def leakage(facts: Facts) -> Answer:
    """Validation samples that are training samples."""
    seen = facts.validation
    if seen is None or not seen.looked_at:
        return _NO_VALIDATION
    share = seen.copies / seen.looked_at
    if share <= limits.COPIES:
        return None
    return LEAKAGE.found(
        title="the validation data are the training data"
        if seen.copies == seen.looked_at
        else f"{share:.0%} of the validation samples are training samples too",
        evidence=f"{seen.copies:,} of {seen.looked_at:,} validation samples are equal, number for number, to a "
        "training sample. The validation loss then shows what was learnt by heart.",
        location=facts.call.location,
        remedy="Split before anything is repeated, oversampled or windowed, and drop duplicates first.",
    )


@check(UNBALANCED, about="balance of the classes", rank=Rank.HARMFUL)
def balance(facts: Facts) -> Answer:
    """Some class far more frequent than another, or the only one."""
    labels = _classified(facts)
    if not labels:
        return NotApplicable(why="no labels are classes that were counted")
    if any(array.beginning for array in labels):
        return NotApplicable(why="only the first labels of the data were read, and these may be sorted")
    for array in labels:
        counts = [count for _, count in array.classes]
        if len(counts) == 1 and array.looked_at >= limits.TINY_DATA:
            return _single(array, facts)
        if max(counts) > limits.IMBALANCE * min(counts) and array.looked_at >= limits.TINY_DATA:
            return _unbalanced(array, facts)
    return None


def _single(array: ArrayFacts, facts: Facts) -> Finding:
    return UNBALANCED.found(
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
    return UNBALANCED.found(
        title=f"the classes are unbalanced: {most[1]:,} samples of {most[0]:g}, {least[1]:,} of {least[0]:g}",
        evidence=f"Always saying {most[0]:g} is right for {share:.0%} of {plural(array.looked_at, 'sample')}: an "
        "accuracy near that is none.",
        location=facts.call.location,
        remedy="Give fit class_weight, and judge by a metric that counts each class, such as AUC or recall.",
    )


@check(NO_RELATION, about="labels that follow from inputs", rank=Rank.SUSPECT)
def relation(facts: Facts) -> Answer:
    """Labels of which nothing beyond chance can be told from the inputs."""
    seen = facts.relation
    if seen is None:
        return NotApplicable(why=dict(facts.unknown).get("relation", "inputs and labels could not be compared"))
    if seen.samples < max(limits.RELATION_SAMPLES, limits.RELATION_SAMPLES_A_FEATURE * seen.features):
        return NotApplicable(
            why=f"{plural(seen.samples, 'sample')} of {plural(seen.features, 'feature')} are too few to tell"
        )
    if seen.others < limits.RELATION_OTHERS:
        return NotApplicable(why="there are too few samples of other classes than the most frequent one")
    if seen.by_chance <= limits.BY_CHANCE:
        return None
    return NO_RELATION.found(
        title=f"the inputs tell nothing of the labels beyond chance, which is {_chance(seen)}",
        evidence=f"On {seen.samples:,} samples, linear fits, nearest neighbours, kernels and single features tell no "
        f"more of the labels than of the same labels in random order ({seen.by_chance:.0%} of the orders do as well). "
        f"A feature that explains {seen.visible:.0%} of the labels would nearly always have been seen. A training "
        f"loss below {number_text(seen.chance_loss)} then is samples learnt by heart, and the validation loss rises.",
        location=facts.call.location,
        remedy="Look whether labels still belong to their rows (shuffled apart, sorted, joined by a wrong key), or are "
        "random. If they follow from inputs in a way that only more samples show, ignore this.",
    )


def _chance(seen: Relation) -> str:
    if seen.classes:
        return f"an accuracy of {seen.chance:.0%}"
    return f"a mean squared error of {number_text(seen.chance)}"


_NO_VALIDATION = NotApplicable(why="there are no validation arrays")
