"""Memory trials of real scripts: what they tell about the fit call, measure and time."""

from pathlib import Path

import pytest

from sweeper.batch_size.driver import TrialOrder, TrialRunner, host_limit
from sweeper.execute import LocalLauncher, StopLevel, Timeouts, make_slots
from sweeper.probes import OutcomeKind
from sweeper.protocol import Start
from sweeper.settings import EarlierFits
from sweeper.trial import Goal, Stage, TrialRequest

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).parent / "scripts" / "wide.py"
MB = 1_000_000
WIDTH, INPUTS, CLASSES = 1024, 8, 2
PARAMETERS = INPUTS * WIDTH + WIDTH + WIDTH * WIDTH + WIDTH + WIDTH * CLASSES + CLASSES


@pytest.fixture
def trial(tmp_path):
    def run(mode, size, *, launcher=None, backend=None, script=SCRIPT, **asked):
        facts = []

        def decide(given):
            facts.append(given)
            request = TrialRequest(batch_size=size, goal=Goal.MEASURE, **asked)
            return TrialOrder(request=request, limit=host_limit(None))

        start = Start(
            target=str(script),
            script_args=(mode,),
            fit=None,
            data=None,
            earlier_fits=EarlierFits.SHORT,
            scratch=str(tmp_path / "scratch"),
        )
        runner = TrialRunner(
            launcher or LocalLauncher(),
            slot=make_slots(workers=1, gpus="none", backend=backend, environ={})[0],
            logs=tmp_path,
            timeouts=Timeouts(start=120, probe=None),
            host=host_limit(None),
            stop_level=lambda: StopLevel.RUN,
            note=print,
        )
        return facts, runner.run(start, number=1, decide=decide)

    return run


def test_a_trial_tells_the_facts_and_measures_memory_speed_and_gradients(trial):
    (facts,), done = trial("arrays", 10_000, speed_sizes=(250, 10_000), noise_sizes=(32, 512))
    measured = done.measured
    assert (measured.kind, measured.stage, measured.cause) == (OutcomeKind.COMPLETED, Stage.DONE, "")
    assert (facts.parameters, facts.samples, facts.batch_size) == (PARAMETERS, 24_000, 50)
    assert facts.weight_bytes == facts.gradient_bytes == 4 * PARAMETERS
    assert facts.slot_bytes == pytest.approx(8 * PARAMETERS, rel=1e-3)
    # Weights and slots are there after the first step, and the two wide activations of each sample.
    least = 12 * PARAMETERS + 10_000 * 2 * WIDTH * 4
    assert measured.start_bytes + 0.8 * least < measured.steady_peak_bytes <= measured.peak_bytes
    assert [speed.batch_size for speed in done.extras.speeds] == [250, 10_000]
    assert all(speed.samples_per_second > 0 for speed in done.extras.speeds)
    small, large = done.extras.norms
    assert (small.batch_size, large.batch_size) == (32, 512)
    assert small.mean_square > large.mean_square > 0


def test_a_size_that_other_work_slowed_down_is_timed_again(trial, warm):
    busy = SCRIPT.with_name("busy.py")
    _, done = trial("", 512, launcher=warm, script=busy, speed_sizes=(16, 64, 512))
    readings = {speed.batch_size: speed.readings for speed in done.extras.speeds}
    assert list(readings) == [16, 64, 512]
    assert readings[64] > 1


def test_a_pipeline_is_batched_anew_and_memory_grows_with_the_batch(trial):
    (facts,), small = trial("pipeline", 50)
    _, large = trial("pipeline", 20_000)
    assert (facts.data, facts.batch_size, facts.samples) == ("tf.data pipeline", 50, 25_000)
    assert large.measured.kind is OutcomeKind.COMPLETED
    grown = large.measured.steady_peak_bytes - small.measured.steady_peak_bytes
    assert grown > 0.8 * 19_950 * 2 * WIDTH * 4


def test_an_error_of_the_script_at_one_size_is_told_with_its_words(trial, warm):
    _, done = trial("fussy", 200, launcher=warm)
    assert (done.measured.kind, done.measured.stage) == (OutcomeKind.ERROR, Stage.TRAINING)
    assert "too many samples at once" in done.measured.log_tail
    assert "wide.py" in done.measured.log_tail


def test_on_jax_the_compiler_tells_the_memory_of_sizes_that_are_not_run(trial, warm_jax):
    _, done = trial("arrays", 64, launcher=warm_jax, backend="jax", compile_sizes=(64, 1024, 4096))
    assert done.measured.kind is OutcomeKind.COMPLETED
    sizes = {compiled.batch_size: compiled.step_bytes for compiled in done.extras.compiled}
    assert list(sizes) == [64, 1024, 4096]
    each = (sizes[4096] - sizes[1024]) / 3072
    assert each == pytest.approx((sizes[1024] - sizes[64]) / 960, rel=0.2)
    assert each > 2 * WIDTH * 4
