from dataclasses import replace

import pytest

from sweeper.errors import ExitStatus
from sweeper.settings import SCRIPT_BATCH_SIZE
from sweeper.settings._rates import RATES
from tests.reporting import samples


@pytest.fixture(autouse=True)
def one_row(library):
    library.sample = samples.sample(space=samples.space(optimizers=("script",), batches=(64,)), failures={})


def test_lr_keeps_the_scripts_own_optimizer_and_batch_size(sweeper, library):
    sweeper("lr", "train.py")
    asked = library.asked["settings"]
    assert [choice.label for choice in asked.optimizers] == ["script"]
    assert asked.batch_sizes == (SCRIPT_BATCH_SIZE,)
    assert asked.learning_rates == RATES.parse("1e-6:1")


def test_lr_takes_rates_from_config_but_not_other_axes(sweeper, library, empty_folder):
    (empty_folder / "sweeper.toml").write_text('lr = [1e-3]\noptimizer = "adam"\nbatch_size = 8\n')
    sweeper("lr", "train.py", "--steps", "50")
    asked = library.asked["settings"]
    assert asked.learning_rates == (1e-3,)
    assert (asked.optimizers[0].name, asked.batch_sizes, asked.length.steps) == ("script", (SCRIPT_BATCH_SIZE,), 50)


def test_the_last_line_is_the_safe_rate_and_its_range(sweeper):
    status, out, _ = sweeper("lr", "train.py")
    assert status == ExitStatus.DONE
    assert out.splitlines()[-1] == (
        "safe learning rate: 0.001 (trains well from 0.000316228 to 0.00316228; slower but stable down to 0.0001)"
    )


def test_print_rate_prints_the_number_and_nothing_else(sweeper):
    status, out, _ = sweeper("lr", "train.py", "--print", "rate")
    assert (status, out) == (ExitStatus.DONE, "0.001\n")


def test_without_a_safe_rate_nothing_is_printed_and_the_status_is_3(sweeper, library):
    library.sample = samples.all_diverged()
    status, out, err = sweeper("lr", "train.py", "--print", "rate", "-q")
    assert (status, out) == (ExitStatus.GATE_FAILED, "")
    assert err.startswith("error: no safe learning rate was found: ")


def test_without_a_safe_rate_the_map_is_still_shown(sweeper, library):
    library.sample = samples.all_diverged()
    status, out, _ = sweeper("lr", "train.py", "-q")
    assert status == ExitStatus.GATE_FAILED
    assert "D  diverged" in out
    assert "safe learning rate:" not in out


@pytest.mark.parametrize("status", [ExitStatus.INCOMPLETE, ExitStatus.INTERRUPTED, ExitStatus.NOTHING_TRAINED])
def test_a_partial_map_gives_no_rate_to_a_command(sweeper, library, status):
    library.status = status
    found, out, err = sweeper("lr", "train.py", "--print", "rate", "-q")
    assert (found, out) == (status, "")
    assert err != ""


def test_a_run_without_rows_has_no_rate(sweeper, library):
    library.sample = replace(library.sample, rows=())
    status, out, err = sweeper("lr", "train.py", "--print", "rate", "-q")
    assert (status, out, err) == (ExitStatus.GATE_FAILED, "", "error: no safe learning rate was found\n")


def test_lr_has_no_options_for_the_axes_that_it_fixes(sweeper):
    status, _, err = sweeper("lr", "train.py", "--optimizer", "adam")
    assert status == ExitStatus.USAGE
    assert "No such option: --optimizer" in err
