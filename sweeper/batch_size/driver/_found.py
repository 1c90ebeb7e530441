"""What a batch-size search found, as the run that asked for it needs it."""

from collections.abc import Callable

from sweeper.batch_size.driver._findings import findings_of
from sweeper.batch_size.driver._record import MemoryRecord
from sweeper.batch_size.driver._results import memory_band, memory_results
from sweeper.batch_size.driver._search import MemorySearch
from sweeper.batch_size.sizing import SizeThresholds, batch_axis
from sweeper.batch_size.values import MemoryReport
from sweeper.events import AbstractView
from sweeper.execute import AbstractLauncher, Slot, StopLevel
from sweeper.findings import Finding
from sweeper.protocol import Start
from sweeper.record import RunDirectory
from sweeper.settings import BatchSearch, Settings
from sweeper.slices import BatchSizeFound
from sweeper.thresholds import described


def search_batch_size(
    run: RunDirectory,
    settings: Settings,
    *,
    start: Start,
    slot: Slot,
    launcher: AbstractLauncher,
    view: AbstractView,
    stop_level: Callable[[], StopLevel],
) -> BatchSizeFound:
    """Runs memory trials until the search is over or the user stops it; goes on where an earlier one stopped."""
    search = MemorySearch(
        directory=run, settings=settings, view=view, slot=slot, launcher=launcher, stop_level=stop_level
    )
    search.run(start)
    if search.report is None:
        return BatchSizeFound(findings=search.findings)
    return found_of(search.report, search.findings, sizes=_sizes(search.report, settings) if search.complete else ())


def kept_batch_size(run: RunDirectory, settings: Settings) -> BatchSizeFound | None:
    """What the search of a run found when it ended; None when it has not, or there was none."""
    report = MemoryRecord(run=run.path).report()
    return None if report is None else found_of(report, findings_of(report), sizes=_sizes(report, settings))


def found_of(report: MemoryReport, findings: tuple[Finding, ...], *, sizes: tuple[int, ...]) -> BatchSizeFound:
    """What was found, with what the results of the run say of it."""
    return BatchSizeFound(
        sizes=sizes,
        findings=findings,
        section=memory_results(report, memory_band(report)),
        thresholds=described(SizeThresholds()),
    )


def _sizes(report: MemoryReport, settings: Settings) -> tuple[int, ...]:
    """The batch-size axis of the map; empty when no size fits."""
    advice = report.advice
    if settings.batch_sizes is BatchSearch.AUTO:
        return batch_axis(advice, report.facts)
    return () if advice.recommended is None else (advice.recommended,)
