"""Verdicts on curves in files."""

import json

import pytest

from sweeper.readers import UnreadableCurves
from sweeper.record import Manifest, RunDirectory
from sweeper.sweep import classify_files
from sweeper.verdict import Label
from tests.sweep.made import Sitting, settings

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


EXPLODED = (588.4, 2.411, 2.445, 2.39, 2.372, 2.36, 2.351, 2.345, 2.34, 2.336, 2.333)
GUESSING = (2.54, 2.306, 2.307, 2.305, 2.305, 2.305, 2.304, 2.304, 2.304, 2.304, 2.304)
LEARNING = (2.1, 1.5, 1.1, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01)


def logged(path, losses):
    path.write_text("epoch,loss\n" + "".join(f"{epoch},{loss}\n" for epoch, loss in enumerate(losses)))
    return path


def labels(paths, **more):
    return [one.verdict.label for one in classify_files(paths, **more)]


def test_an_explosion_within_the_first_epoch_shows_next_to_a_run_that_learns(tmp_path):
    paths = [logged(tmp_path / f"{n}.csv", losses) for n, losses in enumerate((EXPLODED, LEARNING, GUESSING))]
    exploded, learning, guessing = classify_files(paths)
    assert learning.verdict.label is Label.HEALTHY
    for one in (exploded, guessing):
        assert one.verdict.label is Label.STALLED
        assert one.verdict.evidence[0].code == "rests_untrained"
    assert "hides an explosion" in exploded.verdict.evidence[0].sentence
    assert "hides an explosion" not in guessing.verdict.evidence[0].sentence


@pytest.mark.parametrize("losses", [EXPLODED, GUESSING])
def test_alone_it_cannot_be_told_unless_the_number_of_classes_is_known(tmp_path, losses):
    path = logged(tmp_path / "history.csv", losses)
    (found,) = classify_files([path])
    assert (found.verdict.label, found.probability) == (Label.INCONCLUSIVE, None)
    assert found.verdict.evidence[0].code == "fall_in_first_point"
    assert "guessing among 10 classes has a loss of 2.303" in found.verdict.evidence[0].sentence
    assert labels([path], classes=10) == [Label.STALLED]


def test_curves_of_other_folders_and_metrics_are_no_peers(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    apart = [logged(tmp_path / "a" / "h.csv", EXPLODED), logged(tmp_path / "b" / "h.csv", LEARNING)]
    assert labels(apart) == [Label.INCONCLUSIVE, Label.HEALTHY]
    both = tmp_path / "a" / "both.csv"
    rows = "".join(f"{epoch},{a},{b}\n" for epoch, (a, b) in enumerate(zip(EXPLODED, LEARNING, strict=True)))
    both.write_text("epoch,x_loss,y_loss\n" + rows)
    assert labels([both], columns=["x_loss", "y_loss"]) == [Label.INCONCLUSIVE, Label.HEALTHY]


@pytest.mark.parametrize(
    "sound",
    [
        (0.9, 0.2, 0.12, 0.1, 0.09, 0.085, 0.082, 0.081, 0.08, 0.08, 0.08),
        (2.31, 2.29, 2.27, 2.25, 2.23, 2.21, 2.19, 2.17, 2.15, 2.13, 2.11),
        (2.31, 2.303, 2.302, 2.303, 2.302, 2.303, 2.302, 2.1, 1.7, 1.2, 0.8),
        (1.9, 1.2, 0.9, 0.8, 0.75, 0.74, 0.74, 0.74, 0.74, 0.74, 0.74),
    ],
)
def test_slow_late_and_settled_curves_are_no_failures_among_others(tmp_path, sound):
    paths = [logged(tmp_path / f"{n}.csv", losses) for n, losses in enumerate((sound, LEARNING, EXPLODED))]
    assert labels(paths)[0] is Label.HEALTHY
    assert labels(paths[:1])[0] not in {Label.STALLED, Label.DIVERGED}


def test_a_curve_that_is_known_to_begin_before_any_update_hides_no_explosion(tmp_path):
    path = tmp_path / "c.jsonl"
    path.write_text(json.dumps({"steps": [200 * n for n in range(len(GUESSING))], "train_loss": GUESSING}))
    assert labels([path]) == [Label.HEALTHY]


def test_the_order_of_files_is_kept(tmp_path):
    a, b = (logged(tmp_path / f"{name}.csv", LEARNING) for name in "ab")
    assert [one.id for one in classify_files([b, a, b])] == [str(b), str(a), str(b)]


def test_a_run_gets_the_verdicts_that_it_had(tmp_path):
    asked = settings(batch_sizes=(16,), learning_rates=(1e-4, 0.01, 1.0))
    manifest = Manifest(
        sweeper_version="1", created="2026-01-01T00:00:00+00:00", command=(), settings=asked, script=(), versions=()
    )
    run = RunDirectory.create(tmp_path / "run", manifest)
    with run.lock():
        work = Sitting(run, asked).finish()
    found = {one.id: one.verdict for one in classify_files([run.path])}
    known = {one.outcome.probe.id: one.verdict for one in work.judged if one.verdict is not None}
    assert {name: verdict.label for name, verdict in found.items()} == {k: v.label for k, v in known.items()}
    assert found == {one.id: one.verdict for one in classify_files([run.path / "results.json"])}


def test_results_without_their_run_have_no_curves(tmp_path):
    (tmp_path / "results.json").write_text("{}")
    with pytest.raises(UnreadableCurves, match="run directory around it"):
        classify_files([tmp_path / "results.json"])
