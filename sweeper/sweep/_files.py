"""Verdicts on curves in files: those of other programs, and those of a run's own probes."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from sweeper.classify import Context, Reach, certainty, classify, peer_noise, reach_of
from sweeper.curve import Curve
from sweeper.readers import ReadCurve, UnreadableCurves, read_curves
from sweeper.record import RunDirectory
from sweeper.sweep._verdicts import context_of, pairing
from sweeper.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """A curve of a file with what is said of it."""

    id: str
    points: int
    """Points that were judged."""
    verdict: Verdict
    probability: float | None
    """That the verdict is that of the whole curve; None for an inconclusive one."""


def classify_files(
    paths: Sequence[Path], *, columns: Sequence[str] = (), classes: int | None = None, prefix: float = 1.0
) -> tuple[Classified, ...]:
    """Judges every curve at the paths, in their order.

    Args:
        paths: Logs of other programs, TensorBoard event files or folders, folders of MLflow, run directories of sweeper
            or their results.json.
        columns: What to read in logs, each as TRAIN or TRAIN,VAL in their own names; without any, what is named after a
            loss.
        classes: The number of classes that a cross-entropy tells apart, when it is one and that is known.
        prefix: The share of each curve that is looked at, above 0 and at most 1, rounded up to whole points.

    Raises:
        UnreadableCurves: A path holds no curve or one that cannot be understood.
        RunError: A run directory is damaged.
    """
    found = [_read(path, columns) for path in paths]
    curves = [curve for one in found if not isinstance(one, RunDirectory) for curve in one]
    judged = _of_curves(curves, prefix, constant=None if classes is None else math.log(classes))
    return tuple(
        classified
        for one in found
        for classified in (
            _of_run(one, prefix) if isinstance(one, RunDirectory) else [judged[id(curve)] for curve in one]
        )
    )


def _read(path: Path, columns: Sequence[str]) -> RunDirectory | tuple[ReadCurve, ...]:
    run = path.parent if path.name == "results.json" else path
    if (run / "run.json").is_file():
        return RunDirectory.open(run)
    if path.name == "results.json":
        raise UnreadableCurves(f"{path}: the curves are in the run directory around it, which is not there")
    return read_curves(path, columns)


def _of_run(run: RunDirectory, prefix: float) -> Iterator[Classified]:
    known = run.job()
    if known is None:
        raise UnreadableCurves(f"{run.path}: the run ended before its first probe")
    outcomes = [outcome for outcome in run.outcomes() if outcome.curve is not None]
    nulls = {pairing(outcome.probe): outcome.curve for outcome in outcomes if outcome.probe.is_null}
    for outcome in outcomes:
        if not outcome.probe.is_null and outcome.curve is not None:
            yield _judged(
                outcome.probe.id,
                outcome.curve,
                prefix,
                null=nulls.get(pairing(outcome.probe)),
                context=context_of(outcome.probe, known[0]),
            )


def _of_curves(curves: Sequence[ReadCurve], prefix: float, *, constant: float | None) -> dict[int, Classified]:
    """What is said of each curve, by its identity: next to those of the same group and metric, whatever their files."""
    judged: dict[int, Classified] = {}
    for _, group in groupby(sorted(curves, key=_job), key=_job):
        peers = list(group)
        beginnings = [_beginning(one.curve, prefix) for one in peers]
        # A curve alone says nothing of what its job allows.
        reach = reach_of(beginnings, constant=constant) if len(peers) > 1 or constant is not None else None
        for one, noise in zip(peers, peer_noise(beginnings), strict=True):
            judged[id(one)] = _judged(
                one.id, one.curve, prefix, null=None, context=_context(one, noise=noise, reach=reach, constant=constant)
            )
    return judged


def _job(one: ReadCurve) -> tuple[str, str]:
    return one.group, one.metric


def _context(one: ReadCurve, *, noise: float | None, reach: Reach | None, constant: float | None) -> Context:
    # A validation is customarily made after each pass over the samples.
    points = len(one.curve.val_loss)
    return Context(
        planned_steps=one.curve.steps,
        passes=one.passes if one.passes is not None else float(points) if points else None,
        val_samples=min(1, points),
        constant_loss=constant,
        noise=noise,
        first_is_mean=not one.from_start,
        reach=reach,
    )


def _judged(name: str, curve: Curve, prefix: float, *, null: Curve | None, context: Context) -> Classified:
    seen = _beginning(curve, prefix)
    verdict = classify(seen, null=null, context=context)
    probability = certainty(verdict, share=seen.steps / max(curve.steps, 1)) if seen.steps else None
    return Classified(id=name, points=seen.steps, verdict=verdict, probability=probability)


def _beginning(curve: Curve, prefix: float) -> Curve:
    return curve.beginning(math.ceil(round(curve.steps * prefix, 6)))
