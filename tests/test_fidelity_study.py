import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fidelity_parts import compare, runs, verdict
from fidelity_parts.compare import Standing
from study_situations import situations

SCRIPTS = Path(__file__).parents[1] / "scripts" / "studies"

FALL = [2.3 * 0.9**step + 0.02 * math.sin(7 * step) for step in range(20)]


def truth(losses, *, rate=0.01, **more):
    rows = [{"loss": loss} for loss in losses]
    return {
        "logs": rows,
        "rates": [rate] * len(rows),
        "peaks": [rate],
        "policy": "float32",
        "backend": "tensorflow",
    } | more


def shown(losses, *, changes=(), findings=()):
    return {"losses": losses, "changes": list(changes), "findings": list(findings), "words": "", "causes": []}


def test_rounding_is_no_difference_and_another_batch_is_one():
    assert compare.difference(FALL, [loss * 1.0005 for loss in FALL]).same
    other = compare.difference(FALL, [*FALL[:6], FALL[6] * 1.01, *FALL[7:]])
    assert (other.same, other.first, other.level) == (False, 7, True)


def test_no_steps_are_not_the_same():
    assert not compare.difference(FALL, []).same


def test_a_loss_that_ends_differs_from_one_that_does_not():
    assert compare.difference([1.0, math.nan], [1.0, math.nan]).same
    assert compare.difference([1.0, math.nan], [1.0, 1.0]).first == 2


def test_losses_near_zero_are_compared_with_the_largest():
    assert compare.difference([1.0, 1e-7], [1.0, 3e-7]).same


def test_shuffled_steps_have_the_same_level_and_weighted_ones_have_another():
    wave = [1.0 + 0.2 * math.sin(5 * step) for step in range(20)]
    assert compare.same_level(wave, wave[::-1])
    assert not compare.same_level(wave, [2 * loss for loss in wave])


def test_the_reported_loss_counts_and_without_one_every_candidate_is_tried():
    rows = [{"loss": 3.0, "d_loss": 1.0, "accuracy": 0.1}]
    assert list(compare.true_series(rows)) == ["loss"]
    rows = [{"d_loss": 1.0, "g_loss": 2.0, "accuracy": 0.1, "gradient of 0": 1.0}]
    series = compare.true_series(rows)
    assert series["sum of losses"] == [3.0]
    assert "accuracy" not in series
    assert compare.nearest(rows, [3.0], tolerance=1e-3)[0] == "sum of losses"


def test_equal_losses_are_the_same_script():
    assert verdict.compared("a.py", truth(FALL), shown(FALL)).standing is Standing.SAME


def test_a_schedule_is_compared_at_its_peak():
    own = truth([loss * 1.2 for loss in FALL], rate=0.002, peaks=[0.01])
    assert verdict.own_rate(own) == 0.01
    assert not verdict.is_constant(own, 0.01)
    found = verdict.compared("a.py", own, shown(FALL, changes=[("learning-rate schedule", "x")]), constant=truth(FALL))
    assert found.standing is Standing.CONSTANT


def test_a_difference_is_explained_by_what_was_said_and_only_at_the_same_level():
    wave = [1.0 + 0.2 * math.sin(5 * step) for step in range(20)]
    said = [("input pipeline", "its elements were re-batched")]
    assert verdict.compared("a.py", truth(wave), shown(wave[::-1])).standing is Standing.UNEXPLAINED
    assert verdict.compared("a.py", truth(wave), shown(wave[::-1], changes=said)).standing is Standing.EXPLAINED
    doubled = shown([2 * loss for loss in wave], changes=said)
    assert verdict.compared("a.py", truth(wave), doubled).standing is Standing.OTHER_LEVEL


def test_a_script_that_draws_anew_is_compared_by_its_level():
    wave = [1.0 + 0.2 * math.sin(5 * step) for step in range(20)]
    found = verdict.compared("a.py", truth(wave), shown(wave[::-1]), again=truth(wave[5:] + wave[:5]))
    assert found.standing is Standing.RANDOM


def test_no_curve_is_a_refusal():
    found = verdict.compared("a.py", truth(FALL), shown([], findings=[("SW008", "error: no. no")]))
    assert (found.standing, found.note) == (Standing.REFUSED, "SW008")


def test_every_situation_has_its_script_and_says_what_is_right():
    folder = SCRIPTS / "situations"
    found = list(situations(folder))
    assert len(found) >= 40
    assert {one.script.file for one in found} <= {path.name for path in folder.glob("*.py")}
    assert all(one.right and one.need in {"same", "said", "refused"} for one in found)
    assert all(one.says or one.names for one in found if one.need != "same")


SCRIPT = """
import numpy as np, keras
x = np.arange(40, dtype="float32").reshape(10, 4) / 40
y = x.sum(1, keepdims=True)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, kernel_initializer="ones")])
model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
class Ends(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print("mean", logs["loss"], flush=True)
model.fit(x, y + 1, batch_size=4, epochs=9, shuffle=False, callbacks=[Ends()], verbose=0)
print("after fit")
"""


@pytest.mark.slow
def test_the_truth_of_a_script_is_its_batch_losses_and_callbacks_see_what_they_always_see(tmp_path):
    (tmp_path / "train.py").write_text(SCRIPT)
    out = tmp_path / "truth.json"
    environment = {**os.environ, "PYTHONPATH": str(runs.SITE), "TF_CPP_MIN_LOG_LEVEL": "3"}
    more = {"FIDELITY_OUT": str(out), "FIDELITY_STEPS": "7"}
    command = [sys.executable, "train.py"]
    recorded = subprocess.run(command, cwd=tmp_path, env=environment | more, capture_output=True, text=True, check=True)
    plain = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    rows = json.loads(out.read_text())
    assert len(rows["logs"]) == 7
    assert rows["rates"] == pytest.approx([0.1] * 7)
    assert rows["logs"][0]["loss"] == pytest.approx(1.0)  # the weights are right but for the bias
    means = [float(line.split()[-1]) for line in recorded.stdout.splitlines() if line.startswith("mean")]
    weights = [4, 4, 2]
    mean = sum(w * row["loss"] for w, row in zip(weights, rows["logs"], strict=False)) / 10
    assert means[0] == pytest.approx(mean, rel=1e-5)
    expected = [float(line.split()[-1]) for line in plain.stdout.splitlines() if line.startswith("mean")]
    assert means == pytest.approx(expected[: len(means)], rel=1e-5)
    assert "after fit" not in recorded.stdout
