"""Which number is the loss of a step: what its gradients were taken of, and which of its log entries equals that.

The rule. What the gradients that were applied were taken of is the loss: the sum over several such losses, the mean
over updates from one line for the same weights. The logs' `loss` counts in its place where it is the same but for a
constant factor (a loss divided for accumulated gradients, say), or where it is one of several losses. Without any
gradient that can be seen the logs count: `loss`, else what is named a total loss, else the sum of all that is named
after a loss.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sweeper.findings import OTHER_LOSS_LOGGED, WHICH_LOSS, Finding
from sweeper.text import capital

LOSS_KEY = "loss"
SAME = 1e-5
"""Relative difference up to which two losses of one step are the same number."""
ROUNDED = 2e-3
"""Relative difference up to which they are the same number where half precision rounds them."""
VARIES = 1e-3
"""Relative difference of the losses of two batches from which a constant factor can be told from a constant term."""
SAME_FACTOR = 1e-3
"""Part of that difference up to which the factor of the two is the same."""
_NO_LOSSES = {"scale", "scaling", "weight", "weights", "factor", "coef", "coeff", "ratio", "rate", "step", "count"}
"""Words that, behind `loss`, name something about a loss."""
_TOTALS = {"total", "overall", "sum", "full", "combined"}
_MOST_KEYS = 4
"""Log entries that a sentence names."""


class NoLoss(Exception):
    """Nothing can be seen of the loss of a step: neither a gradient of it, nor a log entry that is named after one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossSource:
    """Where the loss of a step comes from."""

    from_logs: bool
    keys: tuple[str, ...] = ()
    """Log entries whose sum it is; none where it is no such sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenStep:
    """The logs of one step at rate 0, and the losses that its gradients were taken of."""

    logs: Mapping[str, float]
    parts: tuple[float, ...]
    """Each loss that gradients were taken of; none where none could be seen."""

    @property
    def trained(self) -> float:
        """The loss that the gradient of the step was taken of."""
        return sum(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The source of a job's losses, with the finding about it if there is one."""

    source: LossSource
    said: str = ""
    """A sentence for the job's changes; empty where the logs' `loss` is what is trained."""
    finding: Finding | None = None
    """A finding with the content of `said`, for readers of findings only."""


def loss_keys(names: Sequence[str]) -> tuple[str, ...]:
    """The entries of logs whose sum is the loss by their names alone; empty where none is named after a loss."""
    if LOSS_KEY in names:
        return (LOSS_KEY,)
    named = [name for name in sorted(names) if _is_named_loss(name)]
    totals = [name for name in named if _TOTALS & set(_words(name))]
    return tuple(totals[:1] or named)


def loss_in(logs: Any, keys: Sequence[str] = ()) -> Any:
    """The loss among what a step returned: the sum of `keys` where it has all of them, else by the names alone."""
    if not isinstance(logs, Mapping):
        return logs
    found = tuple(keys) if keys and all(key in logs for key in keys) else loss_keys(tuple(map(str, logs)))
    if not found:
        returned = ", ".join(map(repr, logs)) or "nothing"
        raise NoLoss(f"it returns {returned}, none of it named after a loss")
    values = [logs[key] for key in found]
    return sum(values[1:], start=values[0])


def choose_source(steps: Sequence[SeenStep], places: Sequence[str], *, replicas: int = 1) -> Choice:
    """The source of the losses of a training, from steps at rate 0; `places` are the lines that took the gradients."""
    choice = _choose(steps, places, replicas)
    if choice.said and choice.finding is None:
        return replace(choice, finding=_found_otherwise(choice.said, places))
    return choice


def _choose(steps: Sequence[SeenStep], places: Sequence[str], replicas: int) -> Choice:
    names = tuple(steps[0].logs)
    if not steps[0].parts:
        return _by_names(names)
    if _agree([(step.logs.get(LOSS_KEY, math.nan), step.trained) for step in steps], within=ROUNDED):
        return Choice(source=LossSource(from_logs=False, keys=(LOSS_KEY,)))
    if LOSS_KEY in names:
        return _beside_the_logs(steps, places, replicas)
    taken = f"the train_step returns no loss by that name ({_listed(names)}); {_taken_at(places)}"
    same = [name for name in sorted(names, key=_by_likeness) if _agree([(s.logs[name], s.trained) for s in steps])]
    named = tuple(name for name in sorted(names) if _is_named_loss(name))
    if same:
        return Choice(
            source=LossSource(from_logs=False, keys=(same[0],)), said=f"{taken}, which it returns as {same[0]!r}"
        )
    if len(named) > 1 and _agree([(sum(step.logs[name] for name in named), step.trained) for step in steps]):
        return Choice(
            source=LossSource(from_logs=False, keys=named), said=f"{taken}, which is the sum of {_listed(named)}"
        )
    return Choice(source=LossSource(from_logs=False), said=taken)


def _by_names(names: Sequence[str]) -> Choice:
    """The source of the loss where no gradient could be seen."""
    keys = loss_keys(names)
    if keys == (LOSS_KEY,):
        return Choice(source=LossSource(from_logs=True, keys=keys))
    which = repr(keys[0]) if len(keys) == 1 else f"the sum of {_listed(keys)}"
    said = f"the train_step returns no loss by that name ({_listed(names)}), so the loss of a step is {which}"
    return Choice(source=LossSource(from_logs=True, keys=keys), said=said)


def _beside_the_logs(steps: Sequence[SeenStep], places: Sequence[str], replicas: int) -> Choice:
    """The source of the loss where gradients were taken of another number than the loss in the logs."""
    logged, trained = [step.logs[LOSS_KEY] for step in steps], [step.trained for step in steps]
    by_logs = LossSource(from_logs=True, keys=(LOSS_KEY,))
    if replicas > 1 and _agree([(one * replicas, other) for one, other in zip(logged, trained, strict=True)]):
        return Choice(source=by_logs)
    part = next((n for n in range(len(places)) if _agree([(s.logs[LOSS_KEY], s.parts[n]) for s in steps])), None)
    if part is not None and len(places) > 1:
        others = [place for number, place in enumerate(places) if number != part]
        said = f"gradients are taken of {len(places)} losses; shown is the one that train_step returns as 'loss'"
        return Choice(source=by_logs, said=f"{said} ({_place(places[part])}), not that of {_listed_places(others)}")
    factor = _constant_factor(trained, logged)
    if factor is not None:
        at = _listed_places(places)
        said = f"shown is the 'loss' that train_step returns; its gradient is taken of {factor:.6g} times it ({at})"
        return Choice(source=by_logs, said=said)
    return Choice(
        source=LossSource(from_logs=False),
        said=f"{_taken_at(places)}, and not the logs' 'loss' ({trained[0]:.6g} and {logged[0]:.6g} in the first step)",
        finding=_other_loss(logged[0], trained[0], places),
    )


def _found_otherwise(said: str, places: Sequence[str]) -> Finding:
    return WHICH_LOSS.found(
        evidence=f"{capital(said)}.",
        location=_location(places),
        remedy="Nothing need be done if that is the number you mean: curves and verdicts are of it.",
    )


def _other_loss(logged: float, trained: float, places: Sequence[str]) -> Finding:
    return OTHER_LOSS_LOGGED.found(
        evidence=f"In the first step train_step returns a loss of {logged:.6g}, and its gradient was taken of "
        f"{trained:.6g}.",
        location=_location(places),
        remedy="Curves and verdicts are of the loss that is trained; the validation loss is the one that test_step "
        "returns. If train_step returns another number on purpose (without a penalty, say, or a running mean), nothing "
        "need be done; else return what the gradient is taken of as 'loss'.",
    )


def _agree(pairs: Sequence[tuple[float, float]], *, within: float = SAME) -> bool:
    return all(math.isclose(one, other, rel_tol=within, abs_tol=1e-9) for one, other in pairs)


def _constant_factor(trained: Sequence[float], logged: Sequence[float]) -> float | None:
    """What the logged loss is multiplied by to give the trained one; None where that is not the same in all steps."""
    if len(logged) < 2 or not all(map(math.isfinite, (*trained, *logged))) or not all(logged):  # noqa: PLR2004
        return None
    varies = abs(logged[1] - logged[0]) / abs(logged[0])
    factors = [one / other for one, other in zip(trained, logged, strict=True)]
    same = max(abs(factor - factors[0]) for factor in factors) <= SAME_FACTOR * varies * abs(factors[0])
    return factors[0] if varies > VARIES and factors[0] and same else None


def _is_named_loss(name: str) -> bool:
    words = _words(name)
    after = [set(words[place + 1 :]) for place, word in enumerate(words) if word.rstrip("0123456789").endswith("loss")]
    if after:
        return not after[0] & _NO_LOSSES
    return any(word in {"losses", "elbo", "nll"} for word in words)


def _words(name: str) -> list[str]:
    """The words of a name in lower case, written with underscores, points, slashes or in capitals."""
    return [word for word in re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()) if word]


def _by_likeness(name: str) -> tuple[bool, bool, str]:
    """Orders names that agree in their values: totals first, then other losses."""
    return not _TOTALS & set(_words(name)), not _is_named_loss(name), name


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:_MOST_KEYS]))
    return f"{shown} and {len(names) - _MOST_KEYS} more" if len(names) > _MOST_KEYS else shown or "nothing"


def _taken_at(places: Sequence[str]) -> str:
    return f"the loss of a step is what its gradient is taken of ({_listed_places(places)})"


def _listed_places(places: Sequence[str]) -> str:
    return " + ".join(dict.fromkeys(map(_place, places)))


def _location(places: Sequence[str]) -> str:
    """The first of the lines in the user's code."""
    return next((place for place in places if ":" in place), "")


def _place(place: str) -> str:
    return place or "a library's train_step"
