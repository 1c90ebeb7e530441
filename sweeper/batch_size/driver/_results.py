"""The part of the results that a batch-size search fills."""

from collections.abc import Sequence

from sweeper import results
from sweeper.batch_size.sizing import peak_at, upper_peak_at
from sweeper.batch_size.values import MemoryFit, MemoryPoint, MemoryReport, Trial
from sweeper.reporting import LOG_TAIL_CHARACTERS

_BAND_POINTS = 24


def memory_results(report: MemoryReport, band: tuple[results.MemoryBand, ...]) -> results.Memory:
    """What a batch-size search found."""
    limit, advice, facts = report.limit, report.advice, report.facts
    return results.Memory(
        limit_bytes=limit.limit_bytes,
        limit_source=limit.source,
        limit_kind=limit.kind,
        others=limit.others,
        headroom=report.headroom,
        largest_that_fits=advice.largest_that_fits,
        bound=advice.bound,
        knee=advice.knee,
        noise_scale=advice.noise_scale,
        recommended=advice.recommended,
        reasons=advice.reasons,
        points=results.MemoryPoint.of_each(_points(report)),
        fit=_fit(report, band),
        trials=tuple(map(_trial, report.trials)),
        speeds=tuple(
            results.Speed(batch_size=size, samples_per_second=speed) for size, speed in _speeds(report.trials).items()
        ),
        accumulation=results.Accumulation.of_optional(advice.accumulation),
        elsewhere=results.Elsewhere.of_each(advice.elsewhere),
        precision=results.Precision.of_optional(report.precision),
        fit_site=facts.fit_site,
        model=facts.model,
        parameters=facts.parameters,
        optimizer=facts.optimizer,
        own_batch_size=facts.batch_size,
        own_precision=facts.precision,
        batch_size_fixed=facts.batch_size_fixed,
        samples=facts.samples,
        data=facts.data,
        largest_sample=facts.largest_sample,
        backend=facts.backend,
        device=facts.device,
        xla=facts.xla,
        estimate=results.Estimate.of(facts),
        changes=results.Change.of_each(facts.changes),
    )


def _fit(report: MemoryReport, band: tuple[results.MemoryBand, ...]) -> results.MemoryFit | None:
    fit = report.fit
    if fit is None:
        return None
    return results.MemoryFit(
        base_bytes=fit.base_bytes,
        bytes_per_sample=fit.bytes_per_sample,
        spread_bytes=fit.spread_bytes,
        curved=fit.curved,
        source=fit.source,
        band=band,
    )


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


def _trial(trial: Trial) -> results.Trial:
    request, measured = trial.request, trial.measured
    speeds = {speed.batch_size: speed.samples_per_second for speed in trial.extras.speeds}
    return results.Trial(
        number=trial.number,
        batch_size=request.batch_size,
        goal=request.goal,
        accumulation=request.accumulation,
        precision=request.precision,
        outcome=measured.kind,
        stage=measured.stage,
        peak_bytes=measured.peak_bytes,
        steady_peak_bytes=measured.steady_peak_bytes,
        host_peak_bytes=measured.host_peak_bytes,
        start_bytes=measured.start_bytes,
        steps=measured.steps,
        samples_per_second=speeds.get(request.batch_size),
        seconds=trial.seconds,
        cause=measured.cause,
        log_tail=measured.log_tail[-LOG_TAIL_CHARACTERS:],
    )


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


def memory_band(report: MemoryReport) -> tuple[results.MemoryBand, ...]:
    """What the fit predicts at sizes evenly spread over the axis of a figure."""
    fit = report.fit
    if fit is None:
        return ()
    tried = [trial.request.batch_size for trial in report.trials]
    low, high = min(tried), max(tried)
    steps = [low * (high / low) ** (i / _BAND_POINTS) for i in range(_BAND_POINTS + 1)]
    return tuple(_predicted(fit, size) for size in sorted({round(step) for step in steps}))


def _predicted(fit: MemoryFit, size: int) -> results.MemoryBand:
    peak, high = peak_at(fit, size), upper_peak_at(fit, size)
    return results.MemoryBand(batch_size=size, peak_bytes=peak, low_bytes=2 * peak - high, high_bytes=high)
