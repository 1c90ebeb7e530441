"""A sampler that finds, for each combination of the other parameters, between which learning rates training works.

It is the boundary search of `sweeper probe` for an objective of one's own:

```python
import optuna
from sweeper import BoundarySampler


def objective(trial):
    optimizer = trial.suggest_categorical("optimizer", ["sgd", "adam"])
    rate = trial.suggest_float("learning_rate", 1e-6, 10, log=True)  # after the others: they say which row it is
    return train(optimizer, rate)  # the final loss


study = optuna.create_study(sampler=BoundarySampler(untrained=2.303))
study.optimize(objective, n_trials=40)
```

A study never forgets: the sampler keeps no state but the random numbers of the sampler behind it, so a study that is
loaded from a storage goes on where it was.
"""

from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from sweeper.sampler._rows import Names, rows_of
from sweeper.sampler._verdicts import Judgement
from sweeper.search import OpenRow


class BoundarySampler(BaseSampler):
    """Suggests learning rates by halving towards the edges of what trains.

    Rows are the combinations of the other parameters suggested before the rate. Categorical ones are taken in turn,
    those with open questions first; all others come from `others`. When a row has no open question, rates come from
    `others`, within the rates that train.

    A trial is judged by its user attribute `verdict` where it has one; else by its reported values, which must be
    training losses from before the first update on (in studies that minimize); else by its value: diverged when it is
    not finite, worse than `untrained`, or the trial failed or was pruned; stalled when it equals `untrained`.
    """

    def __init__(
        self,
        *,
        rate: str = "learning_rate",
        batch_size: str = "batch_size",
        resolution: float = 0.1,
        untrained: float | None = None,
        others: BaseSampler | None = None,
        seed: int | None = None,
    ) -> None:
        """Makes a sampler for studies with one objective.

        Args:
            rate: The parameter that is searched; it must be suggested with `log=True` and after the others.
            batch_size: The parameter whose rows are neighbours by size.
            resolution: Decades between neighbouring rates.
            untrained: The value of a model that has learned nothing, such as the logarithm of the number of classes.
                Without it no value counts as stalled, so that only the upper edge is found, unless trials say more.
            others: Samples every other parameter; `RandomSampler` by default.
            seed: For the random numbers of the default `others`.

        Raises:
            ValueError: The resolution is not above 0 and at most 1.
        """
        if not 0 < resolution <= 1:
            raise ValueError(f"resolution = {resolution}; must be above 0 and at most 1 (decades), such as 0.1.")
        self._names = Names(rate=rate, batch_size=batch_size)
        self._resolution = resolution
        self._untrained = untrained
        self._others = others or RandomSampler(seed=seed)

    def reseed_rng(self) -> None:
        """Gives the sampler of the other parameters new random numbers."""
        self._others.reseed_rng()

    def infer_relative_search_space(
        self,
        study: Study,  # noqa: ARG002
        trial: FrozenTrial,  # noqa: ARG002
    ) -> dict[str, BaseDistribution]:
        """An empty search space: parameters are suggested one after the other, so that a rate knows its row."""
        return {}

    def sample_relative(
        self,
        study: Study,
        trial: FrozenTrial,  # noqa: ARG002
        search_space: dict[str, BaseDistribution],  # noqa: ARG002
    ) -> dict[str, Any]:
        """No values: each parameter is suggested alone; raises `ValueError` for a study with several objectives."""
        self._raise_error_if_multi_objective(study)
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """The value of one parameter; raises `ValueError` for a study with several objectives."""
        self._raise_error_if_multi_objective(study)
        if param_name == self._names.rate and _is_rate(param_distribution):
            assert isinstance(param_distribution, FloatDistribution)
            return self._rate(study, trial, param_distribution)
        if isinstance(param_distribution, CategoricalDistribution):
            return self._choice(study, trial, param_name, param_distribution)
        return self._others.sample_independent(study, trial, param_name, param_distribution)

    def _rate(self, study: Study, trial: FrozenTrial, distribution: FloatDistribution) -> float:
        row = self._rows(study, trial, distribution)[self._names.row(trial.params)]
        running = _running_rates(study, trial, self._names)
        rates = [rate for rate in row.rates if distribution.low <= rate <= distribution.high]
        if rates:
            return next((rate for rate in rates if (row.optimizer, row.batch_size, rate) not in running), rates[0])
        low, high = row.trains or (distribution.low, distribution.high)
        within = FloatDistribution(max(low, distribution.low), min(high, distribution.high), log=True)
        if within.single():
            return within.low
        return float(self._others.sample_independent(study, trial, self._names.rate, within))

    def _choice(self, study: Study, trial: FrozenTrial, name: str, distribution: CategoricalDistribution) -> Any:
        """The choice whose rows need trials most: new ones, then open ones, the least tried first."""
        trials = [other for other in study.get_trials(deepcopy=False) if _begins_like(trial, other, name)]
        range_ = next((d for other in trials if _is_rate(d := other.distributions.get(self._names.rate))), None)
        rows = self._rows(study, None, range_) if isinstance(range_, FloatDistribution) else {}

        def need(choice: Any) -> tuple[bool, int]:
            same = [other for other in trials if other.params[name] == choice]
            tried = [row for other in same if (row := rows.get(self._names.row(other.params))) is not None]
            return bool(tried) and not any(row.rates for row in tried), len(same)

        return min(distribution.choices, key=need)

    def _rows(
        self, study: Study, trial: FrozenTrial | None, range_: FloatDistribution
    ) -> dict[tuple[str, int], OpenRow]:
        return rows_of(
            () if trial is None else (trial.params,),
            study.get_trials(deepcopy=False),
            names=self._names,
            range_=range_,
            resolution=self._resolution,
            judgement=Judgement(minimize=study.direction is not StudyDirection.MAXIMIZE, untrained=self._untrained),
        )


def _is_rate(distribution: BaseDistribution | None) -> bool:
    return isinstance(distribution, FloatDistribution) and distribution.log


def _begins_like(trial: FrozenTrial, other: FrozenTrial, name: str) -> bool:
    """Whether another trial has a parameter and what this trial has so far."""
    same = all(other.params.get(key) == value for key, value in trial.params.items())
    return other.number != trial.number and name in other.params and same


def _running_rates(study: Study, trial: FrozenTrial, names: Names) -> set[tuple[str, int, float]]:
    """The rates that other workers try now, with their rows."""
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    return {
        (*names.row(other.params), float(f"{other.params[names.rate]:.6g}"))
        for other in running
        if other.number != trial.number and names.rate in other.params
    }
