import ast
import json
from dataclasses import replace

import pytest

from sweeper.report._snippets import json_snippet, keras_snippet
from sweeper.space import OptimizerChoice
from tests.report import samples


def recommended(choice):
    sample = samples.one_cell()
    advice = replace(sample.recommendation, optimizer=choice.label)
    return replace(sample, recommendation=advice, space=replace(sample.space, optimizers=(choice,))).document()


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
    text = keras_snippet(samples.usual().document())
    assert text.splitlines() == [
        "# as the peak of your CosineDecay; other settings as they are",
        "optimizer = Adam(learning_rate=0.001, ...)",
        "model.fit(..., batch_size=64)",
    ]


def test_two_own_optimizers_are_more_than_a_few_lines_can_say():
    sample = samples.usual()
    own = replace(sample.job.optimizer, name="Adam + RMSprop")
    document = replace(sample, job=replace(sample.job, optimizer=own)).document()
    assert keras_snippet(document) == ""
    assert json_snippet(document)


def test_an_optimizer_that_is_not_on_the_axis_gets_no_lines():
    assert keras_snippet(samples.hostile().document()) == ""


def test_the_json_is_the_setting():
    assert json.loads(json_snippet(samples.usual().document())) == {
        "optimizer": "script",
        "learning_rate": 1e-3,
        "batch_size": 64,
        "safe_learning_rate": {"low": 1e-4, "high": 3.16228e-3},
    }


@pytest.mark.parametrize("sample", [samples.all_diverged(), samples.nothing_trained()])
def test_nothing_recommended_is_nothing_to_copy(sample):
    assert keras_snippet(sample.document()) == ""
    assert json_snippet(sample.document()) == ""


def test_a_batch_size_alone_is_one_line():
    document = samples.batch_size_alone("usual").document()
    assert keras_snippet(document) == "model.fit(..., batch_size=128)"
    assert json.loads(json_snippet(document)) == {"batch_size": 128}


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
    assert keras_snippet(replace(sample, memory=memory).document()) == line


@pytest.mark.parametrize("name", ["fixed", "nothing_fits", "cut_short", "not_begun"])
def test_there_is_nothing_to_copy_without_a_choice_of_batch_size(name):
    document = samples.batch_size_alone(name).document()
    assert (keras_snippet(document), json_snippet(document)) == ("", "")
