"""What two dry runs say: of rates, and of variables that callbacks drive."""

import numpy as np
import pytest

from sweeper.capture._callbacks import may_change_training, shows_change
from sweeper.capture._course import Course
from sweeper.capture._dry_run import DryRun, MadeUpLogs, Track
from sweeper.capture._scheduled import ScheduledVariable, has_schedule, rate_course


def scheduled(*changes):
    made = tuple((epoch, batch, np.asarray(value)) for epoch, batch, value in changes)
    return ScheduledVariable(variable=None, first=np.zeros(()), changes=made, by="Anneal.on_epoch_begin")


def test_what_changes_by_the_epoch_changes_with_the_epochs_of_the_probe():
    by_epoch = scheduled((1, 0, 0.5), (2, 0, 1.0))
    assert by_epoch.values(7, own=3, each=3)[:, 0].tolist() == [0, 0, 0, 0.5, 0.5, 0.5, 1.0]
    assert by_epoch.values(5, own=3, each=2)[:, 0].tolist() == [0, 0, 0.5, 0.5, 1.0]


def test_what_changes_by_the_step_changes_at_the_same_steps():
    by_step = scheduled((0, 1, 0.1), (1, 0, 0.2))
    for each in (2, 3):
        assert by_step.values(5, own=3, each=each)[:, 0].tolist() == [0, 0.1, 0.1, 0.2, 0.2]


def track(*changes, first=0.01):
    return Track(
        variable=None,
        first=np.asarray(first),
        by="Cycle.on_train_batch_begin",
        changes=[(epoch, batch, np.asarray(value)) for epoch, batch, value in changes],
    )


COURSE = Course(epochs=4, steps=10)


def run(last=(3, 9), **known):
    return DryRun(**({"epochs": 4, "last": last, "complete": True} | known))


def test_the_peak_is_the_highest_rate_that_a_step_sees():
    one = track((1, 3, 0.3), (2, 0, 0.05))
    found = rate_course(one, one, run(), run(), COURSE)
    assert (found.first, found.peak, found.at, found.unknown) == (0.01, 0.3, (1, 3), "")
    assert not found.finder


def test_a_rate_that_only_falls_keeps_its_start():
    found = rate_course(track((2, 0, 0.001)), track((1, 0, 0.001)), run(), run(), COURSE)
    assert (found.peak, found.unknown) == (0.01, "")


@pytest.mark.parametrize(
    ("one", "other", "first", "why"),
    [
        (track((1, 0, 0.3)), track((1, 0, 0.1)), run(), "depends on the losses"),
        (track((1, 0, 0.3)), track((1, 0, 0.3)), run(complete=False, epochs=2), "2 of 4 epochs"),
    ],
)
def test_a_peak_that_cannot_be_known_is_not_guessed(one, other, first, why):
    assert why in rate_course(one, other, first, run(), COURSE).unknown


def test_a_shorter_second_run_is_compared_as_far_as_it_went():
    one, other = track((1, 0, 0.1), (3, 0, 0.3)), track((1, 0, 0.1))
    assert rate_course(one, other, run(), run(last=(2, 0)), COURSE).unknown == ""
    assert has_schedule(one, other, run(), run(last=(2, 0)))
    assert not has_schedule(one, other, run(), run())


def test_a_rate_that_rises_by_orders_of_magnitude_to_the_end_is_a_search():
    rates = [(step // 10, step % 10, 1e-6 * 1.5**step) for step in range(1, 40)]
    found = rate_course(track(*rates, first=1e-6), track(*rates, first=1e-6), run(), run(), COURSE)
    assert found.finder
    assert "search" in found.unknown
    rises_then_rests = rates[:30]
    assert not rate_course(track(*rises_then_rests), track(*rises_then_rests), run(), run(), COURSE).finder


def test_made_up_logs_have_a_value_for_any_key():
    logs = MadeUpLogs(["loss", "accuracy"], 3.0)
    assert logs["loss"] == logs["val_f2"] * 1 == 3.0
    assert logs["accuracy"] == 0.25
    assert logs.get("kl") == 3.0
    assert "kl" not in logs


@pytest.mark.slow
def test_which_callbacks_may_change_training(tmp_path):
    import keras

    callbacks = keras.callbacks

    class Printing(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            str(self.model.optimizer.learning_rate)

    class Setting(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.optimizer.learning_rate = 0.1

    assert may_change_training(Printing()), "one of the script's own can call anything"
    assert not shows_change(Printing())
    assert shows_change(Setting())
    assert may_change_training(callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None))
    assert may_change_training(callbacks.BackupAndRestore(str(tmp_path)))
    for idle in (callbacks.ModelCheckpoint("x.keras"), callbacks.CSVLogger("x.csv"), callbacks.EarlyStopping()):
        assert not may_change_training(idle)
