from pathlib import Path

import pytest

from sweeper.config import Verb, load_settings
from sweeper.errors import ConfigError
from sweeper.settings import DEFAULT_STEPS, FailOn, Length

LONE_TARGET = {"target": "train.py"}


def load(cwd, options=LONE_TARGET, environ=None, **more):
    return load_settings(options, environ=environ or {}, cwd=cwd, **more)


def origin_of(resolved, key):
    return next(origin for origin in resolved.origins if origin.key == key)


@pytest.fixture
def layered(tmp_path):
    """A project with lr in every layer of files, each layer with a key of its own too."""
    (tmp_path / "pyproject.toml").write_text("[tool.sweeper]\nlr = [1e-1]\nseeds = 2\nworkers = 1\nsteps = 10\n")
    (tmp_path / "sweeper.toml").write_text("lr = 1e-2\nworkers = 2\nbatch-size = [8]\n")
    return tmp_path


def test_without_any_layer_the_defaults_hold(tmp_path):
    resolved = load(tmp_path)
    assert resolved.settings.learning_rates is None
    assert resolved.settings.length == Length(steps=DEFAULT_STEPS)
    assert origin_of(resolved, "seeds").source == "default"


def test_the_config_file_is_stronger_than_pyproject(layered):
    settings = load(layered).settings
    assert (settings.learning_rates, settings.workers, settings.seeds) == ((1e-2,), 2, 2)


def test_the_environment_is_stronger_than_files(layered):
    settings = load(layered, environ={"SWEEPER_LR": "1e-3"}).settings
    assert (settings.learning_rates, settings.workers) == ((1e-3,), 2)


def test_options_are_stronger_than_everything(layered):
    options = {**LONE_TARGET, "lr": ["1e-4", "1e-5"]}
    settings = load(layered, options, environ={"SWEEPER_LR": "1e-3"}).settings
    assert settings.learning_rates == (1e-5, 1e-4)


def test_a_stronger_length_replaces_a_weaker_one_of_another_kind(layered):
    resolved = load(layered, {**LONE_TARGET, "time_per_probe": "10s"})
    assert resolved.settings.length == Length(seconds=10.0)
    assert [o.key for o in resolved.origins if o.key in {"steps", "epochs", "time_per_probe"}] == ["time_per_probe"]


def test_each_value_knows_where_it_came_from(layered):
    resolved = load(layered, environ={"SWEEPER_GPUS": "none"})
    sources = {key: origin_of(resolved, key).source for key in ("target", "seeds", "lr", "gpus", "storage")}
    assert sources == {
        "target": "command line",
        "seeds": "pyproject.toml [tool.sweeper]",
        "lr": "sweeper.toml",
        "gpus": "$SWEEPER_GPUS",
        "storage": "default",
    }
    assert origin_of(resolved, "batch_size").value == "8"


def test_the_nearest_pyproject_upward_with_a_section_is_read(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.sweeper]\nseeds = 3\n")
    inner = tmp_path / "package" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "package" / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert load(inner).settings.seeds == 3


def test_a_config_file_that_is_named_is_read_instead_of_the_usual_one(layered):
    (layered / "other.toml").write_text("workers = 7\n")
    settings = load(layered, config="other.toml").settings
    assert (settings.workers, settings.batch_sizes) == (7, None)
    assert load(layered, environ={"SWEEPER_CONFIG": "other.toml"}).settings.workers == 7


def test_an_empty_environment_variable_counts_as_unset(tmp_path):
    assert load(tmp_path, environ={"SWEEPER_LR": ""}).settings.learning_rates is None


def test_target_and_script_arguments_may_come_from_the_file(tmp_path):
    (tmp_path / "sweeper.toml").write_text('target = "t.py"\nscript-args = ["--data", "a b"]\n')
    settings = load(tmp_path, {}).settings
    assert (settings.target, settings.script_args) == ("t.py", ("--data", "a b"))
    assert load(tmp_path, {"script_args": ()}).settings.script_args == ()
    assert load(tmp_path, {}, environ={"SWEEPER_SCRIPT_ARGS": "--x 'y z'"}).settings.script_args == ("--x", "y z")


def test_every_kind_of_value_can_stand_in_a_file(tmp_path):
    (tmp_path / "sweeper.toml").write_text(
        """
        target = "t.py"
        fit = 2
        data = "data.py:load"
        earlier_fits = "full"
        lr = { low = 1e-4, high = 1e-2, count = 3 }
        optimizer = ["script", { name = "adamw", weight_decay = 0.01 }]
        batch_size = 32
        epochs = 0.5
        search = "grid"
        gpus = [0, 1]
        backend = "jax"
        max_sample_bytes = "1GiB"
        probe_timeout = "10m"
        start_timeout = 60
        out = "runs/a"
        storage = "postgresql+psycopg://me@host/db"
        study = "s"
        fail_on = ["unsafe", "any-failure"]
        """
    )
    settings = load(tmp_path, {}).settings
    assert settings.fit == "2"
    assert settings.learning_rates == (1e-4, 1e-3, 1e-2)
    assert [choice.label for choice in settings.optimizers] == ["script", "adamw(weight_decay=0.01)"]
    assert settings.batch_sizes == (32,)
    assert settings.length == Length(epochs=0.5)
    assert settings.gpus == "0,1"
    assert settings.max_sample_bytes == 2**30
    assert (settings.probe_timeout_s, settings.start_timeout_s) == (600.0, 60.0)
    assert settings.fail_on == (FailOn.UNSAFE, FailOn.ANY_FAILURE)


def test_a_verb_has_defaults_below_and_fixed_values_above_all_layers(layered):
    resolved = load(
        layered,
        {"target": "t.py"},
        verb=Verb(name="sweeper lr", defaults={"lr": "1,2", "gpus": "none"}, fixed={"batch_size": "16"}),
    )
    assert resolved.settings.learning_rates == (1e-2,)
    assert origin_of(resolved, "gpus").source == "default of sweeper lr"
    assert origin_of(resolved, "batch_size").source == "sweeper lr"


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (
            "learning_rate = 1",
            "sweeper.toml: unknown key 'learning_rate'. Did you mean 'lr'?\nAllowed: backend, batch_",
        ),
        ("optimiser = 'adam'", "sweeper.toml: unknown key 'optimiser'. Did you mean 'optimizer'?"),
        ("frobnicate = 1", "sweeper.toml: unknown key 'frobnicate'.\nAllowed: "),
        ("[space]\nlr = 1", "sweeper.toml: unknown key 'space'."),
        ("lr = 'fast'", "sweeper.toml: lr: 'fast' is not a learning rate"),
        ("lr = 1e-4,1e-3", "config file sweeper.toml: not valid TOML: "),
        ("batch_size = [16, 0]", "sweeper.toml: batch_size: batch size 0 must be a whole number of at least 1"),
        ("seeds = 0", "sweeper.toml: seeds: 0 must be a whole number of at least 1"),
        ("steps = 10\nepochs = 1", "sweeper.toml: steps and sweeper.toml: epochs exclude each other"),
        ("epochs = 0", "sweeper.toml: epochs: 0 must be a number above 0"),
        ("search = 'random'", "sweeper.toml: search: unknown search 'random'. Allowed: boundary, grid"),
        ("gpus = 'all'", "sweeper.toml: gpus: 'all' must be auto, none or device numbers such as 0,1"),
        ("backend = 'tensorfow'", "Did you mean 'tensorflow'?"),
        ("fit = 0", "sweeper.toml: fit: 0 is not a fit call; write its number (2) or place (train.py:88)"),
        ("data = 'data.py'", "sweeper.toml: data: 'data.py' is not a function"),
        ("storage = 'study.db'", "sweeper.toml: storage: 'study.db' is not a storage URL; write sqlite:///"),
        ("fail_on = 'unsave'", "unknown condition 'unsave'. Did you mean 'unsafe'? Allowed: unsafe, no-safe-range"),
        ("fail_on = ['never', 'unsafe']", "never cannot be combined"),
        ("script_args = 5", "sweeper.toml: script_args: 5 must be a list of texts"),
        ("out = ''", "sweeper.toml: out: '' must be a text that is not empty"),
        ("earlier_fits = 'long'", "unknown treatment of earlier fits 'long'. Allowed: short, full"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_file_key_and_what_is_allowed(tmp_path, toml, message):
    (tmp_path / "sweeper.toml").write_text(toml)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("SWEEPER_WORKRES", "unknown variable 'SWEEPER_WORKRES'. Did you mean 'SWEEPER_WORKERS'?"),
        ("SWEEPER_LEARNING_RATE", "Did you mean 'SWEEPER_LR'?"),
        ("SWEEPER_WORKERS", "$SWEEPER_WORKERS: 'x' must be a whole number"),
    ],
)
def test_a_mistake_in_the_environment_is_named(tmp_path, variable, message):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, environ={variable: "x"})
    assert message in str(caught.value)


def test_a_mistake_in_an_option_is_named_by_the_option(tmp_path):
    with pytest.raises(ConfigError, match=r"^--batch-size: batch size 'x' must be"):
        load(tmp_path, {**LONE_TARGET, "batch_size": ["x"]})


def test_a_mistake_in_pyproject_is_named_by_its_section(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.sweeper]\nlrs = 1\n")
    with pytest.raises(ConfigError, match=r"pyproject.toml \[tool.sweeper\]: unknown key 'lrs'. Did you mean 'lr'\?"):
        load(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool]\nsweeper = 1\n")
    with pytest.raises(ConfigError, match="must be a table of keys, not 1"):
        load(tmp_path)


def test_a_config_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"config file nowhere.toml: there is no such file"):
        load(tmp_path, config="nowhere.toml")


def test_a_config_file_that_is_a_folder_or_not_text_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, config=str(tmp_path))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load(tmp_path, config="bytes.toml")


def test_without_a_target_the_next_step_is_named(tmp_path):
    with pytest.raises(ConfigError, match="sweeper probe train.py"):
        load(Path(tmp_path), {})


def test_a_name_that_is_no_key_is_refused_from_python_too(tmp_path):
    with pytest.raises(ConfigError, match=r"unknown key 'learning_rates'. Did you mean 'lr'\?"):
        load(tmp_path, {**LONE_TARGET, "learning_rates": "1e-3"})


def test_the_strongest_source_says_whether_a_target_or_a_command_trains(tmp_path):
    (tmp_path / "sweeper.toml").write_text('command = "prog {learning_rate}"\ncurve = "log.csv"\noptimizer = "Lion8"\n')
    settings = load_settings({}, environ={}, cwd=tmp_path).settings
    assert (settings.target, settings.command, settings.curve) == ("", "prog {learning_rate}", "log.csv")
    assert [choice.label for choice in settings.optimizers] == ["Lion8"]
    options = {"target": "train.py", "optimizer": "adam"}
    with pytest.raises(ConfigError, match="lion8"):  # a name of the program, which Keras does not know
        load_settings(options, environ={}, cwd=tmp_path)
    (tmp_path / "sweeper.toml").write_text('command = "prog {learning_rate}"\ncurve = "log.csv"\n')
    settings = load_settings(options, environ={}, cwd=tmp_path).settings
    assert (settings.target, settings.command, settings.curve) == ("train.py", None, None)
    settings = load_settings({"command": "other"}, environ={"SWEEPER_TARGET": "train.py"}, cwd=tmp_path).settings
    assert (settings.target, settings.command) == ("", "other")
