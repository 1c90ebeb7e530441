"""Verdicts on curves in files: those of other programs, and those of a run's own probes."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from sweeper.classify import Context, certainty, classify, peer_noise
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


def classify_files(paths: Sequence[Path], *, prefix: float = 1.0) -> tuple[Classified, ...]:
    """Judges every curve at the paths, in their order.

    Args:
        paths: JSON lines, CSV files, TensorBoard event files or folders, run directories of sweeper or their
            results.json.
        prefix: The share of each curve that is looked at, above 0 and at most 1, rounded up to whole points.

    Raises:
        UnreadableCurves: A path holds no curve or one that cannot be understood.
        RunError: A run directory is damaged.
    """
    return tuple(one for path in paths for one in _classify_path(path, prefix))


def _classify_path(path: Path, prefix: float) -> Iterable[Classified]:
    run = path.parent if path.name == "results.json" else path
    if (run / "run.json").is_file():
        return _of_run(RunDirectory.open(run), prefix)
    if path.name == "results.json":
        raise UnreadableCurves(f"{path}: the curves are in the run directory around it, which is not there")
    return _of_curves(read_curves(path), prefix)


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


def _of_curves(curves: Sequence[ReadCurve], prefix: float) -> Iterator[Classified]:
    noises: dict[int, float | None] = {}
    for _, group in groupby(sorted(curves, key=lambda one: one.group), key=lambda one: one.group):
        peers = list(group)
        beginnings = [_beginning(one.curve, prefix) for one in peers]
        noises |= {id(one): noise for one, noise in zip(peers, peer_noise(beginnings), strict=True)}
    for one in curves:
        # A validation is customarily made after each pass over the samples.
        points = len(one.curve.val_loss)
        context = Context(
            planned_steps=one.curve.steps,
            passes=float(points) if points else None,
            val_samples=min(1, points),
            noise=noises[id(one)],
        )
        yield _judged(one.id, one.curve, prefix, null=None, context=context)


def _judged(name: str, curve: Curve, prefix: float, *, null: Curve | None, context: Context) -> Classified:
    seen = _beginning(curve, prefix)
    verdict = classify(seen, null=null, context=context)
    probability = certainty(verdict, share=seen.steps / max(curve.steps, 1)) if seen.steps else None
    return Classified(id=name, points=seen.steps, verdict=verdict, probability=probability)


def _beginning(curve: Curve, prefix: float) -> Curve:
    return curve.beginning(math.ceil(round(curve.steps * prefix, 6)))
