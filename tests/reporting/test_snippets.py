import ast
import json
from dataclasses import replace

import pytest

from sweeper.reporting._snippets import json_snippet, keras_snippet
from sweeper.space import OptimizerChoice
from tests.reporting import samples


def recommended(choice):
    sample = samples.one_cell()
    advice = replace(sample.recommendation, optimizer=choice.label)
    return replace(sample, recommendation=advice, space=replace(sample.space, optimizers=(choice,))).results()


@pytest.mark.parametrize(
    ("choice", "line"),
    [
        (OptimizerChoice(label="adam", name="adam"), "Adam(learning_rate=0.001)"),
        (OptimizerChoice(label="momentum", name="momentum"), "SGD(learning_rate=0.001, momentum=0.9)"),
        (
            OptimizerChoice(label="adamw(weight_decay=0.01)", name="adamw", options=(("weight_decay", 0.01),)),
            "AdamW(learning_rate=0.001, weight_decay=0.01)",
        ),
        (
            OptimizerChoice(label="momentum(momentum=0.5)", name="momentum", options=(("momentum", 0.5),)),
            "SGD(learning_rate=0.001, momentum=0.5)",
        ),
    ],
)
def test_the_keras_lines_are_python(choice, line):
    text = keras_snippet(recommended(choice))
    ast.parse(text)
    assert text == f"optimizer = keras.optimizers.{line}\nmodel.fit(..., batch_size=32)"


def test_the_own_optimizer_keeps_its_settings_and_its_schedule():
    text = keras_snippet(samples.usual().results())
    assert text.splitlines() == [
        "# as the peak of your CosineDecay; other settings as they are",
        "optimizer = Adam(learning_rate=0.001, ...)",
        "model.fit(..., batch_size=64)",
    ]


def rising(numbers):
    schedule = f"keras.optimizers.schedules.PolynomialDecay({numbers}, end_learning_rate=0.001)"
    return f"rate = {schedule}  # a warm-up, then 0.001"


def test_a_warm_up_is_a_schedule_of_keras():
    warm = OptimizerChoice(label="adam(clipnorm=1,warmup=50)", name="adam", options=(("clipnorm", 1),), warmup_steps=50)
    assert keras_snippet(recommended(warm)).splitlines() == [
        rising("0.001 / 50, 49"),
        "optimizer = keras.optimizers.Adam(learning_rate=rate, clipnorm=1)",
        "model.fit(..., batch_size=32)",
    ]


@pytest.mark.slow
def test_that_schedule_rises_as_a_probe_does():
    import keras

    schedule = keras.optimizers.schedules.PolynomialDecay(0.001 / 50, 49, end_learning_rate=0.001)
    for step in (1, 2, 25, 50, 51, 400):
        assert float(schedule(step - 1)) == pytest.approx(0.001 * min(1, step / 50), rel=1e-5)


def test_a_warm_up_of_one_step_needs_no_schedule():
    warm = OptimizerChoice(label="adam(warmup=1)", name="adam", warmup_steps=1)
    assert keras_snippet(recommended(warm)).startswith("optimizer = keras.optimizers.Adam(learning_rate=0.001)\n")


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        (
            {"warmup_steps": 50},
            [
                "# after a warm-up of 50 steps, as the peak of your CosineDecay; other settings as they are",
                "optimizer = Adam(learning_rate=0.001, ...)",
            ],
        ),
        (
            {"options": (("clipnorm", 0.1),)},
            [
                "# as the peak of your CosineDecay; other settings as they are",
                "optimizer = Adam(learning_rate=0.001, clipnorm=0.1, ...)",
            ],
        ),
        (
            {"options": (("clipvalue", 0.1),)},
            [
                "# as the peak of your CosineDecay; other settings as they are, but without clipnorm",
                "optimizer = Adam(learning_rate=0.001, clipvalue=0.1, ...)",
            ],
        ),
    ],
    ids=["warm-up", "the same clip setting", "another clip setting"],
)
def test_what_is_changed_about_the_own_optimizer_is_said(settings, lines):
    sample, label = samples.usual(), "script(changed=1)"
    choice = OptimizerChoice(label=label, name="script", **settings)
    advice = replace(sample.recommendation, optimizer=label)
    results = replace(sample, recommendation=advice, space=replace(sample.space, optimizers=(choice,))).results()
    assert keras_snippet(results).splitlines()[:-1] == lines


def test_the_own_optimizer_without_a_schedule_gets_one_to_warm_up():
    sample = samples.usual()
    own = replace(sample.job.optimizer, schedule="")
    choice = OptimizerChoice(label="script(warmup=9)", name="script", warmup_steps=9)
    found = replace(
        sample,
        job=replace(sample.job, optimizer=own),
        recommendation=replace(sample.recommendation, optimizer=choice.label),
        space=replace(sample.space, optimizers=(choice,)),
    )
    assert keras_snippet(found.results()).splitlines()[:-1] == [
        "# other settings as they are",
        rising("0.001 / 9, 8"),
        "optimizer = Adam(learning_rate=rate, ...)",
    ]


def test_two_own_optimizers_are_more_than_a_few_lines_can_say():
    sample = samples.usual()
    own = replace(sample.job.optimizer, name="Adam + RMSprop")
    results = replace(sample, job=replace(sample.job, optimizer=own)).results()
    assert keras_snippet(results) == ""
    assert json_snippet(results)


def test_an_optimizer_that_is_not_on_the_axis_gets_no_lines():
    assert keras_snippet(samples.hostile().results()) == ""


def test_the_json_is_the_setting():
    assert json.loads(json_snippet(samples.usual().results())) == {
        "optimizer": "script",
        "learning_rate": 1e-3,
        "batch_size": 64,
        "trains_well_learning_rate": {"low": 3.16228e-4, "high": 3.16228e-3},
        "stable_learning_rate": {"low": 1e-4, "high": 3.16228e-3},
    }


@pytest.mark.parametrize("sample", [samples.all_diverged(), samples.nothing_trained()])
def test_nothing_recommended_is_nothing_to_copy(sample):
    assert keras_snippet(sample.results()) == ""
    assert json_snippet(sample.results()) == ""


def test_a_batch_size_alone_is_one_line():
    results = samples.batch_size_alone("usual").results()
    assert keras_snippet(results) == "model.fit(..., batch_size=128)"
    assert json.loads(json_snippet(results)) == {"batch_size": 128}


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("arrays", "model.fit(..., batch_size=128)"),
        ("tf.data pipeline", "dataset = dataset.batch(128)  # where your pipeline makes its batches"),
        ("PyDataset", "# make the batches of your data 128 samples large"),
    ],
)
def test_the_line_suits_the_data(data, line):
    sample = samples.batch_size_alone("usual")
    memory = replace(sample.memory, facts=replace(sample.memory.facts, data=data))
    assert keras_snippet(replace(sample, memory=memory).results()) == line


@pytest.mark.parametrize("name", ["fixed", "nothing_fits", "cut_short", "not_begun"])
def test_there_is_nothing_to_copy_without_a_choice_of_batch_size(name):
    results = samples.batch_size_alone(name).results()
    assert (keras_snippet(results), json_snippet(results)) == ("", "")
