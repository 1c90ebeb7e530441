"""The model and its optimizer as they are made."""

import itertools

from sweeper.checks.diagnose import _limits as limits
from sweeper.checks.diagnose._base import Answer, NotApplicable, Rank, Role, check
from sweeper.checks.diagnose._facts import Facts
from sweeper.checks.diagnose._model_facts import LayerFacts
from sweeper.checks.diagnose._shapes import pairs_of
from sweeper.findings import Finding, FindingKind, Severity
from sweeper.optimizers import of_keras_class
from sweeper.text import plural, rate_text

HALF_OUTPUTS = FindingKind("SW125", Severity.NOTE, "outputs are computed in half precision")
LINEAR = FindingKind("SW401", Severity.WARNING, "no non-linearity")
HIGH_DROPOUT = FindingKind("SW402", Severity.NOTE, "a dropout above one half")
DROPOUT_BEFORE_NORMALISATION = FindingKind("SW403", Severity.NOTE, "a dropout right before batch normalisation")
CONSTANT_WEIGHTS = FindingKind("SW404", Severity.WARNING, "all weights of a hidden layer begin as one value")
FROZEN = FindingKind("SW411", Severity.ERROR, "nothing is trained")
EMBEDDING_RANGE = FindingKind("SW412", Severity.ERROR, "a number for which the embedding has no row")
RATE_RANGE = FindingKind("SW413", Severity.ERROR, "a learning rate that its optimizer does not survive")
RUINED_WEIGHTS = FindingKind("SW414", Severity.ERROR, "weights hold NaN or infinity before fit begins")
HIDDEN_SOFTMAX = FindingKind("SW418", Severity.WARNING, "a softmax inside of the model")
UNSCALED_LOSS = FindingKind(
    "SW420", Severity.WARNING, "the loss is not scaled, but its gradients are divided by the loss scale"
)

_LINEAR_KINDS = {"Dense", "EinsumDense", "Conv1D", "Conv2D", "Conv3D", "DepthwiseConv2D", "SeparableConv2D"}
_PLAIN_KINDS = {
    *_LINEAR_KINDS,
    *("InputLayer", "Flatten", "Reshape", "Permute", "RepeatVector", "Dropout", "BatchNormalization", "Rescaling"),
    *("Normalization", "AveragePooling2D", "GlobalAveragePooling2D", "GlobalAveragePooling1D", "ZeroPadding2D"),
}
"""Layers without a non-linearity of their own; any other kind may have one."""

_WEIGHTED_KINDS = {*_LINEAR_KINDS, "LSTM", "GRU", "SimpleRNN", "Bidirectional", "TimeDistributed"}
"""Layers that multiply what they take by weights of their own, and so need no weighing before."""


@check(FROZEN, about="weights to train", rank=Rank.WRONG)
def frozen(facts: Facts) -> Answer:
    """No weight that training may change."""
    model = facts.model
    if not model.parameters or model.own_step:
        return NotApplicable(why="the model has no weights yet, or trains in a way of its own")
    if model.trainable:
        return None
    return FROZEN.found(
        title="nothing is trained: all weights are frozen",
        evidence=f"{model.parameters:,} weights, none of them trainable.",
        location=facts.call.compiled_at or facts.call.location,
        remedy="Set trainable = True for the layers that shall learn, then compile again.",
    )


@check(RUINED_WEIGHTS, about="finite weights at the start", rank=Rank.WRONG, role=Role.CAUSE)
def ruined_weights(facts: Facts) -> Answer:
    """Weights that are not finite before this fit begins."""
    if not facts.model.parameters:
        return NotApplicable(why="the model has no weights yet")
    names = facts.model.not_finite_weights
    if not names:
        return None
    earlier = facts.call.earlier_fits > 0
    return RUINED_WEIGHTS.found(
        title="the weights hold NaN or infinity before this fit begins",
        evidence=f"{', '.join(names[:4])}{' and more' if len(names) > 4 else ''}. "  # noqa: PLR2004
        + ("An earlier fit ruined them; compile does not make them new." if earlier else "They were loaded or set so."),
        location=facts.call.location,
        remedy="Build a new model for each try: put its making in a function, and call it before every fit."
        if earlier
        else "Look at the file that they come from.",
    )


@check(EMBEDDING_RANGE, about="rows of the embedding", rank=Rank.WRONG)
def embedding_range(facts: Facts) -> Answer:
    """Numbers for an embedding that it has no row for."""
    pairs = [(array, taken) for array, taken in pairs_of(facts) if taken.embedded is not None]
    if not pairs:
        return NotApplicable(why="no input goes to an embedding")
    for array, taken in pairs:
        low, high, rows = array.low, array.high, taken.embedded
        if low is not None and high is not None and rows is not None and (low < 0 or high >= rows):
            return EMBEDDING_RANGE.found(
                title=f"{array.name} holds {high if high >= rows else low:g}, but the embedding has rows 0 to "
                f"{rows - 1}",
                evidence=f"{array.name}: {low:g} to {high:g}, input_dim={rows}. An error on a CPU; on a GPU such "
                "numbers read zeros without a word.",
                location=_embedding_location(facts, rows),
                remedy=f"Embedding(input_dim={int(high) + 1}, ...): the largest number and one more for 0."
                if low >= 0
                else "Number words or categories from 0.",
            )
    return None


def _embedding_location(facts: Facts, rows: int) -> str:
    found = (layer.location for layer in facts.model.layers if layer.input_dim == rows and layer.location)
    return next(found, facts.call.location)


@check(UNSCALED_LOSS, about="scaling of the loss", rank=Rank.WRONG)
def loss_scale(facts: Facts) -> Answer:
    """Gradients that are divided by a loss scale which the loss was never multiplied by."""
    if facts.model.precision != "mixed_float16" and facts.unscaled_by is None:
        return NotApplicable(why="no loss is scaled, as the model does not train in float16")
    scale = facts.unscaled_by
    if scale is None:
        return None
    optimizer = facts.rate.optimizer if facts.rate is not None else "the optimizer"
    return UNSCALED_LOSS.found(
        title=f"train_step does not scale the loss, but its gradients are divided by the loss scale of {scale:,.0f}",
        evidence=f"In {facts.model.precision} compile wraps {optimizer} in a LossScaleOptimizer, which divides all "
        f"gradients by {scale:,.0f}. No optimizer.scale_loss was called, so that each update is as if the gradients "
        f"were {scale:,.0f} times smaller: SGD hardly moves, and what is small becomes 0.",
        location=facts.call.location,
        remedy="In train_step take the gradients of self.optimizer.scale_loss(loss), and return the loss without it.",
    )


@check(RATE_RANGE, about="learning rate", rank=Rank.WRONG, role=Role.CAUSE)
def rate_range(facts: Facts) -> Answer:
    """A learning rate outside of anything that its optimizer survives."""
    rate = facts.rate
    if rate is None or rate.rate is None:
        return NotApplicable(why="the learning rate cannot be read")
    known = of_keras_class(rate.optimizer)
    high = None if known is None else known.rates_high
    if high is not None and rate.rate > high[0] and (rate.rate > high[1] or _is_deep(facts)):
        rarely = Severity.ERROR if rate.rate > high[1] else Severity.WARNING
        return RATE_RANGE.found(
            severity=rarely,
            title=f"a learning rate of {rate_text(rate.rate)} is far too high for {rate.optimizer}",
            evidence=f"{rate.optimizer} {'practically never' if rarely is Severity.ERROR else 'rarely'} trains above "
            f"{rate_text(high[1 if rarely is Severity.ERROR else 0])}"
            + (f"; the rate is the peak of {rate.schedule}." if rate.schedule else ".")
            + (" It moves every weight by about the rate in each step." if high[0] < 1 else ""),
            location=facts.call.compiled_at or facts.call.location,
            remedy=f"Start at {'1e-3' if high[0] < 1 else '1e-2'}; sweeper probe finds the stable range.",
        )
    if rate.rate < 0:
        return RATE_RANGE.found(
            title=f"a negative learning rate: {rate_text(rate.rate)}",
            evidence=f"{rate.optimizer} moves every weight up its gradient, so that the loss grows.",
            location=facts.call.compiled_at or facts.call.location,
            remedy="Start at 1e-3; to maximise something, give its negative as the loss.",
        )
    if rate.rate < limits.RATE_LOW and not rate.schedule:
        return RATE_RANGE.found(
            severity=Severity.WARNING,
            title=f"a learning rate of {rate_text(rate.rate)} changes next to nothing",
            evidence="A step changes a weight by about the rate; weights near 1 in single precision do not change at "
            "all by less than 6e-8.",
            location=facts.call.compiled_at or facts.call.location,
            remedy="Start at 1e-3; sweeper probe finds the stable range.",
        )
    return None


def _is_deep(facts: Facts) -> bool:
    """Whether more than one layer is trained; a linear model tolerates higher rates than a network."""
    return sum(bool(layer.weights) for layer in facts.model.layers) != 1


@check(CONSTANT_WEIGHTS, about="initial weights", rank=Rank.SUSPECT, role=Role.CAUSE)
def initial_weights(facts: Facts) -> Answer:
    """A hidden layer whose weights all begin with one value."""
    kernels = [layer for layer in facts.model.layers if layer.kind in _LINEAR_KINDS and layer.weights]
    if not kernels:
        return NotApplicable(why="no layer with a kernel is built yet")
    for layer in kernels[:-1]:
        if layer.constant_kernel is not None:
            return _constant(layer, layer.constant_kernel, facts)
    return None


def _constant(layer: LayerFacts, value: float, facts: Facts) -> Finding:
    return CONSTANT_WEIGHTS.found(
        title=f"all weights of {layer.name} begin as {value:g}",
        evidence="All of its units compute the same, get the same gradient and stay equal"
        + (": with zeros there is no gradient at all before this layer." if value == 0 else "."),
        location=layer.location or facts.call.location,
        remedy="Leave kernel_initializer out, or take 'he_normal' or 'glorot_uniform'.",
    )


@check(LINEAR, about="non-linearity", rank=Rank.SUSPECT)
def linear_only(facts: Facts) -> Answer:
    """Several layers without any non-linearity between them."""
    layers = facts.model.layers
    if not layers or facts.model.kind not in {"Sequential", "Functional"}:
        return NotApplicable(why="what the model computes is not only its layers")
    deep = [layer for layer in layers if layer.kind in _LINEAR_KINDS]
    others = {layer.kind for layer in layers} - _PLAIN_KINDS
    # The activation of the last layer comes after everything, so that it bends nothing in between.
    if len(deep) < 2 or others or any(layer.activation not in {"", "linear"} for layer in deep[:-1]):  # noqa: PLR2004
        return None
    return LINEAR.found(
        title=f"{plural(len(deep), 'layer')} with weights and no non-linearity between them",
        evidence=f"{', '.join(layer.name for layer in deep)}: all linear. Together they can do no more than one of "
        f"them alone.",
        location=deep[0].location or facts.call.location,
        remedy="Give every layer but the last activation='relu'.",
    )


@check(HIDDEN_SOFTMAX, about="softmax in hidden layers", rank=Rank.SUSPECT)
def hidden_softmax(facts: Facts) -> Answer:
    """A softmax in a hidden layer, where another activation belongs.

    One that is an output, or that weighs something else (a gate, an attention, a mixture), is in its place.
    """
    if not facts.model.layers or facts.model.kind not in {"Sequential", "Functional"}:
        return NotApplicable(why="what the model computes is not only its layers")
    last = {head.layer for head in facts.model.heads}
    units = [layer for layer in facts.model.layers if layer.kind in _LINEAR_KINDS]
    inner = [layer for layer in units if layer.activation == "softmax" and layer.name not in last]
    inner = [layer for layer in inner if layer.taken_by and set(layer.taken_by) <= _WEIGHTED_KINDS]
    if not inner or not last:
        return None
    layer, width = inner[0], (inner[0].output_shape or (None,))[-1]
    each = f"of {width:,} outputs each is about 1/{width:,}" if width else "with many outputs each of them is small"
    return HIDDEN_SOFTMAX.found(
        title=f"a softmax in a hidden layer, {layer.name}",
        evidence=f"All that it gives goes on into {' and '.join(layer.taken_by)}. Its outputs add up to 1: {each}, and "
        "so is the gradient that gets through.",
        location=layer.location or facts.call.location,
        remedy="Take relu in hidden layers, unless these outputs stand for shares of something.",
    )


@check(HIGH_DROPOUT, DROPOUT_BEFORE_NORMALISATION, about="dropout", rank=Rank.MINOR)
def dropouts(facts: Facts) -> Answer:
    """A dropout that takes away more than half, or that stands before batch normalisation."""
    layers = facts.model.layers
    if not any(layer.kind.endswith("Dropout") and layer.rate is not None for layer in layers):
        return NotApplicable(why="the model has no dropout")
    for layer in layers:
        if layer.rate is not None and layer.rate > limits.DROPOUT_HIGH:
            return HIGH_DROPOUT.found(
                title=f"dropout of {layer.rate:g} in {layer.name}",
                evidence="The rate is the part that is taken away, not the part that is kept as in TensorFlow 1.",
                location=layer.location or facts.call.location,
                remedy="Between 0.1 and 0.5 is usual; start without.",
            )
    for layer, after in itertools.pairwise(layers):
        if layer.kind == "Dropout" and layer.rate and after.kind == "BatchNormalization":
            return DROPOUT_BEFORE_NORMALISATION.found(
                title=f"dropout {layer.name} stands right before batch normalisation {after.name}",
                evidence="The variance that batch normalisation keeps for evaluation is that with dropout, which "
                "evaluation does not have.",
                location=layer.location or facts.call.location,
                remedy="Put the dropout after the batch normalisation, or leave it out.",
            )
    return None


@check(HALF_OUTPUTS, about="precision of the outputs", rank=Rank.MINOR)
def precision(facts: Facts) -> Answer:
    """Outputs in half precision."""
    if not facts.model.precision.endswith(("float16", "bfloat16")):
        return NotApplicable(why="the model computes in single precision")
    last = [layer for layer in facts.model.layers if layer.kind in _LINEAR_KINDS][-1:]
    if not last or last[0].compute_dtype == "float32" or facts.model.layers[-1].compute_dtype == "float32":
        return None
    return HALF_OUTPUTS.found(
        title=f"the outputs are computed in half precision ({facts.model.precision})",
        evidence=f"Layer {last[0].name} gives {last[0].compute_dtype or facts.model.precision}: losses lose digits, "
        "and large outputs overflow above 65,504 in float16.",
        location=last[0].location or facts.call.location,
        remedy="Give the last layer dtype='float32'.",
    )
