"""What the first batch and the first steps show, before a sweep begins."""

import math

from sweeper.checks.diagnose import _limits as limits
from sweeper.checks.diagnose._base import Answer, NotApplicable, Rank, Role, check
from sweeper.checks.diagnose._facts import Facts, LayerStep, StepFacts
from sweeper.checks.diagnose._labels import CATEGORICAL, ENTROPIES, SOFTMAX_OF_ONE
from sweeper.checks.diagnose._model_facts import HeadFacts
from sweeper.checks.diagnose._output import NO_DISTRIBUTION
from sweeper.findings import FindingKind, Severity
from sweeper.text import number_text, rate_text

DEAD_UNITS = FindingKind("SW405", Severity.WARNING, "dead units")
SATURATED_UNITS = FindingKind("SW406", Severity.WARNING, "saturated units")
VANISHING = FindingKind("SW407", Severity.WARNING, "vanishing gradients")
EXPLODING = FindingKind("SW408", Severity.WARNING, "exploding gradients")
LONG_FIRST_STEP = FindingKind("SW409", Severity.WARNING, "the first step is longer than the weights")
HIGH_FIRST_LOSS = FindingKind("SW410", Severity.NOTE, "the first loss is far above that of a constant prediction")
NOT_FINITE_STEPS = FindingKind("SW415", Severity.ERROR, "loss or weights are not finite after a few steps")
NO_LOSS = FindingKind("SW416", Severity.ERROR, "the loss is 0 from the first step, or negative")
NO_GRADIENT = FindingKind("SW417", Severity.WARNING, "no gradient reaches a layer")
ONE_OUTPUT = FindingKind("SW419", Severity.WARNING, "every sample gets the same output")
BROKEN_UPDATE = FindingKind("SW421", Severity.ERROR, "one update makes weights NaN, whatever the rate")

_NO_STEP = NotApplicable(why="the first batch could not be looked at")


@check(BROKEN_UPDATE, about="a finite first update", rank=Rank.SUSPECT, role=Role.CAUSE)
def broken_update(facts: Facts) -> Answer:
    """Weights that the first update makes NaN, however low the rate."""
    step, rate = facts.step, facts.rate
    if step is None:
        return _NO_STEP
    if step.broken is None:
        return None
    broken, optimizer = step.broken, rate.optimizer if rate is not None else "the optimizer"
    names = f"{', '.join(broken.names[:3])}{' and more' if len(broken.names) > 3 else ''}"  # noqa: PLR2004
    zeros = (
        f" {broken.zeros:.0%} of its gradient is exactly 0, as behind inputs that are always 0." if broken.zeros else ""
    )
    return BROKEN_UPDATE.found(
        title="the gradient of the first step is not finite, though its loss is"
        if broken.by_gradient
        else f"one update of {optimizer} makes weights NaN, whatever the rate",
        evidence=f"The loss of the first batch is finite, the gradient of {names} is not, whatever the learning rate."
        if broken.by_gradient
        else f"The loss of the first batch and all gradients are finite. After one update at a millionth of the rate "
        f"{names} is not.{zeros}",
        location=facts.call.compiled_at or facts.call.location,
        remedy="Look for the root or norm of 0, a division by 0, or tf.where around one of them: the side that is not "
        "chosen passes on NaN all the same. Add a small constant inside, such as sqrt(x + 1e-7)."
        if broken.by_gradient
        else "Take another optimizer, such as Adam, or drop the inputs that are always 0.",
    )


def _is_finite(value: float) -> bool:
    return value - value == 0


@check(NO_GRADIENT, about="gradients for all layers", rank=Rank.SUSPECT)
def no_gradient(facts: Facts) -> Answer:
    """Layers with weights to train that the loss does not depend on."""
    step = facts.step
    if step is None or not step.layers:
        return _NO_STEP
    cut = [layer for layer in step.layers if layer.gradient_norm is None]
    if not cut or len(cut) == len(step.layers) or facts.model.own_step:
        return None
    return NO_GRADIENT.found(
        title=f"no gradient reaches {cut[0].name}",
        evidence=f"{', '.join(layer.name for layer in cut[:5])}: the loss does not depend on their weights.",
        location=cut[0].location or facts.call.location,
        remedy="Look for an operation without a gradient (argmax, rounding, a cast to integers) or a layer that is "
        "not used.",
    )


@check(NOT_FINITE_STEPS, about="finite loss and weights", rank=Rank.SUSPECT, role=Role.SYMPTOM)
def finite_steps(facts: Facts) -> Answer:
    """A loss or weights that are not finite after a few steps."""
    trained = facts.trained
    if trained is None:
        return NotApplicable(why="no step was trained")
    losses = (trained.first_loss, trained.last_loss)
    broken = [loss for loss in losses if loss is not None and not _is_finite(loss)]
    if not broken and not trained.not_finite_weights:
        return None
    first = trained.first_loss is not None and not _is_finite(trained.first_loss)
    names = ", ".join(trained.not_finite_weights[:3])
    return NOT_FINITE_STEPS.found(
        title="the loss is not finite in the first step"
        if first
        else f"after {trained.steps} steps the {'loss' if broken else 'weights'} hold NaN or infinity",
        evidence=f"Loss {number_text(trained.first_loss)} at first, {number_text(trained.last_loss)} after "
        f"{trained.steps} steps{f'; not finite: {names}' if names else ''}."
        + ("" if broken else " A ReLU hides it from the loss, which only stands still."),
        location=facts.call.location,
        remedy="Look for a division by 0 or a logarithm of 0 in data, layers and loss."
        if first
        else "Scale the inputs, or start with a rate ten times lower; sweeper probe finds the stable range.",
    )


@check(NO_LOSS, about="a loss above 0", rank=Rank.SUSPECT, role=Role.SYMPTOM)
def no_loss(facts: Facts) -> Answer:
    """A loss of exactly 0 from the start, or a negative cross-entropy."""
    trained = facts.trained
    heads = facts.model.heads
    plain = len(heads) == 1 and heads[0].loss is not None and not heads[0].loss.own and not facts.model.own_step
    if trained is None or trained.first_loss is None or not plain:
        return NotApplicable(why="no step was trained, or the loss is not a plain one")
    name = heads[0].loss.name if heads[0].loss is not None else ""
    zero = abs(trained.first_loss) < limits.NO_LOSS and abs(trained.last_loss or 0.0) < limits.NO_LOSS
    negative = name in ENTROPIES and min(trained.first_loss, trained.last_loss or 0.0) < -limits.NO_LOSS
    if not zero and not negative:
        return None
    return NO_LOSS.found(
        title="the loss is 0 from the first step" if zero else "the cross-entropy is negative",
        evidence=f"{name}: {number_text(trained.first_loss)} in the first step, {number_text(trained.last_loss)} after "
        f"{trained.steps}. " + ("Nothing is left to learn." if zero else "It cannot be, with labels from 0 to 1."),
        location=facts.call.compiled_at or facts.call.location,
        remedy="Outputs, loss and labels do not fit together; see the sections "
        f"{SOFTMAX_OF_ONE.code} to {NO_DISTRIBUTION.code}.",
    )


@check(DEAD_UNITS, about="dead units", rank=Rank.SIGN, role=Role.SYMPTOM)
def dead_units(facts: Facts) -> Answer:
    """ReLU units that are 0 for a whole batch."""
    step = facts.step
    known = [layer for layer in step.layers if layer.dead is not None] if step else []
    if step is None or not known or step.samples < limits.LEAST_BATCH:
        return NotApplicable(why="no layer with a ReLU could be looked at on a batch")
    worst = max(known, key=lambda layer: layer.dead or 0.0)
    if (worst.dead or 0.0) <= limits.DEAD:
        return None
    return DEAD_UNITS.found(
        title=f"{worst.dead:.0%} of the units of {worst.name} are dead",
        evidence=f"They are 0 for all {step.samples} samples of the first batch, so that no gradient reaches their "
        f"weights.",
        location=worst.location or facts.call.location,
        remedy="Scale the inputs, take he_normal weights, or leaky_relu.",
    )


@check(SATURATED_UNITS, about="saturated units", rank=Rank.SIGN, role=Role.SYMPTOM)
def saturation(facts: Facts) -> Answer:
    """Sigmoid or tanh units at the ends of their range."""
    step = facts.step
    known = [layer for layer in step.layers[:-1] if layer.saturated is not None] if step else []
    if step is None or not known or step.samples < limits.LEAST_BATCH:
        return NotApplicable(why="no hidden sigmoid or tanh could be looked at on a batch")
    worst = max(known, key=lambda layer: layer.saturated or 0.0)
    if (worst.saturated or 0.0) <= limits.SATURATED:
        return None
    return SATURATED_UNITS.found(
        title=f"{worst.saturated:.0%} of the outputs of {worst.name} are saturated",
        evidence=f"On the first batch they lie where {worst.activation} is flat, so that hardly any gradient gets "
        f"through.",
        location=worst.location or facts.call.location,
        remedy="Scale the inputs, or take smaller initial weights.",
    )


@check(VANISHING, EXPLODING, about="vanishing and exploding gradients", rank=Rank.SIGN, role=Role.SYMPTOM)
def gradients(facts: Facts) -> Answer:
    """Gradients that vanish or grow from the last layer to the first."""
    step = facts.step
    layers = [layer for layer in step.layers if layer.gradient_norm is not None] if step else []
    if len(layers) < 2:  # noqa: PLR2004  one layer has no way to vanish on
        return NotApplicable(why="the gradients of two layers could not be taken")
    first, last = layers[0], layers[-1]
    assert first.gradient_norm is not None
    assert last.gradient_norm is not None
    ratio = first.gradient_norm / last.gradient_norm if last.gradient_norm else math.inf
    vanished = ratio < limits.VANISHED and first.gradient_norm < limits.VANISHED_NORM
    flat = sum(layer.activation in {"sigmoid", "tanh"} for layer in layers[:-1])
    if vanished or (ratio < limits.FADED and flat >= limits.FADING_LAYERS):
        return VANISHING.found(
            severity=Severity.WARNING if vanished else Severity.NOTE,
            title=f"gradients {'vanish' if vanished else 'fade'} on the way to {first.name}",
            evidence=_norms(first, last),
            location=first.location or facts.call.location,
            remedy="Take relu instead of sigmoid or tanh in hidden layers, batch normalisation, or fewer layers.",
        )
    if first.gradient_norm > limits.EXPLODED * last.gradient_norm and first.gradient_norm > limits.EXPLODED_NORM:
        return EXPLODING.found(
            title=f"gradients explode on the way to {first.name}",
            evidence=_norms(first, last),
            location=first.location or facts.call.location,
            remedy="Scale the inputs, give the optimizer clipnorm=1.0, or take smaller initial weights.",
        )
    return None


def _norms(first: LayerStep, last: LayerStep) -> str:
    return (
        f"On the first batch the gradient of {first.name} has norm {number_text(first.gradient_norm)}, that of "
        f"{last.name} {number_text(last.gradient_norm)}."
    )


@check(LONG_FIRST_STEP, about="length of the first step", rank=Rank.SIGN, role=Role.SYMPTOM)
def updates(facts: Facts) -> Answer:
    """A first step that replaces a layer."""
    rate, step = facts.rate, facts.step
    if rate is None or rate.rate is None or rate.optimizer != "SGD" or step is None or rate.clips:
        return NotApplicable(why="the step is only as long as its gradient for SGD without clipping")
    sizes = _updates(step, rate.rate)
    if not sizes:
        return _NO_STEP
    layer, size = max(sizes, key=lambda item: item[1])
    if size <= limits.UPDATE_HIGH:
        return None
    return LONG_FIRST_STEP.found(
        title=f"the first step moves {layer.name} by {number_text(size)} times its own size",
        evidence=f"Gradient {number_text(layer.gradient_norm)} times rate {rate_text(rate.rate)}, against weights of "
        f"norm {number_text(layer.weight_norm)}.",
        location=layer.location or facts.call.location,
        remedy="Scale inputs and targets, or start with a lower rate.",
    )


def _updates(step: StepFacts, rate: float) -> list[tuple[LayerStep, float]]:
    return [
        (layer, rate * layer.gradient_norm / layer.weight_norm)
        for layer in step.layers
        if layer.gradient_norm is not None and layer.weight_norm > 0
    ]


@check(HIGH_FIRST_LOSS, about="first loss", rank=Rank.SIGN, role=Role.SYMPTOM)
def initial_loss(facts: Facts) -> Answer:
    """A first loss far above that of a constant prediction."""
    step = facts.step
    heads = facts.model.heads
    if len(heads) != 1 or heads[0].loss is None or heads[0].loss.name not in ENTROPIES:
        return NotApplicable(why="the loss is no cross-entropy, whose size at the start is known")
    if heads[0].loss.summed:
        return NotApplicable(why="the loss is a sum over the batch, which grows with it")
    constant = _constant_loss(heads[0])
    if step is None or step.loss is None or not constant:
        return NotApplicable(why="the first loss, or that of a constant prediction, is not known")
    if not step.loss > limits.INITIAL_LOSS * constant or facts.call.earlier_fits:
        return None
    return HIGH_FIRST_LOSS.found(
        title=f"the first loss is {step.loss / constant:.0f} times that of a constant prediction",
        evidence=f"{heads[0].loss.name} {number_text(step.loss)} on the first batch; always predicting the classes' "
        f"shares has {number_text(constant)}. The untrained outputs are surely wrong, mostly for inputs out of scale.",
        location=facts.call.location,
        remedy="Scale the inputs; look for weights or layers that make outputs large.",
    )


def _constant_loss(head: HeadFacts) -> float:
    """The cross-entropy of always predicting the classes' shares; 0 where they are not known."""
    labels = head.labels
    if labels is None or head.loss is None or (head.loss.name == CATEGORICAL and not labels.one_hot):
        return 0.0
    counts = [count for _, count in labels.classes]
    shares = [count / sum(counts) for count in counts]
    return -sum(share * math.log(share) for share in shares if share)


@check(ONE_OUTPUT, about="outputs that depend on inputs", rank=Rank.SIGN, role=Role.SYMPTOM)
def outputs_differ(facts: Facts) -> Answer:
    """A model that gives every sample the same output."""
    trained = facts.trained
    if trained is None or not facts.model.heads:
        return NotApplicable(why="no step was trained, or the outputs are not known")
    if trained.one_output is None:
        return None
    return ONE_OUTPUT.found(
        evidence=f"After {trained.steps} steps the model gives {number_text(trained.one_output)} for a batch of "
        "different samples: what it says does not depend on its inputs, however the loss may fall.",
        location=facts.model.heads[0].location or facts.call.location,
        remedy="Look for a softmax over one unit, layers whose units are all dead or saturated, weights that begin at "
        "0, and layers that throw their input away.",
    )
