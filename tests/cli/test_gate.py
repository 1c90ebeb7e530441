import pytest

from sweeper.cli._gate import gate, gated
from sweeper.errors import ExitStatus
from sweeper.recommendation import Standing
from sweeper.settings import FailOn
from tests.cli.fake_library import FakeLibrary
from tests.reporting import samples


def results_of(sample):
    return FakeLibrary(sample=sample).rebuild(None).results


def standing(results, value):
    script = results.recommendation.script.model_copy(update={"standing": Standing(value)})
    advice = results.recommendation.model_copy(update={"script": script})
    return results.model_copy(update={"recommendation": advice})


def test_never_never_fails():
    assert gate(results_of(samples.all_diverged()), (FailOn.NEVER,)) == ()
    assert gate(results_of(samples.all_diverged()), ()) == ()


@pytest.mark.parametrize("value", ["near_edge", "too_low", "too_high", "unknown"])
def test_unsafe_fails_unless_the_scripts_setting_is_safe(value):
    (reason,) = gate(standing(results_of(samples.usual()), value), (FailOn.UNSAFE,))
    assert reason.startswith("unsafe: Your 1e-2 is")


def test_unsafe_passes_when_the_scripts_setting_is_safe():
    assert gate(standing(results_of(samples.usual()), "safe"), (FailOn.UNSAFE,)) == ()


def test_unsafe_fails_when_nothing_is_known_of_the_scripts_setting():
    (reason,) = gate(results_of(samples.nothing_trained()), (FailOn.UNSAFE,))
    assert "could not be placed" in reason


def test_no_safe_range_fails_only_when_no_row_has_one():
    assert gate(results_of(samples.usual()), (FailOn.NO_SAFE_RANGE,)) == ()
    (reason,) = gate(results_of(samples.all_diverged()), (FailOn.NO_SAFE_RANGE,))
    assert reason == "no-safe-range: none of 1 rows of the map has a stable rate"


def test_any_failure_names_the_first_failed_probe():
    (reason,) = gate(results_of(samples.usual()), (FailOn.ANY_FAILURE,))
    assert reason.startswith("any-failure: 3 of 126 probes failed, the first ")
    assert gate(results_of(samples.one_cell()), (FailOn.ANY_FAILURE,)) == ()


def test_each_condition_that_holds_gives_a_reason():
    conditions = (FailOn.UNSAFE, FailOn.NO_SAFE_RANGE, FailOn.ANY_FAILURE)
    assert len(gate(results_of(samples.all_diverged()), conditions)) == 2


def test_only_a_run_that_ended_well_can_fail_the_gate():
    assert gated(ExitStatus.DONE, ("why",)) is ExitStatus.GATE_FAILED
    assert gated(ExitStatus.DONE, ()) is ExitStatus.DONE
    assert gated(ExitStatus.INTERRUPTED, ("why",)) is ExitStatus.INTERRUPTED
