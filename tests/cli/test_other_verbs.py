import json
from pathlib import Path

from sweeper.errors import ExitStatus
from sweeper.protocol import FitSite
from sweeper.results import results_schema

SITE = FitSite(
    number=2,
    place="train.py:88",
    model="head (Sequential)",
    parameters=1_234,
    loss="mse",
    optimizer="Adam at 1e-3",
    batch_size=None,
    data="arrays, 1,437 samples",
    calls=3,
)


def test_resume_goes_on_with_the_run(sweeper, library):
    status, out, err = sweeper("resume", "runs/a")
    assert status == ExitStatus.DONE
    asked = {"force": False, "storage": None, "budget_s": None, "max_probes": None}
    assert library.asked == {"verb": "resume", "directory": Path("runs/a"), **asked}
    assert "resuming runs/digits-1" in err
    assert "Use your Adam" in out


def test_resume_without_a_run_takes_the_newest(sweeper, library):
    status, _, _ = sweeper("resume", "-q", "--budget", "5m")
    assert status == ExitStatus.DONE
    assert (library.asked["directory"], library.asked["budget_s"]) == (Path("runs/newest"), 300.0)


def test_resume_can_be_forced_and_gated(sweeper, library):
    status, _, err = sweeper("resume", "runs/a", "--force", "-q", "--fail-on", "any-failure")
    assert library.asked["force"] is True
    assert status == ExitStatus.GATE_FAILED
    assert "gate failed: any-failure: 3 of" in err


def test_resume_takes_larger_limits(sweeper, library):
    sweeper("resume", "runs/a", "-q", "--budget", "1m30s", "--max-probes", "500")
    assert (library.asked["budget_s"], library.asked["max_probes"]) == (90.0, 500)
    status, _, err = sweeper("resume", "runs/a", "--budget", "soon")
    assert status == ExitStatus.USAGE
    assert "--budget: 'soon' is not a duration" in err


def test_resume_takes_the_storage_whose_password_was_not_kept(sweeper, library):
    sweeper("resume", "runs/a", "-q", "--storage", "postgresql://me:secret@db/sweeps")
    assert library.asked["storage"] == "postgresql://me:secret@db/sweeps"


def test_report_makes_the_result_again(sweeper, library):
    status, out, _ = sweeper("report", "runs/a", "--json")
    assert (status, library.asked) == (ExitStatus.DONE, {"verb": "rebuild", "directory": Path("runs/a")})
    assert json.loads(out)["rows"]


def test_a_bad_condition_is_refused_before_anything_runs(sweeper, library):
    status, _, err = sweeper("resume", "runs/a", "--fail-on", "unsave")
    assert (status, library.asked) == (ExitStatus.USAGE, {})
    assert "--fail-on: unknown condition 'unsave'. Did you mean 'unsafe'?" in err


def test_fits_lists_the_fit_calls(sweeper, library):
    library.sites = (SITE,)
    status, out, _ = sweeper("fits", "train.py", "--", "--x")
    assert status == ExitStatus.DONE
    assert library.asked["settings"].script_args == ("--x",)
    assert "train.py:88" in out
    assert "1,234" in out


def test_fits_as_json(sweeper, library):
    library.sites = (SITE,)
    _, out, _ = sweeper("fits", "train.py", "--json", "-q")
    assert json.loads(out)["fits"][0]["place"] == "train.py:88"


def test_a_target_without_fit_calls_is_status_5(sweeper):
    status, out, _ = sweeper("fits", "train.py")
    assert status == ExitStatus.NOTHING_TRAINED
    assert "SW203" in out


def test_init_writes_a_config_file_that_loads(sweeper, empty_folder):
    status, out, _ = sweeper("init")
    assert (status, out) == (ExitStatus.DONE, f"wrote {empty_folder / 'sweeper.toml'}\n")
    assert sweeper("probe", "train.py", "-q")[0] == ExitStatus.DONE


def test_init_keeps_a_file_that_is_there_unless_forced(sweeper, empty_folder):
    (empty_folder / "sweeper.toml").write_text("seeds = 2\n")
    status, _, err = sweeper("init")
    assert status == ExitStatus.USAGE
    assert "sweeper.toml is already there; --force replaces it" in err
    assert (empty_folder / "sweeper.toml").read_text() == "seeds = 2\n"
    assert sweeper("init", "--force")[0] == ExitStatus.DONE


def test_schema_prints_the_shipped_schema(sweeper):
    _, out, _ = sweeper("schema")
    assert json.loads(out) == results_schema()
