"""What the contenders measured, turned into figures that can be compared. Pure."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sweeper import Curve
from sweeper.classify import Context, classify

Told: TypeAlias = Mapping[str, Any]
"""What one contender reported of one run."""
Group: TypeAlias = tuple[str, int]
LIMIT, LIMIT_XLA = "graph", "graph-xla"


def costs(told: Told) -> dict[str, float]:
    """Seconds of one run: start-up, each probe without and with it, the first verdict, the whole map."""
    probes = len(told["trials"])
    ends = [trial["ended"] for trial in told["trials"]]
    return {
        "start_s": told["ready"] - told["began"],
        "probe_s": (max(ends) - told["ready"]) / probes,
        "probe_with_start_s": (told["exited"] - told["began"]) / probes,
        "first_s": min(ends) - told["began"],
        "map_s": told["exited"] - told["began"],
    }


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of each figure over the rounds."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def step_seconds(trials: Iterable[Told]) -> dict[Group, float]:
    """Seconds of a step in each group, by the median of its trials that ran to their end.

    The lower one of two: the first trial of an optimizer holds its tracing.
    """
    found: dict[Group, list[float]] = defaultdict(list)
    for trial in trials:
        if trial["steps"] == trial.get("planned_steps", trial["steps"]) and trial["steps"]:
            found[trial["optimizer"], trial["batch_size"]].append(trial["seconds"] / trial["steps"])
    return {group: statistics.median_low(values) for group, values in found.items()}


def stepping_seconds(trials: Iterable[Told]) -> dict[Group, float]:
    """Seconds of a step in each group as the worker timed steps, without all else that a probe does."""
    found: dict[Group, list[float]] = defaultdict(list)
    for trial in trials:
        if trial.get("stepping"):
            found[trial["optimizer"], trial["batch_size"]].append(1 / trial["stepping"])
    return {group: statistics.median_low(values) for group, values in found.items()}


def speed_ratios(ours: Mapping[Group, float], theirs: Mapping[Group, float]) -> list[float]:
    """Our steps a second over theirs, one number for each group that both have, ascending."""
    return sorted(theirs[group] / ours[group] for group in ours.keys() & theirs.keys())


def overhead_seconds(told: Told) -> float | None:
    """Seconds between the ends of two probes of one worker that went into neither: driver, pipes, record and study."""
    ordered = sorted(told["trials"], key=lambda trial: trial["ended"])
    if len(ordered) < 2:  # noqa: PLR2004  a gap needs two
        return None
    wall = ordered[-1]["ended"] - ordered[0]["ended"]
    return (wall - sum(trial["seconds"] for trial in ordered[1:])) / (len(ordered) - 1)


def reference_verdicts(reference: Told, *, constant_loss: float | None) -> dict[tuple[str, int, float], str]:
    """Sweeper's verdicts on the curves of plain fit, by cell."""
    curves = {_cell(trial): Curve(train_loss=tuple(trial["losses"])) for trial in reference["trials"]}
    found = {}
    for (optimizer, size, rate), curve in curves.items():
        if rate == 0:
            continue
        drawn = curve.steps * size
        context = Context(
            planned_steps=curve.steps,
            passes=drawn / reference["samples"],
            val_samples=0,
            constant_loss=constant_loss,
        )
        verdict = classify(curve, null=curves["sgd", size, 0.0], context=context)
        found[optimizer, size, rate] = verdict.label.value
    return found


def agreement(ours: Told, reference: Told) -> dict[str, Any]:
    """In how many cells sweeper's verdict is that of the reference curve, and where not: `ours / reference`."""
    theirs = reference_verdicts(reference, constant_loss=ours["constant_loss"])
    pairs = [(trial["verdict"], theirs[_cell(trial)]) for trial in ours["trials"]]
    apart = Counter(f"{a} / {b}" for a, b in pairs if a != b)
    return {"alike": len(pairs) - apart.total(), "of": len(pairs), "apart": dict(apart.most_common())}


def _cell(trial: Told) -> tuple[str, int, float]:
    return trial["optimizer"], trial["batch_size"], trial["learning_rate"]


def compared(runs: Mapping[str, Sequence[Told]]) -> dict[str, Any]:
    """Every figure of one model, from the runs of each contender."""
    good = {name: [one for one in many if one.get("trials")] for name, many in runs.items()}
    good = {name: many for name, many in good.items() if many}
    trained = {name: [trial for one in many for trial in one["trials"]] for name, many in good.items()}
    steps = {name: step_seconds(trials) for name, trials in trained.items()}
    limit, compiled = steps.get(LIMIT, {}), steps.get(LIMIT_XLA, {})
    stepping = stepping_seconds(trained.get("sweeper-1", ()))
    warm = step_seconds(trial for one in good.get("reference", ()) for trial in one["warm_fit"])
    alone = steps.get("sweeper-1", {})
    ours = good.get("sweeper-1", [])
    return {
        "contenders": {name: _contender(many, steps[name]) for name, many in good.items() if name != "reference"},
        "failed": {name: _why(many) for name, many in runs.items() if name not in good},
        "of_limit": speed_ratios(alone, limit),
        "stepping_of_limit": speed_ratios(stepping, limit),
        "stepping_of_xla": speed_ratios(stepping, compiled),
        "of_warm_fit": speed_ratios(alone, warm),
        "limit_of_warm_fit": speed_ratios(limit, warm),
        "engine": next((one["engine"] for one in ours if "engine" in one), None),
        "overhead_s": next((overhead_seconds(one) for one in ours), None),
        "agreement": agreement(ours[0], good["reference"][0]) if ours and "reference" in good else None,
        "steps_by_group": {name: {f"{o}, {b}": 1 / s for (o, b), s in found.items()} for name, found in steps.items()}
        | {"warm fit": {f"{o}, {b}": 1 / s for (o, b), s in warm.items()}},
    }


def _why(many: Sequence[Told]) -> str:
    return str(many[0].get("failed") or many[0].get("given_up") or "no trial")


def _contender(many: Sequence[Told], steps: Mapping[Group, float]) -> dict[str, Any]:
    ran = sum(trial["steps"] for trial in many[0]["trials"])
    return {
        **medians([costs(one) for one in many]),
        "probes": len(many[0]["trials"]),
        "steps_run": ran,
        "steps_per_s": statistics.median(1 / seconds for seconds in steps.values()) if steps else None,
        "peak_mib": max(one["peak_mib"] for one in many),
        "worker_peak_mib": max((one.get("worker_peak_mib", 0.0) for one in many), default=0.0),
    }
