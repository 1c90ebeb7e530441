from dataclasses import replace

import pytest

from sweeper.record import differences
from sweeper.settings import FailOn, Length, Settings
from sweeper.space import OptimizerChoice
from tests.record.made import manifest

SETTINGS = Settings(target="train.py", learning_rates=(1e-3, 1e-2))


def changed(**fields):
    return differences(manifest(settings=SETTINGS), manifest(settings=replace(SETTINGS, **fields)))


def test_a_manifest_does_not_differ_from_itself():
    assert differences(manifest(), manifest()) == ()


def test_when_and_by_which_command_a_run_was_made_makes_no_difference():
    assert differences(manifest(), manifest(created="2027-01-01T00:00:00+00:00", command=("sweeper", "lr"))) == ()


def test_each_changed_file_is_named():
    new = manifest(script=(("train.py", "cc"), ("model.py", "dd")))
    assert differences(manifest(), new) == ("data.py is no longer there", "model.py was added", "train.py was edited")


def test_a_changed_setting_is_shown_with_both_values():
    assert changed(learning_rates=(1e-3,)) == ("learning_rates was [0.001,0.01] and is now [0.001]",)
    assert changed(fit="2") == ('fit was not set and is now "2"',)
    assert changed(length=Length(epochs=1.5)) == (
        'length was {"steps":200,"epochs":null,"seconds":null} and is now {"steps":null,"epochs":1.5,"seconds":null}',
    )


def test_a_changed_optimizer_axis_is_shown():
    (sentence,) = changed(optimizers=(OptimizerChoice(label="adam", name="adam"),))
    assert (
        sentence == 'optimizers was not set and is now [{"label":"adam","name":"adam","options":[],"warmup_steps":0}]'
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"workers": 4},
        {"start_timeout_s": 1.0},
        {"probe_timeout_s": 1.0},
        {"out": "elsewhere"},
        {"storage": "sqlite:///x.db"},
        {"study": "other"},
        {"fail_on": (FailOn.UNSAFE,)},
    ],
)
def test_a_setting_without_effect_on_results_is_no_difference(fields):
    assert changed(**fields) == ()


def test_other_versions_are_differences():
    new = manifest(sweeper_version="0.2.0", versions=(("python", "3.11.7"), ("keras", "3.15.1")))
    assert differences(manifest(), new) == (
        "sweeper was 0.1.0 and is now 0.2.0",
        "keras was not installed and is now 3.15.1",
        "tensorflow was 2.21.0 and is now not installed",
    )
