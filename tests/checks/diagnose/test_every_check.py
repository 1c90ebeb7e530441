"""Every check: when it fires, when it does not, what it does at its boundary, and when it does not apply."""

import math
from dataclasses import dataclass, replace

import pytest

from sweeper.checks.diagnose import (
    CHECKS,
    BrokenWeights,
    Container,
    EndFacts,
    Kind,
    LossFacts,
    NonFinite,
    NotApplicable,
    RateFacts,
    diagnose,
)
from sweeper.findings import Finding
from tests.checks.diagnose.made import (
    BINARY,
    CATEGORICAL,
    MSE,
    SPARSE,
    array,
    call_facts,
    classes,
    facts,
    head,
    labels,
    layer,
    model,
    one_hot,
    regression,
    relation,
    step_of,
    table,
    taken,
    targets,
    trained,
    validation,
)


@dataclass(frozen=True, kw_only=True)
class Cases:
    """Facts for one check; those at its boundary are the last of `fires` and the last of `quiet`."""

    fires: tuple
    """Pairs of facts and the code and severity that they give."""
    quiet: tuple
    not_applicable: tuple = ()
    """Empty for a check that always applies."""


def inputs(*shapes, into=(None, 4), **changes):
    return facts(inputs=tuple(array(shape=shape) for shape in shapes), model=model(inputs=(taken(into),), **changes))


def in_half(given_x, *, given=None, into=None, last="float16"):
    layers = (layer(compute_dtype="float16"), layer(name="out", activation="linear", compute_dtype=last))
    made = model(head(MSE, given or targets(), activation="linear"), layers=layers, inputs=(into or taken(),))
    return facts(inputs=(given_x,), model=made)


def one_array(**changes):
    return facts(inputs=(array(**changes),))


def embedding(**changes):
    made = array(shape=(200, 10), **({"kind": Kind.INTEGER, "whole": True, "low": 0.0, "high": 99.0} | changes))
    rows = (layer("Embedding", "embedding", "", input_dim=100, mask_zero=False), layer("LSTM", "lstm", "tanh"))
    return facts(inputs=(made,), model=model(inputs=(taken((None, 10), embedded=100),), layers=rows))


def layers(*made, **changes):
    return facts(model=model(layers=made, **changes))


SOFTMAX = layer(activation="softmax", taken_by=("Dense",))
END = EndFacts(head=head().name, end="1", loss=math.inf, finite_gradient=False)
BROKEN = BrokenWeights(names=("dense/kernel",), by_gradient=False, zeros=0.2)
NO_HEADS = facts(model=model(head(loss=LossFacts(name="mine", own=True))))
NO_INPUTS = facts(model=model(inputs=()))

CASES = {
    "lengths": Cases(
        fires=((one_array(shape=(5,), kind=Kind.OBJECT, lengths=(1, 4)), "SW104 error"),),
        quiet=(facts(), one_array(shape=(5,), lengths=(1, 4))),
    ),
    "lists": Cases(
        fires=(
            (one_array(container=Container.LIST), "SW105 error"),
            (facts(inputs=(array("x[0]"),) * 200), "SW105 error"),
        ),
        quiet=(
            facts(),
            one_array(container=Container.LIST, kind=Kind.OBJECT, lengths=(1, 4)),
            facts(inputs=(array("x[0]"),) * 199),
        ),
    ),
    "text": Cases(
        fires=(
            (one_array(kind=Kind.TEXT, dtype="<U8"), "SW121 error"),
            (one_array(kind=Kind.OBJECT, dtype="object"), "SW121 error"),
            (facts(model=model(head(given=labels(kind=Kind.TEXT)))), "SW121 error"),
        ),
        quiet=(facts(),),
        not_applicable=(
            facts(inputs=(array(kind=Kind.TEXT),), model=model(inputs=(taken((None, 1), dtype="string"),))),
        ),
    ),
    "sample_counts": Cases(
        fires=((facts(inputs=(array(shape=(201, 4)),)), "SW109 error"),),
        quiet=(facts(),),
        not_applicable=(facts(labels=()),),
    ),
    "input_shape": Cases(
        fires=(
            (inputs((100, 28, 28), into=(None, 28, 28, 1)), "SW101 warning"),
            (inputs((100, 28, 28), into=(None, 28, 28, 3)), "SW101 error"),
            (inputs((4,)), "SW102 error"),
            (inputs((28, 28, 3), into=(None, 28, 28, 3)), "SW102 error"),
            (inputs((100, 3, 32, 32), into=(None, 32, 32, 3)), "SW101 error"),
            (inputs((100, 784), into=(None, 28, 28)), "SW101 error"),
            (inputs((200, 5)), "SW101 error"),
            (inputs((200, 4), into=(None, None, 4)), "SW101 error"),
        ),
        quiet=(
            inputs((100, 28, 28, 1), into=(None, 28, 28)),
            inputs((100,), into=(None, 1)),
            inputs((100, 7, 2), into=(None, None, 2)),
            inputs((200, 4)),
        ),
        not_applicable=(NO_INPUTS, inputs((200, 4), (200, 4))),
    ),
    "label_shape": Cases(
        fires=(
            (facts(model=model(head(SPARSE, labels(), (None, 8, 3), "softmax"))), "SW106 error"),
            (facts(model=model(head(MSE, targets((200, 2)), (None, 3), "linear"))), "SW106 error"),
            (facts(model=model(head(CATEGORICAL, one_hot(4), (None, 3), "softmax"))), "SW106 error"),
            (facts(model=model(head(MSE, targets(), (None, 8, 1), "linear"))), "SW107 error"),
            (facts(model=model(head(MSE, targets(), (None, 3), "linear"))), "SW107 error"),
            (
                facts(model=model(head(LossFacts(name="mine", own=True, unaligned=True), targets((200,))))),
                "SW107 warning",
            ),
        ),
        quiet=(
            facts(),
            regression(targets((200,))),
            facts(model=model(head(LossFacts(name="mine", own=True), targets((200,))))),
            classes(given=labels((200, 1), values=(0, 1, 2))),
            facts(model=model(head(MSE, targets((200, 8)), (None, 8, 1), "linear"))),
        ),
        not_applicable=(facts(model=model(head(given=labels(kind=Kind.TEXT)))),),
    ),
    "declared_shapes": Cases(
        fires=((layers(layer(), layer(declared_shape=(None, 8), input_shape=(None, 12))), "SW108 warning"),),
        quiet=(facts(), layers(layer(declared_shape=(None, 8), input_shape=(None, 8)))),
        not_applicable=(layers(),),
    ),
    "inputs_finite": Cases(
        fires=(
            (one_array(not_finite=NonFinite(nans=1, infinities=0, first=(17, 2))), "SW201 error"),
            (
                facts(
                    inputs=(array(not_finite=NonFinite(nans=1, infinities=0, first=(0, 0))),),
                    model=model(own_step=True),
                ),
                "SW201 warning",
            ),
        ),
        quiet=(facts(),),
    ),
    "labels_finite": Cases(
        fires=((regression(targets(not_finite=NonFinite(nans=0, infinities=2, first=(3, 0)))), "SW202 error"),),
        quiet=(regression(),),
        not_applicable=(facts(labels=()),),
    ),
    "embedded_floats": Cases(
        fires=((embedding(kind=Kind.FLOAT, whole=False), "SW122 error"),),
        quiet=(embedding(), embedding(kind=Kind.FLOAT)),
        not_applicable=(facts(),),
    ),
    "sparse_floats": Cases(
        fires=((classes(given=targets((200,))), "SW123 error"),),
        quiet=(classes(), classes(given=labels(kind=Kind.FLOAT))),
        not_applicable=(regression(),),
    ),
    "compiled": Cases(
        fires=((facts(model=model(compiled=False)), "SW135 error"),),
        quiet=(facts(),),
        not_applicable=(facts(model=model(compiled=False, own_step=True)),),
    ),
    "compile_order": Cases(
        fires=((facts(model=model(text_weights=("accuracy",))), "SW132 error"),),
        quiet=(facts(),),
    ),
    "hidden_softmax": Cases(
        fires=(
            (layers(SOFTMAX, layer(name="out", activation="sigmoid")), "SW418 warning"),
            (layers(replace(SOFTMAX, taken_by=("Dense", "LSTM")), layer(name="out")), "SW418 warning"),
        ),
        quiet=(
            facts(),
            layers(layer(), layer(name="out", activation="softmax")),
            layers(replace(SOFTMAX, taken_by=("Multiply",)), layer(name="out")),  # it weighs something
            layers(replace(SOFTMAX, taken_by=()), layer(name="out")),
            layers(replace(SOFTMAX, taken_by=("Dense", "Multiply")), layer(name="out")),
        ),
        not_applicable=(facts(model=model(kind="Mine")),),
    ),
    "loss_scale": Cases(
        fires=((facts(model=model(precision="mixed_float16"), unscaled_by=32768.0), "SW420 warning"),),
        quiet=(facts(model=model(precision="mixed_float16")),),
        not_applicable=(facts(), facts(model=model(precision="mixed_bfloat16"))),
    ),
    "loss_at_ends": Cases(
        fires=(
            (facts(ends=(END,)), "SW314 warning"),
            (facts(ends=(replace(END, loss=0.7, finite_gradient=False),)), "SW314 warning"),
        ),
        quiet=(facts(ends=()),),
        not_applicable=(facts(),),
    ),
    "broken_update": Cases(
        fires=(
            (facts(step=replace(step_of(1.0), broken=BROKEN)), "SW421 error"),
            (facts(step=replace(step_of(1.0), broken=replace(BROKEN, by_gradient=True))), "SW421 error"),
        ),
        quiet=(facts(step=step_of(1.0)),),
        not_applicable=(facts(),),
    ),
    "one_unit": Cases(
        fires=(
            (classes(units=1, given=labels(values=(0, 1, 2)), activation="sigmoid"), "SW302 error"),
            (classes(CATEGORICAL, labels(), units=1, activation="sigmoid"), "SW302 error"),
            (facts(model=model(head(given=labels(values=(0, 1, 2))))), "SW302 error"),
            (facts(model=model(head(given=one_hot(3)))), "SW302 error"),
            (facts(model=model(head(given=one_hot(2)))), "SW302 error"),
            (facts(model=model(head(given=labels(values=range(0, 22, 2))))), "SW302 error"),
            (facts(model=model(head(given=labels(values=range(0, 100, 10))))), "SW302 error"),
        ),
        quiet=(classes(), facts(), facts(model=model(head(given=labels(values=range(0, 110, 10)))))),
        not_applicable=(regression(),),
    ),
    "softmax_of_one": Cases(
        fires=((facts(model=model(head(activation="softmax"))), "SW301 error"),),
        quiet=(facts(), classes(units=2)),
        not_applicable=(facts(model=model(head(activation=""))),),
    ),
    "label_form": Cases(
        fires=(
            (classes(given=one_hot(3)), "SW308 error"),
            (classes(CATEGORICAL, labels(values=(0, 1, 2))), "SW308 error"),
        ),
        quiet=(classes(), classes(CATEGORICAL)),
        not_applicable=(facts(),),
    ),
    "label_range": Cases(
        fires=(
            (classes(given=labels(values=(1, 2, 3))), "SW307 error"),
            (classes(given=labels(values=(-1, 0, 1))), "SW307 error"),
            (facts(model=model(head(given=labels(values=(-1, 1))))), "SW307 error"),
            (facts(model=model(head(given=targets(low=0.0, high=1.01)))), "SW307 error"),
        ),
        quiet=(classes(), facts(model=model(head(given=targets(low=0.0, high=1.0))))),
        not_applicable=(regression(), facts(model=model(head(given=labels(low=None, high=None))))),
    ),
    "softmax_under_binary": Cases(
        fires=(
            (classes(BINARY, one_hot(2), units=2), "SW303 warning"),
            (classes(BINARY, labels(), units=2, activation="sigmoid"), "SW303 error"),
        ),
        quiet=(classes(BINARY, one_hot(2), units=2, activation="sigmoid"),),
        not_applicable=(facts(), classes()),
    ),
    "no_probabilities": Cases(
        fires=(
            (facts(model=model(head(activation="linear"))), "SW304 error"),
            (classes(activation="relu"), "SW304 error"),
        ),
        quiet=(facts(), facts(model=model(head(LossFacts(name=BINARY, from_logits=True), activation="linear")))),
        not_applicable=(regression(), facts(model=model(head(activation="")))),
    ),
    "target_range": Cases(
        fires=(
            (facts(model=model(head(MSE, targets(low=-1.0), activation="relu"))), "SW309 warning"),
            (classes("poisson", targets((200, 3), low=0.0, high=0.9)), "SW309 warning"),
            (facts(model=model(head(MSE, targets(low=0.0, high=1.01)))), "SW309 error"),
        ),
        quiet=(
            regression(),
            classes(MSE, targets((200, 3), low=0.0, high=0.9, rows_sum_to_one=True)),
            facts(model=model(head(MSE, targets(low=0.0, high=1.0)))),
        ),
        not_applicable=(facts(),),
    ),
    "distributions": Cases(
        fires=(
            (classes(CATEGORICAL, one_hot(3, one_hot=False, rows_sum_to_one=False)), "SW312 warning"),
            (classes(CATEGORICAL, targets((200, 3))), "SW312 warning"),
        ),
        quiet=(classes(CATEGORICAL), classes(CATEGORICAL, one_hot(3, one_hot=False))),
        not_applicable=(classes(),),
    ),
    "squared_for_classes": Cases(
        fires=(
            (facts(model=model(head(MSE))), "SW306 warning"),
            (facts(model=model(head(MSE, one_hot(3), (None, 3), "softmax"))), "SW306 warning"),
        ),
        quiet=(regression(), facts(model=model(head(MSE, targets((200, 4)), (None, 4), "sigmoid")))),
        not_applicable=(facts(),),
    ),
    "logits_twice": Cases(
        fires=((facts(model=model(head(LossFacts(name=BINARY, from_logits=True)))), "SW305 warning"),),
        quiet=(facts(),),
        not_applicable=(regression(),),
    ),
    "accuracy_of_quantity": Cases(
        fires=((regression(metrics=("accuracy",)), "SW311 warning"),),
        quiet=(regression(), regression(metrics=("mae",))),
        not_applicable=(facts(),),
    ),
    "frozen": Cases(
        fires=((facts(model=model(trainable=0)), "SW411 error"),),
        quiet=(facts(model=model(trainable=1)),),
        not_applicable=(facts(model=model(trainable=0, parameters=0)), facts(model=model(trainable=0, own_step=True))),
    ),
    "ruined_weights": Cases(
        fires=((facts(model=model(not_finite_weights=("dense/kernel",))), "SW414 error"),),
        quiet=(facts(),),
        not_applicable=(facts(model=model(parameters=0)),),
    ),
    "embedding_range": Cases(
        fires=((embedding(low=-1.0), "SW412 error"), (embedding(high=100.0), "SW412 error")),
        quiet=(embedding(high=99.0),),
        not_applicable=(facts(),),
    ),
    "rate_range": Cases(
        fires=(
            (facts(rate=RateFacts(optimizer="Adam", rate=10.0)), "SW413 error"),
            (facts(rate=RateFacts(optimizer="SGD", rate=1e-9)), "SW413 warning"),
            (facts(rate=RateFacts(optimizer="SGD", rate=-1e-9)), "SW413 error"),
            (facts(rate=RateFacts(optimizer="Adam", rate=0.0301)), "SW413 warning"),
        ),
        quiet=(
            facts(rate=RateFacts(optimizer="SGD", rate=1.0)),
            facts(rate=RateFacts(optimizer="Mine", rate=100.0)),
            facts(rate=RateFacts(optimizer="Adam", rate=0.0, schedule="LearningRateScheduler")),
            facts(rate=RateFacts(optimizer="Adam", rate=0.1), model=model(layers=(layer(),))),
            facts(rate=RateFacts(optimizer="Adam", rate=0.03)),
        ),
        not_applicable=(facts(rate=None), facts(rate=RateFacts(optimizer="Adam", rate=None))),
    ),
    "other_distribution": Cases(
        fires=(
            (facts(validation=validation(missing_classes=(2.0,))), "SW212 warning"),
            (facts(validation=validation(class_shift=0.51)), "SW212 warning"),
            (facts(validation=validation(shift=1.51)), "SW212 note"),
        ),
        quiet=(facts(validation=validation(class_shift=0.5)), facts(validation=validation(shift=1.5))),
        not_applicable=(facts(), facts(validation=validation(shift=None))),
    ),
    "leakage": Cases(
        fires=(
            (facts(validation=validation(copies=100)), "SW208 warning"),
            (facts(validation=validation(copies=6)), "SW208 warning"),
        ),
        quiet=(facts(validation=validation(copies=5)),),
        not_applicable=(facts(), facts(validation=validation(looked_at=0))),
    ),
    "balance": Cases(
        fires=(
            (facts(model=model(head(given=labels(classes=((1.0, 200),))))), "SW209 warning"),
            (facts(model=model(head(given=labels(classes=((0.0, 182), (1.0, 18)))))), "SW209 note"),
        ),
        quiet=(facts(), facts(model=model(head(given=labels(classes=((0.0, 180), (1.0, 18))))))),
        not_applicable=(regression(),),
    ),
    "scaled_inputs": Cases(
        fires=(
            (one_array(low=0.0, high=255.0, whole=True), "SW203 warning"),
            (one_array(low=-20.1, std=5.0), "SW203 warning"),
            (one_array(high=50.1), "SW203 warning"),
            (one_array(high=10.1, mean=0.51), "SW203 note"),
        ),
        quiet=(
            facts(inputs=(array(high=255.0),), model=model(inputs=(taken(normalised=True),))),
            embedding(),
            one_array(high=50.0),
            one_array(high=10.0, std=5.0),
        ),
        not_applicable=(NO_INPUTS,),
    ),
    "beyond_half": Cases(
        fires=(
            (in_half(array(high=65505.0)), "SW213 error"),
            (in_half(array(high=1e6), into=taken(normalised=True)), "SW213 error"),
            (in_half(array(), given=targets(low=-65505.0)), "SW213 warning"),
        ),
        quiet=(
            in_half(array(high=1e6), into=taken(embedded=2_000_000)),
            in_half(array(), given=targets(low=-65505.0), last="float32"),
            in_half(array(high=65504.0), given=targets(low=-65504.0)),
        ),
        not_applicable=(facts(), one_array(high=1e6)),
    ),
    "scaled_targets": Cases(
        fires=(
            (regression(targets(std=9e-4)), "SW207 warning"),
            (regression(targets(std=50.1)), "SW207 warning"),
        ),
        quiet=(regression(), regression(targets(std=50.0))),
        not_applicable=(facts(),),
    ),
    "feature_scales": Cases(
        fires=((one_array(features=table(largest_std=1001.0)), "SW204 warning"),),
        quiet=(facts(), one_array(features=table(largest_std=1000.0))),
        not_applicable=(inputs((100, 28, 28), into=(None, 28, 28)),),
    ),
    "finite_steps": Cases(
        fires=(
            (facts(trained=trained(first=math.nan)), "SW415 error"),
            (facts(trained=trained(last=math.inf)), "SW415 error"),
            (facts(trained=trained(not_finite_weights=("dense/kernel",))), "SW415 error"),
        ),
        quiet=(facts(trained=trained(last=1e30)),),
        not_applicable=(facts(),),
    ),
    "no_loss": Cases(
        fires=(
            (facts(trained=trained(first=-0.5)), "SW416 error"),
            (facts(trained=trained(first=0.0, last=0.0)), "SW416 error"),
        ),
        quiet=(facts(trained=trained(first=2e-7, last=2e-7)),),
        not_applicable=(facts(), facts(model=model(own_step=True), trained=trained(first=0.0, last=0.0))),
    ),
    "initial_weights": Cases(
        fires=((layers(layer(constant_kernel=0.0), layer()), "SW404 warning"),),
        quiet=(facts(), layers(layer(), layer(constant_kernel=0.0))),
        not_applicable=(layers(),),
    ),
    "linear_only": Cases(
        fires=((layers(layer(activation="linear"), layer(activation="sigmoid")), "SW401 warning"),),
        quiet=(
            facts(),
            layers(layer(activation="linear")),
            layers(layer(activation="linear"), layer("ReLU", "relu", "relu"), layer(activation="linear")),
        ),
        not_applicable=(layers(), facts(model=model(kind="Mine"))),
    ),
    "relation": Cases(
        fires=(
            (facts(relation=relation(by_chance=0.4)), "SW210 warning"),
            (facts(relation=relation(classes=0, chance=0.083, by_chance=0.4)), "SW210 warning"),
            (facts(relation=relation(samples=80, features=40, others=20, by_chance=0.02)), "SW210 warning"),
        ),
        quiet=(facts(relation=relation(by_chance=0.0)), facts(relation=relation())),
        not_applicable=(
            facts(),
            facts(relation=relation(samples=79, by_chance=0.4)),
            facts(relation=relation(samples=80, features=41, by_chance=0.4)),
            facts(relation=relation(others=19, by_chance=0.4)),
        ),
    ),
    "no_gradient": Cases(
        fires=((facts(step=step_of(None, 1.0)), "SW417 warning"),),
        quiet=(facts(step=step_of(1.0, 1.0)), facts(step=step_of(None, 1.0), model=model(own_step=True))),
        not_applicable=(facts(),),
    ),
    "dead_units": Cases(
        fires=((facts(step=step_of(1.0, 1.0, dead=0.71)), "SW405 warning"),),
        quiet=(facts(step=step_of(1.0, 1.0, dead=0.7)),),
        not_applicable=(facts(), facts(step=step_of(1.0, 1.0, dead=1.0, samples=7))),
    ),
    "saturation": Cases(
        fires=((facts(step=step_of(1.0, 1.0, saturated=0.51)), "SW406 warning"),),
        quiet=(facts(step=step_of(1.0, 1.0, saturated=0.5)),),
        not_applicable=(facts(), facts(step=step_of(1.0, saturated=1.0))),
    ),
    "gradients": Cases(
        fires=(
            (facts(step=step_of(9e-5, 1.0)), "SW407 warning"),
            (facts(step=step_of(7100.0, 101.0)), "SW408 warning"),
            (facts(step=step_of(9.9e-3, 0.1, 0.5, 1.0, activation="sigmoid")), "SW407 note"),
        ),
        quiet=(
            facts(step=step_of(9.9e-3, 0.1, 1.0, activation="sigmoid")),
            facts(step=step_of(9.9e-3, 0.1, 0.5, 1.0)),
            facts(step=step_of(1e-2, 0.1, 0.5, 1.0, activation="tanh")),
            facts(step=step_of(1e-4, 1.0)),
            facts(step=step_of(7000.0, 100.0)),
            facts(step=step_of(90.0, 1.0)),
        ),
        not_applicable=(facts(), facts(step=step_of(1.0))),
    ),
    "updates": Cases(
        fires=((facts(step=step_of(101.0), rate=RateFacts(optimizer="SGD", rate=0.01)), "SW409 warning"),),
        quiet=(facts(step=step_of(100.0), rate=RateFacts(optimizer="SGD", rate=0.01)),),
        not_applicable=(
            facts(step=step_of(1e9)),
            facts(step=step_of(1e9), rate=RateFacts(optimizer="SGD", rate=1.0, clips=True)),
        ),
    ),
    "outputs_differ": Cases(
        fires=((facts(trained=trained(one_output=0.5)), "SW419 warning"),),
        quiet=(facts(trained=trained()),),
        not_applicable=(facts(),),
    ),
    "initial_loss": Cases(
        fires=((facts(step=step_of(1.0, loss=3.47)), "SW410 note"),),
        quiet=(facts(step=step_of(1.0, loss=3.46)),),
        not_applicable=(
            facts(),
            regression(),
            facts(model=model(head(LossFacts(name=BINARY, summed=True))), step=step_of(1.0, loss=100.0)),
        ),
    ),
    "steps": Cases(
        fires=((facts(call=call_facts(steps_per_epoch=11, batches=10)), "SW126 warning"),),
        quiet=(facts(call=call_facts(steps_per_epoch=10, batches=10)),),
        not_applicable=(facts(), facts(call=call_facts(steps_per_epoch=10))),
    ),
    "padding": Cases(
        fires=((embedding(trailing_zeros=0.3), "SW110 note"),),
        quiet=(embedding(trailing_zeros=0.29),),
        not_applicable=(facts(),),
    ),
    "sigmoids_for_exclusive": Cases(
        fires=((classes(BINARY, one_hot(3), activation="sigmoid"), "SW313 note"),),
        quiet=(
            classes(BINARY, one_hot(3, one_hot=False), activation="sigmoid"),
            classes(BINARY, one_hot(3), activation="softmax"),
        ),
        not_applicable=(facts(), classes(BINARY, one_hot(2), units=2, activation="sigmoid")),
    ),
    "sigmoids_for_classes": Cases(
        fires=((classes(activation="sigmoid"), "SW310 note"),),
        quiet=(classes(),),
        not_applicable=(facts(),),
    ),
    "dropouts": Cases(
        fires=(
            (layers(layer("Dropout", rate=0.2), layer("BatchNormalization")), "SW403 note"),
            (layers(layer("Dropout", rate=0.51)), "SW402 note"),
        ),
        quiet=(layers(layer("Dropout", rate=0.5), layer("Dense")),),
        not_applicable=(facts(),),
    ),
    "precision": Cases(
        fires=((layers(layer(compute_dtype="float16"), precision="mixed_float16"), "SW125 note"),),
        quiet=(layers(layer(compute_dtype="float32"), precision="mixed_float16"),),
        not_applicable=(facts(),),
    ),
    "amount": Cases(
        fires=((inputs((0, 4)), "SW211 error"), (inputs((49, 4)), "SW211 note")),
        quiet=(inputs((50, 4)),),
        not_applicable=(one_array(samples=None),),
    ),
    "outliers": Cases(
        fires=((one_array(features=table(farthest=101.0)), "SW206 note"),),
        quiet=(one_array(features=table(farthest=100.0)),),
        not_applicable=(NO_INPUTS,),
    ),
    "constant_features": Cases(
        fires=(
            (one_array(features=table(constant=(2,)), container=Container.ELEMENTS), "SW205 note"),
            (one_array(features=table(constant=(2,))), "SW205 note"),
        ),
        quiet=(facts(),),
        not_applicable=(NO_INPUTS,),
    ),
}

LOOKS = {check.look.__name__: check for check in CHECKS}
FIRING = [(name, number) for name, cases in CASES.items() for number in range(len(cases.fires))]
QUIET = [(name, number) for name, cases in CASES.items() for number in range(len(cases.quiet))]
BARRED = [(name, number) for name, cases in CASES.items() for number in range(len(cases.not_applicable))]


def test_every_check_has_its_cases():
    assert set(CASES) == set(LOOKS)


@pytest.mark.parametrize(("name", "number"), FIRING)
def test_a_check_fires(name, number):
    given, expected = CASES[name].fires[number]
    answer = LOOKS[name].look(given)
    assert isinstance(answer, Finding), answer
    assert f"{answer.code} {answer.severity}" == expected
    assert answer.title
    assert answer.evidence
    assert answer.remedy
    assert answer.location.startswith("train.py:")


@pytest.mark.parametrize(("name", "number"), QUIET)
def test_a_check_stays_quiet(name, number):
    assert LOOKS[name].look(CASES[name].quiet[number]) is None


@pytest.mark.parametrize(("name", "number"), BARRED)
def test_a_check_says_why_it_does_not_apply(name, number):
    answer = LOOKS[name].look(CASES[name].not_applicable[number])
    assert isinstance(answer, NotApplicable)
    assert answer.why


def test_a_sound_script_has_no_findings():
    assert (
        diagnose(
            facts(validation=validation(), relation=relation(), step=step_of(1.0, 1.0), trained=trained())
        ).findings
        == ()
    )
