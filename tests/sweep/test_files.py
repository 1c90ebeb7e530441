"""Verdicts on curves in files."""

import json
import sys
from pathlib import Path

import pytest

from sweeper.execute import FakeExecutor
from sweeper.readers import UnreadableCurves
from sweeper.record import Manifest, RunDirectory
from sweeper.sweep import classify_files
from sweeper.sweep._stop import StopSwitch
from sweeper.sweep._work import SweepWork
from sweeper.verdict import Label

sys.path.insert(0, str(Path(__file__).parent))
from made import Watching, job, settings, trained

ROWS = (
    {"id": "falls", "train_loss": [2.0 * 0.97**step for step in range(100)]},
    {"id": "rises late", "train_loss": [2.0 - 0.01 * step for step in range(60)] + [9.0 + step for step in range(40)]},
    {"id": "overfits", "train_loss": [2.0 * 0.97**step for step in range(100)]}
    | {"val_loss": [1.0 + 0.0005 * (step - 30) ** 2 for step in range(100)]},
)


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "c.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)))
    return path


def test_whole_curves_and_their_beginnings(lines):
    whole, first = classify_files([lines]), classify_files([lines], prefix=0.25)
    assert [one.id for one in whole] == ["falls", "rises late", "overfits"]
    assert [one.verdict.label for one in whole] == [Label.HEALTHY, Label.DIVERGED, Label.OVERFIT]
    assert [one.verdict.label for one in first] == [Label.HEALTHY] * 3
    assert {one.points for one in first} == {25}
    assert first[0].probability < whole[0].probability
    assert whole[2].verdict.evidence[0].code == "validation_rise"


def test_a_beginning_is_judged_without_a_look_at_the_rest(lines, tmp_path):
    cut = tmp_path / "cut.jsonl"
    cut.write_text("\n".join(json.dumps({"id": row["id"], "train_loss": row["train_loss"][:25]}) for row in ROWS))
    labels = [
        [one.verdict.label for one in classify_files([path], prefix=p)] for path, p in ((lines, 0.25), (cut, 1.0))
    ]
    assert labels[0] == labels[1]


def test_few_validation_points_are_no_overfit_and_that_is_said(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("loss,val_loss\n2,2\n1.5,1.6\n1.1,1.7\n0.8,1.9\n")
    (found,) = classify_files([path])
    assert found.verdict.label is Label.INCONCLUSIVE
    path.write_text("loss,val_loss\n2,2\n1.5,1.6\n1.1,1.7\n0.8,1.9\n0.6,\n0.5,\n0.4,\n")
    (found,) = classify_files([path])
    assert found.verdict.label is Label.HEALTHY
    assert "overfit_not_testable" in [evidence.code for evidence in found.verdict.evidence]


def test_a_run_gets_the_verdicts_that_it_had(tmp_path):
    asked = settings(batch_sizes=(16,), learning_rates=(1e-4, 0.01, 1.0))
    manifest = Manifest(
        sweeper_version="1", created="2026-01-01T00:00:00+00:00", command=(), settings=asked, script=(), versions=()
    )
    run = RunDirectory.create(tmp_path / "run", manifest)
    with run.lock():
        work = SweepWork(
            directory=run,
            settings=asked,
            view=Watching(),
            sample_bytes=1000,
            switch=StopSwitch(),
            study_url=f"sqlite:///{run.study_file}",
            study_name="test",
        )
        FakeExecutor(job(), trained).run(work)
        work.close()
    found = {one.id: one.verdict for one in classify_files([run.path])}
    known = {one.outcome.probe.id: one.verdict for one in work.judged if one.verdict is not None}
    assert {name: verdict.label for name, verdict in found.items()} == {k: v.label for k, v in known.items()}
    assert found == {one.id: one.verdict for one in classify_files([run.path / "results.json"])}


def test_results_without_their_run_have_no_curves(tmp_path):
    (tmp_path / "results.json").write_text("{}")
    with pytest.raises(UnreadableCurves, match="run directory around it"):
        classify_files([tmp_path / "results.json"])
