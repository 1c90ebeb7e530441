import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from sweeper.config import KEYS, config_template, load_settings
from sweeper.settings import Length, Settings, Topic

EXAMPLES = sorted((Path(__file__).parents[2] / "configs").glob("*.toml"))


def test_every_setting_has_a_key():
    assert {key.field for key in KEYS} == {field.name for field in fields(Settings)}


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_the_example_of_a_key_is_allowed_and_survives_being_shown(key):
    value = key.form.parse(tomllib.loads(f"x = {key.example}")["x"])
    assert key.form.parse(key.form.show(value)) == value


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_key_says_what_it_does(key):
    assert key.help.endswith(".")
    assert "\n" not in key.help


def test_a_key_says_where_it_is_listed_and_what_it_sets():
    by_name = {key.name: key for key in KEYS}
    assert (by_name["lr"].field, by_name["lr"].topic) == ("learning_rates", Topic.AXES)
    assert (by_name["max_probes"].topic, by_name["overfit"].topic) == (Topic.AXES, Topic.AFTER)


@pytest.mark.parametrize(
    ("name", "value", "length"),
    [
        ("steps", 30, Length(steps=30)),
        ("epochs", "0.5", Length(epochs=0.5)),
        ("time_per_probe", "1m", Length(seconds=60.0)),
    ],
)
def test_each_way_to_give_a_length_is_a_key_of_its_own(name, value, length):
    key = next(key for key in KEYS if key.name == name)
    assert (key.field, key.form.parse(value)) == ("length", length)
    assert key.form.parse(key.form.show(length)) == length


@pytest.mark.parametrize("name", ["earlier_fits", "steps", "resolution", "gpus", "start_timeout", "fail_on"])
def test_a_default_that_is_a_value_is_the_one_that_holds(name):
    key = next(key for key in KEYS if key.name == name)
    assert key.form.parse(key.default) == getattr(Settings(target="train.py"), key.field)


def test_the_default_optimizers_are_named_as_they_are():
    from sweeper.sweep._axes import DEFAULT_OPTIMIZERS

    key = next(key for key in KEYS if key.name == "optimizer")
    assert key.default == ",".join(["script", *DEFAULT_OPTIMIZERS])


def test_the_template_changes_nothing_until_keys_are_uncommented():
    assert tomllib.loads(config_template()) == {}


def test_every_key_of_the_template_can_be_uncommented(tmp_path):
    uncommented = re.sub(r"^# (\w+ = )", r"\1", config_template(), flags=re.MULTILINE)
    assert set(tomllib.loads(uncommented)) == {key.name for key in KEYS}
    one_length = re.sub(r"^(epochs|time_per_probe) = ", r"# \1 = ", uncommented, flags=re.MULTILINE)
    (tmp_path / "sweeper.toml").write_text(one_length)
    assert load_settings({}, environ={}, cwd=tmp_path).settings.seeds == 3


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_config_loads(path, tmp_path):
    settings = load_settings({"target": "train.py"}, environ={}, cwd=tmp_path, config=str(path)).settings
    assert settings != Settings(target="train.py")


def test_there_are_example_configs():
    assert EXAMPLES
