import math
import pickle

import optuna
import pytest
from optuna.testing.pytest_samplers import BasicSamplerTestCase, SingleOnlySamplerTestCase

from sweeper import BoundarySampler, Label

optuna.logging.set_verbosity(optuna.logging.WARNING)
EDGES = {"sgd": (3e-3, 1.0), "adam": (3e-5, 0.03)}


class TestBasic(BasicSamplerTestCase):
    @pytest.fixture
    def sampler(self):
        return BoundarySampler


class TestSingleOnly(SingleOnlySamplerTestCase):
    @pytest.fixture
    def sampler(self):
        return BoundarySampler


def loss_at(optimizer, rate):
    learns, fails = EDGES[optimizer]
    if rate >= fails:
        return math.inf
    return 2.3 if rate < learns else 1.0


def objective(trial):
    optimizer = trial.suggest_categorical("optimizer", ["sgd", "adam"])
    return loss_at(optimizer, trial.suggest_float("learning_rate", 1e-6, 10, log=True))


def tried(study, optimizer):
    return sorted(t.params["learning_rate"] for t in study.trials if t.params["optimizer"] == optimizer)


def assert_between_neighbours(rates, edge):
    below, above = max(r for r in rates if r < edge), min(r for r in rates if r >= edge)
    assert math.log10(above / below) == pytest.approx(0.1, abs=1e-4)


def test_both_edges_of_every_choice_are_found():
    study = optuna.create_study(sampler=BoundarySampler(untrained=2.3))
    study.optimize(objective, n_trials=36)
    for optimizer, edges in EDGES.items():
        for edge in edges:
            assert_between_neighbours(tried(study, optimizer), edge)


def test_a_row_without_open_questions_gets_rates_that_train():
    study = optuna.create_study(sampler=BoundarySampler(untrained=2.3, seed=0))
    study.optimize(objective, n_trials=60)
    last = study.trials[-10:]
    for trial in last:
        learns, fails = EDGES[trial.params["optimizer"]]
        assert learns <= trial.params["learning_rate"] < fails
    assert {trial.params["optimizer"] for trial in last} == set(EDGES)


def test_no_rate_leaves_the_range_of_the_objective():
    study = optuna.create_study(sampler=BoundarySampler(untrained=2.3))
    study.optimize(lambda trial: trial.suggest_float("learning_rate", 1.1e-4, 9e-2, log=True) * 0 + 1, n_trials=30)
    assert all(1.1e-4 <= trial.params["learning_rate"] <= 9e-2 for trial in study.trials)


def test_batch_sizes_are_neighbours():
    def objective(trial):
        trial.suggest_categorical("batch_size", [8, 32, 128])
        return loss_at("sgd", trial.suggest_float("learning_rate", 1e-6, 10, log=True))

    study = optuna.create_study(sampler=BoundarySampler(untrained=2.3))
    study.optimize(objective, n_trials=40)
    for size in (8, 32, 128):
        rates = [t.params["learning_rate"] for t in study.trials if t.params["batch_size"] == size]
        for edge in EDGES["sgd"]:
            assert_between_neighbours(rates, edge)


def test_a_study_that_is_loaded_again_goes_on_alike():
    storage = optuna.storages.InMemoryStorage()
    whole = optuna.create_study(sampler=BoundarySampler(untrained=2.3))
    whole.optimize(objective, n_trials=20)
    for _ in range(2):
        part = optuna.create_study(
            study_name="s", storage=storage, sampler=BoundarySampler(untrained=2.3), load_if_exists=True
        )
        part.optimize(objective, n_trials=10)
    assert [t.params for t in part.trials] == [t.params for t in whole.trials]


def test_trials_that_run_at_once_try_different_rates():
    study = optuna.create_study(sampler=BoundarySampler(untrained=2.3))
    trials = [study.ask() for _ in range(2)]
    rates = {trial.suggest_float("learning_rate", 1e-6, 10, log=True) for trial in trials}
    assert len(rates) == 2


def test_a_rate_of_another_kind_is_left_to_the_other_sampler():
    study = optuna.create_study(sampler=BoundarySampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("learning_rate", 0, 1), n_trials=5)
    assert len({trial.params["learning_rate"] for trial in study.trials}) == 5


def test_in_a_study_that_maximizes_values_above_the_untrained_one_train():
    def objective(trial):
        loss = loss_at("adam", trial.suggest_float("learning_rate", 1e-6, 10, log=True))
        return math.nan if math.isinf(loss) else (0.1 if loss > 2 else 0.9)

    study = optuna.create_study(direction="maximize", sampler=BoundarySampler(untrained=0.1))
    study.optimize(objective, n_trials=18)
    rates = [trial.params["learning_rate"] for trial in study.trials]
    for edge in EDGES["adam"]:
        assert_between_neighbours(rates, edge)


def test_reported_losses_are_judged_as_a_curve():
    def objective(trial):
        rate = trial.suggest_float("learning_rate", 1e-6, 10, log=True)
        loss = 2.3
        for step in range(60):
            trial.report(loss + 0.001 * (step % 3), step)
            loss = loss * 1.2 if rate > 0.1 else loss * 0.98 if rate > 1e-4 else loss
        return 0.0

    study = optuna.create_study(sampler=BoundarySampler())
    study.optimize(objective, n_trials=20)
    rates = [trial.params["learning_rate"] for trial in study.trials]
    assert_between_neighbours(rates, 0.1000001)
    assert_between_neighbours(rates, 1.000001e-4)


def test_the_objective_may_name_the_verdict():
    def objective(trial):
        rate = trial.suggest_float("learning_rate", 1e-6, 10, log=True)
        trial.set_user_attr("verdict", Label.HEALTHY if rate < 0.02 else "diverged")
        return 1.0

    study = optuna.create_study(sampler=BoundarySampler())
    study.optimize(objective, n_trials=20)
    assert_between_neighbours([trial.params["learning_rate"] for trial in study.trials], 0.02)


def test_an_unknown_verdict_is_an_error_that_names_the_known_ones():
    study = optuna.create_study(sampler=BoundarySampler())
    trial = study.ask()
    trial.suggest_float("learning_rate", 1e-6, 10, log=True)
    trial.set_user_attr("verdict", "good")
    study.tell(trial, 1.0)
    with pytest.raises(ValueError, match="trial 0 = 'good'; must be one of diverged, stalled"):
        study.ask().suggest_float("learning_rate", 1e-6, 10, log=True)


def test_an_impossible_resolution_is_an_error():
    with pytest.raises(ValueError, match="resolution = 0; must be above 0"):
        BoundarySampler(resolution=0)


def test_it_can_be_sent_to_another_process():
    assert pickle.loads(pickle.dumps(BoundarySampler(untrained=2.3)))
