"""The comparison of two precisions: the rates of a finished map once more, at the other one."""

from collections.abc import Callable
from dataclasses import replace

from sweeper.batch_size.driver._found import kept_batch_size
from sweeper.batch_size.driver._problem import problem_of
from sweeper.batch_size.driver._record import MemoryRecord
from sweeper.batch_size.sizing import precision_comparison
from sweeper.events import AbstractView, Note
from sweeper.record import RunDirectory
from sweeper.results import Results
from sweeper.settings import Search, Settings
from sweeper.slices import BatchSizeFound
from sweeper.space import SCRIPT, OptimizerChoice


def compare_precision(
    run: RunDirectory,
    settings: Settings,
    results: Results,
    *,
    view: AbstractView,
    sweep: Callable[[RunDirectory, Settings], Results],
) -> BatchSizeFound | None:
    """What was found, with the verdicts at another precision beside the script's own; None where nobody asked for it.

    `results` are those of the finished map; `sweep` runs a map in a run directory of its own.
    """
    record = MemoryRecord(run=run.path)
    known, report = record.start(), record.report()
    if known is None or report is None:
        return None
    problem = problem_of(*known, settings)
    if problem.precision is None:
        return None
    theirs = _map_at(problem.precision, run, settings, results, view=view, sweep=sweep)
    run.add_seconds(theirs.environment.seconds)
    same, compared = _agreement(results, theirs)
    comparison = precision_comparison(problem, report.trials, verdicts_same=same, verdicts_compared=compared)
    record.save_report(replace(report, precision=comparison))
    return kept_batch_size(run, settings)


def _map_at(
    policy: str,
    run: RunDirectory,
    settings: Settings,
    results: Results,
    *,
    view: AbstractView,
    sweep: Callable[[RunDirectory, Settings], Results],
) -> Results:
    """The results of the same rates at another precision, from a run of its own inside the run directory."""
    memory, space = results.memory, results.space
    assert memory is not None
    assert memory.recommended is not None
    assert space is not None
    size = max((size for size in space.batch_sizes if size <= memory.recommended), default=space.batch_sizes[0])
    asked = replace(
        settings,
        precision=policy,
        compare_precision=False,
        learning_rates=_rates_of(results, size),
        search=Search.GRID,
        optimizers=(OptimizerChoice(label=SCRIPT, name=SCRIPT),),
        batch_sizes=(size,),
        overfit=False,
        warmup=None,
        clipnorm=None,
        study=f"{settings.study or run.path.name}-{policy}",
    )
    path = run.path / policy
    if path.exists():
        return sweep(RunDirectory.open(path), asked)
    view.show(Note(text=f"the same rates once more, at {policy}"))
    return sweep(RunDirectory.create(path, replace(run.manifest, settings=asked)), asked)


def _rates_of(results: Results, batch_size: int) -> tuple[float, ...]:
    """The rates that were tried with the script's own optimizer at a batch size."""
    rows = [row for row in results.rows if (row.optimizer, row.batch_size) == (SCRIPT, batch_size)]
    return tuple(cell.learning_rate for row in rows for cell in row.cells)


def _agreement(own: Results, other: Results) -> tuple[int, int]:
    """At how many rates two runs say the same of the script's own optimizer, and at how many they can be compared."""
    ours, theirs = _verdicts(own), _verdicts(other)
    pairs = [(verdict, theirs[cell]) for cell, verdict in ours.items() if cell in theirs]
    return sum(one == two for one, two in pairs), len(pairs)


def _verdicts(results: Results) -> dict[tuple[int, float], str | None]:
    """What the results of a run say of the script's own optimizer, by batch size and rate."""
    return {
        (row.batch_size, cell.learning_rate): cell.verdict or cell.failed
        for row in results.rows
        if row.optimizer == SCRIPT
        for cell in row.cells
    }
