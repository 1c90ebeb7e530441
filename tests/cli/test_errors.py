import pytest

from sweeper.errors import ConfigError, ExitStatus, MachineError, NothingTrained, RunMismatch, TargetError


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (TargetError("no such script"), 2),
        (RunMismatch("another script"), 2),
        (ConfigError("bad"), 2),
        (NothingTrained("no fit"), 5),
        (MachineError("disk full"), 6),
    ],
)
def test_an_error_of_the_library_is_one_message_and_its_exit_status(sweeper, library, error, status):
    library.error = error
    assert sweeper("probe", "train.py", "-q") == (status, "", f"error: {error}\n")


def test_a_fault_of_sweeper_shows_the_traceback_and_asks_for_a_report(sweeper, library):
    library.error = ZeroDivisionError("oops")
    status, out, err = sweeper("probe", "train.py", "-q")
    assert (status, out) == (ExitStatus.INTERNAL, "")
    assert "a fault in sweeper, not in your script" in err
    assert "ZeroDivisionError: oops" in err
    assert "Please report it" in err


def test_an_interrupt_outside_the_sweep_is_status_130(sweeper, library):
    library.error = KeyboardInterrupt()
    assert sweeper("probe", "train.py", "-q")[0] == ExitStatus.INTERRUPTED


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["probe", "train.py", "--data-dir", "x"], "No such option: --data-dir"),
        (["probe", "train.py", "--data-dir", "x"], "sweeper probe train.py -- --data cifar10"),
        (["probe", "train.py", "--steps", "5", "--epochs", "1"], "--steps and --epochs exclude each other"),
        (
            ["probe", "train.py", "extra"],
            "unexpected argument 'extra'. Arguments of the script stand behind --: sweeper",
        ),
        (["probe"], "no target: name the script, as in `sweeper probe train.py`"),
        (["train.py"], "To probe it: sweeper probe train.py"),
        (["train.ipynb"], "To probe it: sweeper probe train.ipynb"),
        (["-m", "pkg.train"], "To probe it: sweeper probe -m pkg.train"),
        (["probe", "-m"], "-m"),
        (["probe", "train.py", "-m", "pkg.train"], "-m pkg.train and 'train.py' are two targets; keep one"),
        (
            ["lr", "-m", "pkg.train", "3", "big"],
            "Arguments of the module stand behind --: sweeper lr -m pkg.train -- 3 big",
        ),
        (["prob", "train.py"], "Did you mean 'probe'? `sweeper --help` lists the verbs."),
        (["report"], "Missing argument 'RUN'"),
        (["lr", "train.py", "--print", "range"], "--print"),
        (["probe", "train.py", "--lr"], "--lr"),
    ],
)
def test_a_wrong_call_is_status_2_with_the_next_step(sweeper, library, arguments, message):
    status, out, err = sweeper(*arguments)
    assert (status, out, library.asked) == (ExitStatus.USAGE, "", {})
    assert err.startswith("error: ")
    assert message in err


def test_without_arguments_the_help_is_shown(sweeper):
    status, out, _ = sweeper()
    assert status == ExitStatus.DONE
    assert "probe" in out


@pytest.mark.parametrize("verb", ["probe", "lr", "diagnose", "doctor", "resume", "fits", "report", "init", "schema"])
def test_every_verb_has_help_with_an_example(sweeper, verb):
    status, out, _ = sweeper(verb, "--help")
    assert status == ExitStatus.DONE
    assert f"sweeper {verb}" in out.split("Examples")[1]


def test_the_version_is_printed(sweeper):
    import sweeper as package

    assert sweeper("--version") == (ExitStatus.DONE, f"sweeper {package.__version__}\n", "")
