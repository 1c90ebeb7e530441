import json

import pytest

from sweeper.errors import ExitStatus
from sweeper.settings import DEFAULT_STEPS, EarlierFits, FailOn, Length, Search, Settings
from tests.reporting import samples


def test_probe_with_a_script_alone_asks_for_the_defaults(sweeper, library):
    status, _, _ = sweeper("probe", "train.py")
    assert status == ExitStatus.DONE
    assert library.asked["settings"] == Settings(target="train.py", length=Length(steps=DEFAULT_STEPS))
    assert library.asked["command"] == ("sweeper", "probe", "train.py")


@pytest.mark.parametrize(
    "arguments",
    ["-m pkg.train --steps 20", "--steps 20 -m pkg.train", "--steps 20 -mpkg.train", "-q -m pkg.train --steps=20"],
)
@pytest.mark.parametrize("verb", ["probe", "lr"])
def test_a_module_is_the_target_wherever_it_stands_before_the_scripts_own_arguments(sweeper, library, verb, arguments):
    sweeper(verb, *arguments.split(), "--", "-m", "other", "--steps", "5")
    asked = library.asked["settings"]
    assert (asked.target, asked.length, asked.script_args) == (
        "-m pkg.train",
        Length(steps=20),
        ("-m", "other", "--steps", "5"),
    )


def test_every_option_reaches_the_settings(sweeper, library):
    options = (
        "--fit=2 --data=d.py:load --earlier-fits=full --lr=1e-3,1e-2 --optimizer=script,adam(beta_1=0.8) "
        "--batch-size=8 --seeds=3 --epochs=2 --search=grid --resolution=0.2 --budget=10m --max-probes=50 "
        "--workers=2 --gpus=none --backend=jax "
        "--max-sample-bytes=1MiB --probe-timeout=5m --start-timeout=1h -o runs/x "
        "--storage=sqlite:///x.db --study=s --fail-on=unsafe"
    )
    sweeper("probe", "train.py", *options.split())
    asked = library.asked["settings"]
    assert asked == Settings(
        target="train.py",
        fit="2",
        data="d.py:load",
        earlier_fits=EarlierFits.FULL,
        learning_rates=(1e-3, 1e-2),
        optimizers=asked.optimizers,
        batch_sizes=(8,),
        seeds=3,
        length=Length(epochs=2.0),
        search=Search.GRID,
        resolution=0.2,
        budget_s=600.0,
        max_probes=50,
        workers=2,
        gpus="none",
        backend="jax",
        max_sample_bytes=2**20,
        probe_timeout_s=300.0,
        start_timeout_s=3600.0,
        out="runs/x",
        storage="sqlite:///x.db",
        study="s",
        fail_on=(FailOn.UNSAFE,),
    )
    assert [choice.label for choice in asked.optimizers] == ["script", "adam(beta_1=0.8)"]


def test_list_options_may_be_repeated(sweeper, library):
    sweeper("probe", "train.py", "--lr", "1e-3", "--lr", "1e-2", "--fail-on", "unsafe", "--fail-on", "any-failure")
    asked = library.asked["settings"]
    assert asked.learning_rates == (1e-3, 1e-2)
    assert asked.fail_on == (FailOn.UNSAFE, FailOn.ANY_FAILURE)


def test_everything_behind_the_dashes_belongs_to_the_script(sweeper, library):
    sweeper("probe", "train.py", "--seeds", "2", "--", "--lr", "5", "--", "-q")
    asked = library.asked["settings"]
    assert (asked.seeds, asked.learning_rates, asked.script_args) == (2, None, ("--lr", "5", "--", "-q"))


def test_the_target_may_come_from_the_config_file(sweeper, library, empty_folder):
    (empty_folder / "sweeper.toml").write_text('target = "other.py"\n')
    sweeper("probe", "--", "--x")
    assert library.asked["settings"] == Settings(target="other.py", script_args=("--x",))


def test_the_result_is_on_standard_output_and_the_progress_on_standard_error(sweeper):
    _, out, err = sweeper("probe", "train.py")
    assert "Use your Adam at 1e-3, batch size 64" in out
    assert "Your 1e-2 is in the diverging region" in out
    assert out.rstrip().endswith("Report: runs/digits-1/report.html")
    assert "117 of 117 probes" in err
    assert "Report:" not in err


def test_quiet_leaves_standard_error_empty(sweeper):
    _, out, err = sweeper("probe", "train.py", "-q")
    assert err == ""
    assert "Use your Adam" in out


def test_json_prints_the_results_document_and_nothing_else(sweeper):
    _, out, _ = sweeper("probe", "train.py", "--json")
    document = json.loads(out)
    assert document["recommendation"]["optimizer"] == "script"
    assert set(document) >= {"schema", "sweeper", "target", "environment", "space", "probes", "rows", "findings"}


def test_a_failed_gate_exits_with_3_after_the_result_and_says_why(sweeper):
    status, out, err = sweeper("probe", "train.py", "--fail-on", "unsafe", "-q")
    assert status == ExitStatus.GATE_FAILED
    assert "Report:" in out
    assert err.startswith("gate failed: unsafe: Your 1e-2 is in the diverging region")


@pytest.mark.parametrize("status", [ExitStatus.INCOMPLETE, ExitStatus.INTERRUPTED])
def test_a_run_that_did_not_end_well_keeps_its_status_and_says_how_to_go_on(sweeper, library, status):
    library.status = status
    library.sample = samples.interrupted()
    found, out, err = sweeper("probe", "train.py", "--fail-on", "any-failure", "-q")
    assert found == status
    assert "go on with: sweeper resume runs/digits-1" in err
    assert "Report:" in out


def test_when_nothing_trained_the_finding_is_printed(sweeper, library):
    library.status = ExitStatus.NOTHING_TRAINED
    library.sample = samples.nothing_trained()
    status, out, err = sweeper("probe", "train.py", "-q")
    assert status == ExitStatus.NOTHING_TRAINED
    assert "SW001 error: The script stopped before it reached model.fit (train.py:12)" in out
    assert "FileNotFoundError: missing.csv" in out
    assert err == "error: nothing could be trained. SW001: The script stopped before it reached model.fit\n"


@pytest.mark.parametrize("name", sorted(samples.every()))
def test_every_kind_of_result_can_be_printed(sweeper, library, name):
    library.sample = samples.every()[name]
    status, out, _ = sweeper("probe", "train.py")
    assert status == ExitStatus.DONE
    assert "report.html" in out


def test_control_characters_from_the_script_do_not_reach_the_terminal(sweeper, library):
    library.sample = samples.nothing_trained()
    finding = library.sample.findings[0]
    object.__setattr__(finding, "evidence", "\x1b[2J\x07boo")
    _, out, _ = sweeper("probe", "train.py", "-q")
    assert "boo" in out
    assert "\x1b" not in out


def test_plan_prints_the_probes_and_the_estimate_and_runs_nothing(sweeper, library):
    status, out, _ = sweeper("probe", "train.py", "--plan")
    assert (status, library.asked["verb"]) == (ExitStatus.DONE, "plan")
    assert "0 (noise)" in out or "1e-6" in out
    assert f"{len(library.sample.judged)} probes, about 1 min 11 s" in out


def test_a_plan_says_what_follows_the_map(sweeper, library):
    library.follow_ups = ("one long training",)
    _, out, _ = sweeper("probe", "train.py", "--plan", "--overfit")
    assert library.asked["settings"].overfit
    assert "\nAfter the map: one long training\n" in out
    _, out, _ = sweeper("probe", "train.py", "--plan", "--overfit", "--json")
    assert json.loads(out)["follow_ups"] == ["one long training"]


def test_the_plan_of_a_search_shows_how_it_begins_and_about_how_long_it_is(sweeper, library):
    library.sample = samples.searched()
    _, out, _ = sweeper("probe", "train.py", "--plan")
    assert "boundary search to 0.1 decades, beginning with 1e-5 to 10: about " in out
    assert "These come first; which follow depends on them. About 1 min 11 s in all" in out


def test_a_run_that_reached_its_limit_says_what_is_open_and_how_to_go_on(sweeper, library):
    library.status, library.sample = ExitStatus.INCOMPLETE, samples.out_of_budget()
    found, out, err = sweeper("probe", "train.py", "-q")
    assert found == ExitStatus.INCOMPLETE
    assert "--max-probes of 20 is reached; go on with: sweeper resume runs/digits-1 --max-probes N" in err
    assert "Not settled:\n  script, batch size 16: No probe of this row was judged.\n" in out
    assert "(--max-probes of 20 is reached)" in out


def test_plan_as_json_lists_every_probe(sweeper, library):
    _, out, _ = sweeper("probe", "train.py", "--plan", "--json")
    plan = json.loads(out)
    assert plan["seconds"] == 71.0
    assert [probe["id"] for probe in plan["probes"]] == [j.outcome.probe.id for j in library.sample.judged]


def test_show_config_prints_values_with_their_origin_and_hides_passwords(sweeper, library, monkeypatch):
    monkeypatch.setenv("SWEEPER_STORAGE", "postgresql://me:secret@host/db")
    status, out, _ = sweeper("probe", "train.py", "--lr", "1e-3,1e-2", "--show-config")
    assert (status, library.asked) == (ExitStatus.DONE, {})
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "lr 0.001,0.01 command line" in lines
    assert "seeds 1 for a grid, up to 3 for the boundary search default" in lines
    assert "storage postgresql://me:***@host/db $SWEEPER_STORAGE" in lines
    assert "secret" not in out


def test_show_config_as_json(sweeper):
    _, out, _ = sweeper("probe", "train.py", "--show-config", "--json")
    assert json.loads(out)["target"] == {"value": "train.py", "from": "command line"}


def test_what_followed_the_map_is_told_below_the_recommendation(sweeper, library):
    library.sample = samples.followed()
    _, out, _ = sweeper("probe", "train.py", "-q")
    words = " ".join(out.split())
    assert words.index("Use your Adam") < words.index(
        "It overfits: the validation loss is lowest after about 9 epochs."
    )
    assert "Warm-up over 50 steps moves the edge from 1e-2 to 3.16e-2 (3.2x) and lowers the loss." in words
    assert "Clipping was left out: no gradients were seen." in words
    assert "script(warmup=50)" not in out
