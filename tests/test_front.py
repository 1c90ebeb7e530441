"""The front door for Python, as a person's program or notebook uses it."""

import pytest

import sweeper

SCRIPT = """
import sys
import keras
import numpy as np

keras.utils.set_random_seed(1)
x = np.random.default_rng(0).normal(size=(96, 4)).astype("float32")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(float(sys.argv[1])), "mse")
model.fit(x, x.sum(axis=1, keepdims=True), batch_size=16, epochs=2, verbose=0)
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "train.py"
    file.write_text(SCRIPT)
    return file


@pytest.mark.slow
def test_a_probe_from_python_returns_typed_results_that_load_reads_again(script, capfd):
    run = sweeper.probe(
        script, script_args=["0.05"], lr=(0.01, 0.1, 1000.0), optimizer="script", steps=20, seeds=1, out="runs/mine"
    )
    assert run.status is sweeper.ExitStatus.DONE
    assert (run.directory.resolve(), run.report.is_file()) == ((script.parent / "runs" / "mine").resolve(), True)
    assert isinstance(run.results, sweeper.Results)
    assert [cell.label for cell in run.results.rows[0].cells][-1] == sweeper.Label.DIVERGED
    assert run.results.recommendation.learning_rate in {0.01, 0.1}
    assert run.results.target.job.optimizer.learning_rate == pytest.approx(0.05)
    assert repr(run).startswith("<Run runs/mine, complete: script at ")
    assert "probes" in capfd.readouterr().err, "progress is shown"

    again = sweeper.load("runs/mine")
    assert again.results.rows == run.results.rows
    assert again.results.recommendation == run.results.recommendation


@pytest.mark.slow
def test_find_lr_keeps_the_scripts_optimizer_and_batch_size_and_can_be_quiet(script, capfd):
    run = sweeper.find_lr(str(script), script_args=["0.05"], lr=[0.01, 0.1], steps=20, quiet=True)
    assert [(row.optimizer, row.batch_size) for row in run.results.rows] == [("script", 16)]
    assert run.results.recommendation.learning_rate in {0.01, 0.1}
    assert capfd.readouterr() == ("", "")


def test_an_unknown_option_is_told_as_on_the_command_line(script):
    with pytest.raises(sweeper.ConfigError, match=r"probe\(\): unknown key 'learning_rte'. Did you mean 'lr'"):
        sweeper.probe(script, learning_rte=0.1)
    with pytest.raises(sweeper.ConfigError, match=r"find_lr\(\)"):
        sweeper.find_lr(script, batch_size=16)


def test_a_module_is_a_target_as_one_text(script):
    with pytest.raises(sweeper.TargetError, match="'-m train.main': train is a module, not a package"):
        sweeper.probe("-m train.main", quiet=True)


def test_a_folder_that_is_no_run_is_told(tmp_path):
    with pytest.raises(sweeper.RunError, match="is not a run directory"):
        sweeper.load(tmp_path)
