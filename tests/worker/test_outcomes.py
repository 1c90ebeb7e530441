"""What becomes of probes whose process crashes, hangs or runs out of memory: real workers, real TensorFlow."""

import shutil
from pathlib import Path

import pytest

from sweeper.curve import same_curve
from sweeper.probes import OutcomeKind, Probe
from tests.worker.driving import GivenProbes, drive

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent


def probe(rate, *, batch_size=16, seed=0, optimizer="script", steps=12):
    return Probe(optimizer=optimizer, learning_rate=rate, batch_size=batch_size, seed=seed, steps=steps)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory, warm):
    folder = tmp_path_factory.mktemp("faulty")
    script = shutil.copy(HERE / "scripts" / "faulty.py", folder)
    rates = (0.0, 0.01, 0.011, 0.012, 0.013, 0.014, 0.015, 0.02)
    work = GivenProbes([probe(rate) for rate in rates], folder / "job")
    return drive(work, script, probe_timeout_s=20, launcher=warm)


def test_every_probe_has_one_outcome_whatever_happened_before_it(faulty):
    assert sorted(faulty.by_rate) == [0.0, 0.01, 0.011, 0.012, 0.013, 0.014, 0.015, 0.02]
    assert faulty.by_rate[0.02].kind is OutcomeKind.COMPLETED


def test_an_exit_in_mid_probe_is_a_crash_with_its_status_and_last_words(faulty):
    outcome = faulty.by_rate[0.011]
    assert (outcome.kind, outcome.curve) == (OutcomeKind.CRASHED, None)
    assert "exit status 7" in outcome.cause
    assert outcome.log_tail.endswith("about to exit")


def test_a_segmentation_fault_is_a_crash_with_the_lines_where_it_was(faulty):
    outcome = faulty.by_rate[0.012]
    assert outcome.kind is OutcomeKind.CRASHED
    assert "SIGSEGV" in outcome.cause
    assert "string_at" in outcome.log_tail


def test_a_crash_is_tried_again_before_it_is_believed(faulty):
    assert sum("lr0.011" in note for note in faulty.notes) == 1


def test_a_hang_ends_with_the_time_limit(faulty):
    assert faulty.by_rate[0.013].kind is OutcomeKind.TIMEOUT
    assert "20 s" in faulty.by_rate[0.013].cause


def test_running_out_of_memory_is_told_apart_from_other_errors(faulty):
    assert faulty.by_rate[0.014].kind is OutcomeKind.OOM
    error = faulty.by_rate[0.015]
    assert error.kind is OutcomeKind.ERROR
    assert error.cause == "ValueError: this rate is not to my taste"
    assert "faulty.py" in error.log_tail


def test_workers_that_came_later_start_from_the_first_ones_random_weights_and_data(faulty):
    first = faulty.by_rate[0.0].curve
    assert all(
        faulty.by_rate[rate].curve.train_loss[0] == pytest.approx(first.train_loss[0], rel=1e-6)
        for rate in (0.01, 0.02)
    )


def test_the_script_never_gets_control_back(faulty):
    assert not (Path(faulty.folder).parent / "after_fit.txt").exists()


def test_the_job_is_described(faulty):
    job = faulty.job
    assert job.fit_site.endswith("faulty.py:42")
    assert (job.batch_size, job.optimizer.name, job.optimizer.learning_rate) == (16, "SGD", 0.01)
    assert job.val_source == "none: the script gives none, and a probe trains on all of its 64 samples"
    assert (job.train_samples, job.val_samples) == (64, 0)
    assert [change.what for change in job.changes] == ["validation"]


PROBES = [
    probe(0.0),
    probe(0.1),
    probe(100.0),
    probe(0.001, optimizer="adam"),
    probe(0.1, batch_size=40),
    probe(0.1, seed=1),
    probe(0.01, optimizer="momentum", batch_size=8),
]


@pytest.fixture(scope="module")
def both_orders(tmp_path_factory, warm):
    folder = tmp_path_factory.mktemp("orders")
    script = HERE / "scripts" / "noisy.py"
    forwards = drive(GivenProbes(PROBES, folder / "job"), script, launcher=warm)
    chosen = forwards.job.engine
    again = GivenProbes(PROBES[::-1], folder / "job", samples_kept=True, engine=chosen)
    backwards = drive(again, script, launcher=warm)
    return forwards, backwards


@pytest.mark.parametrize("number", range(len(PROBES)))
def test_a_curve_does_not_depend_on_what_ran_before_it(both_orders, number):
    forwards, backwards = (work.outcomes[PROBES[number].id].curve for work in both_orders)
    assert same_curve(forwards, backwards)


def test_seeds_make_different_curves_of_the_same_setting(both_orders):
    forwards, _ = both_orders
    first, second = (forwards.outcomes[probe(0.1, seed=seed).id].curve for seed in (0, 1))
    assert first.train_loss != second.train_loss


def test_another_seed_draws_the_weights_of_a_script_that_seeds_nothing(both_orders):
    forwards, backwards = both_orders
    weights = forwards.job.initial_weights
    assert (weights.drawn, weights.constant, weights.kept) == (5 * 8 + 8, 4 * 5 + 8 + 1, 0)
    # The validation has no dropout and no order: only the weights differ.
    first, second, adopted = (
        work.outcomes[probe(0.1, seed=seed).id].curve.val_loss[0]
        for work, seed in ((forwards, 0), (forwards, 1), (backwards, 1))
    )
    assert abs(first - second) > 0.01 * first
    assert adopted == second


def test_a_rate_far_too_high_throws_the_weights_far_away(both_orders):
    forwards, _ = both_orders
    # The script seeds nothing: where its loss ends differs from run to run, that the first steps throw it far does not.
    assert max(forwards.outcomes[probe(100.0).id].curve.train_loss) > 1e3
