import pytest

from sweeper.errors import ExitStatus
from sweeper.settings import BatchSearch
from tests.reporting import samples


@pytest.fixture(autouse=True)
def found(library):
    library.sample = samples.rate_for_batch_size()


def test_batch_searches_with_the_scripts_own_optimizer(sweeper, library):
    sweeper("batch", "train.py", "--memory-limit", "4GiB", "--for", "24GiB,80GiB", "--memory-only", "--headroom", "5%")
    asked = library.asked["settings"]
    assert [choice.label for choice in asked.optimizers] == ["script"]
    assert asked.batch_sizes is BatchSearch.RECOMMENDED
    assert (asked.memory_limit_bytes, asked.headroom) == (4 << 30, 0.05)
    assert (asked.other_limits_bytes, asked.memory_only) == ((24 << 30, 80 << 30), True)
    assert asked.compare_precision is False


@pytest.mark.parametrize("verb", ["probe", "lr", "batch", "fits"])
def test_what_stands_behind_two_dashes_is_for_the_script(sweeper, library, verb):
    sweeper(verb, "train.py", "-q", "--", "--data", "x", "--", "-v")
    assert library.asked["settings"].script_args == ("--data", "x", "--", "-v")


def test_probe_takes_its_axis_from_a_search(sweeper, library):
    sweeper("probe", "train.py", "--batch-size", "auto")
    assert library.asked["settings"].batch_sizes is BatchSearch.AUTO
    assert library.asked["settings"].searches_memory


def test_the_last_lines_are_the_size_and_the_rate_to_go_with_it(sweeper):
    status, out, _ = sweeper("batch", "train.py")
    assert status == ExitStatus.DONE
    assert out.splitlines()[-2].startswith("recommended batch size: 128 (")
    assert out.splitlines()[-1].startswith("safe learning rate: 0.001 (trains well from ")


def test_the_table_of_sizes_comes_before_the_map(sweeper):
    _, out, _ = sweeper("batch", "train.py", "-q")
    assert out.index("of limit") < out.index("H  healthy")


@pytest.mark.parametrize(("what", "expected"), [("size", "128\n"), ("largest", "496\n")])
def test_print_prints_the_number_and_nothing_else(sweeper, what, expected):
    status, out, _ = sweeper("batch", "train.py", "--print", what)
    assert (status, out) == (ExitStatus.DONE, expected)


def test_when_nothing_fits_nothing_is_printed_and_the_status_is_3(sweeper, library):
    library.sample = samples.batch_size_alone("nothing_fits")
    library.status = ExitStatus.NOTHING_TRAINED
    status, out, err = sweeper("batch", "train.py", "--print", "size", "-q")
    assert (status, out) == (ExitStatus.GATE_FAILED, "")
    assert err.startswith("error: no batch size fits: ")


def test_a_script_that_fails_before_the_search_has_its_own_status(sweeper, library):
    library.sample = samples.nothing_trained()
    library.status = ExitStatus.NOTHING_TRAINED
    status, out, err = sweeper("batch", "train.py", "--print", "size", "-q")
    assert (status, out) == (ExitStatus.NOTHING_TRAINED, "")
    assert "nothing could be trained" in err


def test_an_interrupted_search_gives_no_size_to_a_command(sweeper, library):
    library.sample = samples.batch_size_alone("not_begun")
    library.status = ExitStatus.INTERRUPTED
    status, out, err = sweeper("batch", "train.py", "--print", "size", "-q")
    assert (status, out) == (ExitStatus.INTERRUPTED, "")
    assert "sweeper resume" in err


def test_a_run_without_probes_says_its_answer_once(sweeper, library):
    library.sample = samples.batch_size_alone("usual")
    _, out, _ = sweeper("batch", "train.py", "--memory-only")
    assert "Use batch size" not in out
    assert "probe" not in out.splitlines()[-2]
    assert " trials in " in out


def test_each_trial_is_a_line_in_a_log(sweeper):
    _, _, err = sweeper("batch", "train.py")
    lines = [line.split("  ", 1)[1] for line in err.splitlines() if "trial" in line]
    assert any(line.startswith("trial 1: batch size 32, measuring") for line in lines)
    assert any("passed: " in line and "% of the limit" in line for line in lines)
    assert any("did not pass: " in line for line in lines)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--batch-size", "auto,32"), "must stand alone"),
        (("--headroom", "1.5"), "must be a part between 0 and 0.9"),
        (("--memory-limit", "much"), "is not a size"),
        (("--max-batch-size", "0"), "must be a whole number of at least 1"),
        (("--precision", "half"), "precision"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_what_is_allowed(sweeper, options, complaint):
    status, _, err = sweeper("probe", "train.py", *options)
    assert status == ExitStatus.USAGE
    assert complaint in err


def test_flags_can_be_set_in_a_file_and_in_the_environment(sweeper, library, empty_folder, monkeypatch):
    (empty_folder / "sweeper.toml").write_text("compare_precision = true\n")
    monkeypatch.setenv("SWEEPER_MEMORY_ONLY", "yes")
    sweeper("batch", "train.py")
    assert library.asked["settings"].compare_precision
    assert library.asked["settings"].memory_only
