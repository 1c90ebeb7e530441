from sweeper.batch_size.worker._watch import Watch
from sweeper.capture import ShortFit
from sweeper.trial import Stage


def watch(*, pass_steps=None, partial=0, least_steps=3, most_seconds=1e9, **told):
    fit = ShortFit(arguments={}, batch_size=10, pass_steps=pass_steps, partial=partial)
    return Watch(fit, least_steps=least_steps, most_seconds=most_seconds, alive=lambda _: None, **told)


def train(seen, steps, *, each=1):
    seen.epoch_begins()
    ended = []
    for _ in range(steps):
        seen.step_begins()
        ended.append(seen.step_ends(each))
    seen.epoch_ends()
    return ended


def test_a_fit_that_has_run_long_enough_ends_but_not_before_its_least_steps():
    assert train(watch(most_seconds=-1, least_steps=3), 4) == [False, False, True, True]


def test_steps_that_run_as_one_count_one_by_one():
    seen = watch(least_steps=8, most_seconds=-1)
    assert train(seen, 3, each=4) == [False, True, True]
    assert seen.steps == 12


def test_the_stages_are_told_as_the_epochs_go():
    stages = []
    seen = watch(at_stage=stages.append)
    train(seen, 2)
    seen.validation_begins()
    train(seen, 1)
    assert stages == [Stage.TRAINING, Stage.VALIDATION, Stage.TRAINING]


def test_the_first_step_is_told_once():
    told = []
    seen = watch(after_first=lambda: told.append(seen.steps))
    train(seen, 3)
    train(seen, 3)
    assert told == [0]


def test_there_is_no_speed_before_the_warm_up_is_over():
    seen = watch()
    train(seen, 2)
    assert seen.samples_per_second() is None
    train(seen, 1)
    assert seen.samples_per_second() > 0


def test_whole_passes_are_counted_where_epochs_are_passes():
    seen = watch(pass_steps=3)
    train(seen, 3)
    train(seen, 2)
    assert seen.whole_passes == 1
    assert watch().whole_passes == 0


def test_the_last_smaller_batch_of_a_pass_says_nothing_about_the_speed_of_full_ones():
    seen = watch(pass_steps=2, partial=1)
    train(seen, 2)
    train(seen, 1)
    before = seen.samples_per_second()
    seen.step_begins()
    seen.step_ends(1)
    assert seen.samples_per_second() == before
