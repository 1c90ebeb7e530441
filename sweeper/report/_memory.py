"""The part of the results document that a batch-size search fills."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from sweeper.memory import FitFacts, MemoryFit, MemoryPoint, MemoryReport, Trial
from sweeper.report._values import LOG_TAIL_CHARACTERS, picked

MemoryBand: TypeAlias = Sequence[tuple[int, float, float, float]]
"""Batch size, predicted peak, and the lowest and highest peak that are likely there; by ascending batch size."""

_ACCUMULATION = "effective_batch batch_size steps tried sentence"
_PRECISION = (
    "batch_size precision peak_bytes own_peak_bytes samples_per_second own_samples_per_second "
    "verdicts_same verdicts_compared sentence"
)


def memory_document(report: MemoryReport, band: MemoryBand) -> dict[str, Any]:
    """What a batch-size search found, as values of the results document."""
    limit, advice = report.limit, report.advice
    accumulation, precision = advice.accumulation, report.precision
    return {
        "limit_bytes": limit.limit_bytes,
        "limit_source": limit.source,
        "limit_kind": limit.kind,
        "others": limit.others,
        "headroom": report.headroom,
        **picked(advice, "largest_that_fits bound knee noise_scale recommended reasons"),
        "points": [picked(point, "batch_size peak_bytes") for point in _points(report)],
        "fit": None if report.fit is None else _fit(report.fit, band),
        "trials": [_trial(trial) for trial in report.trials],
        "speeds": [{"batch_size": size, "samples_per_second": speed} for size, speed in _speeds(report.trials).items()],
        "accumulation": None if accumulation is None else picked(accumulation, _ACCUMULATION),
        "elsewhere": [picked(item, "limit_bytes batch_size sentence") for item in advice.elsewhere],
        "precision": None if precision is None else picked(precision, _PRECISION),
        **_facts(report.facts),
    }


def _facts(facts: FitFacts) -> dict[str, Any]:
    return {
        **picked(facts, "fit_site model parameters optimizer"),
        "own_batch_size": facts.batch_size,
        "own_precision": facts.precision,
        **picked(facts, "batch_size_fixed samples data largest_sample backend device xla"),
        "estimate": {
            **picked(facts, "weight_bytes gradient_bytes slot_bytes"),
            "activation_bytes_per_sample": facts.activation_bytes,
            "sample_bytes": facts.sample_bytes,
        },
        "changes": [picked(change, "what detail") for change in facts.changes],
    }


def _fit(fit: MemoryFit, band: MemoryBand) -> dict[str, Any]:
    names = ("batch_size", "peak_bytes", "low_bytes", "high_bytes")
    return {
        **picked(fit, "base_bytes bytes_per_sample spread_bytes curved source"),
        "band": [dict(zip(names, numbers, strict=True)) for numbers in band],
    }


def _points(report: MemoryReport) -> tuple[MemoryPoint, ...]:
    """The points of the fit; without one, the steady peak of each size that passed."""
    if report.fit is not None:
        return report.fit.points
    peaks = {
        trial.request.batch_size: trial.measured.steady_peak_bytes
        for trial in report.trials
        if trial.passed and _is_plain(trial) and trial.measured.steady_peak_bytes is not None
    }
    return tuple(MemoryPoint(batch_size=size, peak_bytes=peak) for size, peak in sorted(peaks.items()))


def _trial(trial: Trial) -> dict[str, Any]:
    request, measured = trial.request, trial.measured
    speeds = {speed.batch_size: speed.samples_per_second for speed in trial.extras.speeds}
    return {
        "number": trial.number,
        **picked(request, "batch_size goal accumulation precision"),
        "outcome": measured.kind,
        **picked(measured, "stage peak_bytes steady_peak_bytes host_peak_bytes start_bytes steps"),
        "samples_per_second": speeds.get(request.batch_size),
        "seconds": trial.seconds,
        "cause": measured.cause,
        "log_tail": measured.log_tail[-LOG_TAIL_CHARACTERS:],
    }


def _speeds(trials: Sequence[Trial]) -> dict[int, float]:
    """Samples per second by ascending batch size; of several readings the fastest, for others only slow a step down."""
    best: dict[int, float] = {}
    for trial in trials:
        for speed in trial.extras.speeds if _is_plain(trial) else ():
            best[speed.batch_size] = max(speed.samples_per_second, best.get(speed.batch_size, 0.0))
    return dict(sorted(best.items()))


def _is_plain(trial: Trial) -> bool:
    """Whether it trained as the script does, only with another batch size."""
    return trial.request.accumulation == 1 and trial.request.precision is None
