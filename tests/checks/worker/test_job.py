"""The facts of a fit call with the rate at which its script really trains."""

from sweeper.checks.diagnose import RateFacts
from sweeper.checks.diagnose._model import rate_range
from sweeper.checks.worker._job import with_own_rate
from sweeper.job import OptimizerInfo
from tests.checks.diagnose.made import facts

COMPILED = facts(rate=RateFacts(optimizer="Adam", rate=10.0, clips=True))


def test_the_rate_of_a_callback_takes_the_place_of_the_compiled_one():
    found = with_own_rate(COMPILED, OptimizerInfo(name="Adam", learning_rate=1e-3, schedule="WarmUp"))
    assert found.rate == RateFacts(optimizer="Adam", rate=1e-3, schedule="WarmUp", clips=True)
    assert rate_range.look(COMPILED).code == "SW413"
    assert rate_range.look(found) is None


def test_an_unknown_rate_is_not_judged():
    found = with_own_rate(COMPILED, OptimizerInfo(name="Adam", learning_rate=None, unknown="Search raises it"))
    assert rate_range.look(found).why == "the learning rate cannot be read"
