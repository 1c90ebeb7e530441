"""A study as rows of a map: every combination of the other parameters is a row of learning rates."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial

from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.sampler._verdicts import Judgement
from sweeper.search import OpenRow, open_rows
from sweeper.space import OptimizerChoice, Space
from sweeper.verdict import Judged

Parameters: TypeAlias = Mapping[str, Any]

_STEPS = 1
"""Trials do not say how many updates they made, and the search does not ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The parameters that mean something to the search."""

    rate: str
    batch_size: str

    def row(self, parameters: Parameters) -> tuple[str, int]:
        """Label and batch size of the row to which a trial with these parameters belongs."""
        size = parameters.get(self.batch_size)
        sized = isinstance(size, int) and size > 0
        left_out = {self.rate, self.batch_size} if sized else {self.rate}
        others = {name: parameters[name] for name in sorted(parameters) if name not in left_out}
        return json.dumps(others, default=repr), size if isinstance(size, int) and sized else 1


def rows_of(
    parameters: Sequence[Parameters],
    trials: Iterable[FrozenTrial],
    *,
    names: Names,
    range_: FloatDistribution,
    resolution: float,
    judgement: Judgement,
) -> dict[tuple[str, int], OpenRow]:
    """What is open in each row, by label and batch size.

    Args:
        parameters: Those of rows without a trial; their learning rate is not read.
        trials: The trials so far; those that still run are left out.
        names: The parameters that mean something to the search.
        range_: The learning rates that may be suggested.
        resolution: Decades between neighbouring rates.
        judgement: How trials are judged.
    """
    known = [trial for trial in trials if names.rate in trial.params and trial.params[names.rate] > 0]
    keys = dict.fromkeys(names.row(given) for given in (*(trial.params for trial in known), *parameters))
    sizes = tuple(sorted({size for _, size in keys}))
    space = Space(
        optimizers=tuple(OptimizerChoice(label=label, name=label) for label in dict.fromkeys(key[0] for key in keys)),
        learning_rates=(range_.low, range_.high),
        batch_sizes=sizes,
        seeds=(0,),
        steps=(_STEPS,) * len(sizes),
        resolution=resolution,
    )
    judged = tuple(_judged(trial, names, judgement) for trial in known if trial.state.is_finished())
    found = {(one.optimizer, one.batch_size): one for one in open_rows(space, judged)}
    return {key: found[key] for key in keys}


def _judged(trial: FrozenTrial, names: Names, judgement: Judgement) -> Judged:
    label, size = names.row(trial.params)
    rate = float(f"{trial.params[names.rate]:.6g}")
    probe = Probe(optimizer=label, learning_rate=rate, batch_size=size, seed=0, steps=_STEPS)
    return Judged(outcome=Outcome(probe=probe, kind=OutcomeKind.COMPLETED), verdict=judgement.verdict(trial))
