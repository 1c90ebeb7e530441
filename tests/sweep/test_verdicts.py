import pytest

from sweeper import classify, recommend
from sweeper.batch_size import sizing
from sweeper.probes import Probe
from sweeper.sweep._verdicts import context_of
from sweeper.thresholds import described
from tests.sweep.made import job

PROBE = Probe(optimizer="script", learning_rate=0.1, batch_size=32, seed=0, steps=40)


@pytest.mark.parametrize("name", ["binary_crossentropy", "SparseCategoricalCrossentropy", "mse", "MeanSquaredError"])
def test_losses_of_keras_that_are_never_negative_are_known_by_any_of_their_names(name):
    assert context_of(PROBE, job(loss=name)).least_loss == 0.0


@pytest.mark.parametrize("name", ["cosine_similarity", "Poisson", "my_loss", ""])
def test_nothing_is_known_of_others(name):
    assert context_of(PROBE, job(loss=name)).least_loss is None


def test_no_two_thresholds_of_a_results_document_have_one_name():
    sets = (
        classify.VerdictThresholds(),
        recommend.RangeThresholds(),
        recommend.FollowUpThresholds(),
        sizing.SizeThresholds(),
    )
    names = [item.name for one in sets for item in described(one)]
    assert sorted(names) == sorted(set(names))
