"""What a person should know of a batch-size search beside its numbers."""

from sweeper.batch_size.values import MemoryReport, Trial
from sweeper.findings import FIT_FAILS, GPU_SHARED, NO_BATCH_SIZE_FITS, OWN_BATCH_TOO_LARGE, Finding
from sweeper.memory import FitFacts
from sweeper.text import bytes_text


def fails_at_every_size(trial: Trial, facts: FitFacts) -> Finding:
    """The finding about a script whose fit raises an error whatever the batch size."""
    measured = trial.measured
    again = " and at half of it, so memory is not the reason" if trial.request.batch_size > 1 else ""
    return FIT_FAILS.found(
        title=f"{FIT_FAILS.title}: {measured.cause}",
        evidence=f"It failed at batch size {trial.request.batch_size:,}{again}, during {measured.stage.value}.\n"
        f"{measured.log_tail}".rstrip(),
        location=facts.fit_site,
        remedy="No batch size can fix this: the model, the data or the compile settings do not fit together.",
    )


def findings_of(report: MemoryReport) -> tuple[Finding, ...]:
    """What the user should know of a batch-size search beside its numbers."""
    found = []
    if report.advice.largest_that_fits is None:
        found.append(_nothing_fits(report))
    elif (own := _own_size_failed(report)) is not None:
        found.append(own)
    if report.limit.others:
        found.append(
            GPU_SHARED.found(
                evidence=report.limit.others,
                remedy="The sizes hold for what was left free; end those processes and search again for more.",
            )
        )
    return tuple(found)


def _nothing_fits(report: MemoryReport) -> Finding:
    smallest = min(report.trials, key=lambda trial: trial.request.batch_size)
    return NO_BATCH_SIZE_FITS.found(
        title=f"no batch size fits into {bytes_text(report.limit.limit_bytes)}",
        evidence=f"Batch size {smallest.request.batch_size}: {smallest.measured.cause}, during "
        f"{smallest.measured.stage.value}. The limit is: {report.limit.source}.",
        location=report.facts.fit_site,
        remedy="Make the model or its inputs smaller, use mixed precision, or give it more memory (--memory-limit).",
    )


def _own_size_failed(report: MemoryReport) -> Finding | None:
    own = report.facts.batch_size
    failed = [trial for trial in report.trials if trial.request.batch_size <= own and not trial.passed]
    largest = report.advice.largest_that_fits
    if not failed or largest is None or largest >= own:
        return None
    trial = failed[0]
    return OWN_BATCH_TOO_LARGE.found(
        title=f"the script's own batch size of {own} does not fit into {bytes_text(report.limit.limit_bytes)}",
        evidence=f"Batch size {trial.request.batch_size}: {trial.measured.cause}, during {trial.measured.stage.value}.",
        location=report.facts.fit_site,
        remedy=f"Use a batch size of at most {largest}.",
    )
