"""What the map says of the script's own setting.

Its rate is nearly always one that was probed. So a sentence says first what that probe did, then where the rate lies
beside the ranges of its row; what holds of the row alone is never said of the rate.
"""

from collections.abc import Sequence

from sweeper.job import JobInfo
from sweeper.probes import OutcomeKind
from sweeper.ranges import TRAINABLE, Cell, CellLabel, Row
from sweeper.recommend._reasons import ENDED
from sweeper.recommendation import ScriptSetting, Standing
from sweeper.space import SCRIPT
from sweeper.text import ranges_text, rate_text


def place_script(rows: Sequence[Row], job: JobInfo) -> ScriptSetting:
    """How the script's own optimizer, rate and batch size do on the map."""
    rate = job.optimizer.learning_rate
    row = next((row for row in rows if (row.optimizer, row.batch_size) == (SCRIPT, job.batch_size)), None)
    well: bool | None = None
    if rate is None:
        standing, sentence = Standing.UNKNOWN, _no_rate(job)
    elif row is None:
        standing, sentence = Standing.UNKNOWN, _off_the_map(rows, job)
    else:
        where = f"{job.optimizer.name} at batch size {job.batch_size}"
        standing, words = _fails_anyhow(where) if row.fails_anyhow else _on_row(row, rate, where)
        well = row.well.holds(rate) if row.well is not None else None
        sentence = f"Your {rate_text(rate)} {words} {_instead(row)}"
    return ScriptSetting(
        optimizer=job.optimizer.name,
        learning_rate=rate,
        batch_size=job.batch_size,
        standing=standing,
        sentence=sentence,
        trains_well=well,
    )


def _no_rate(job: JobInfo) -> str:
    if job.is_command:
        return "A command gets its rate from sweeper, so no rate is the program's own to be placed on the map."
    by = f": it is set by {job.optimizer.schedule}" if job.optimizer.schedule else ""
    why = f": {job.optimizer.unknown}" if job.optimizer.unknown else by
    return f"The rate at which the script itself trains is not known{why}, so it has no place on the map."


def _off_the_map(rows: Sequence[Row], job: JobInfo) -> str:
    if all(row.optimizer != SCRIPT for row in rows):
        return f"The script's own optimizer ({job.optimizer.name}) is not on the map; add --optimizer {SCRIPT}."
    return f"The script's batch size, {job.batch_size}, is not on the map; add it with --batch-size."


def _on_row(row: Row, rate: float, where: str) -> tuple[Standing, str]:
    """How a rate stands on its row, and the rest of a sentence that begins with the rate."""
    fails, safe, cell = row.failing_rate, row.safe, row.cell_at(rate)
    if safe is not None and safe.holds(rate):
        return Standing.SAFE, _stable(row, rate, where)
    if fails is not None and rate >= fails:
        return Standing.TOO_HIGH, _too_high(row, fails, cell, where)
    if cell is None:
        return _not_probed(row, rate, where)
    if cell.label in TRAINABLE:
        return Standing.NEAR_EDGE if _is_above(row, rate) else Standing.UNKNOWN, _trains(row, rate, where)
    if cell.called is CellLabel.TOO_SLOW:
        return Standing.TOO_LOW, f"is too low for {where}: the loss does not fall enough in a probe."
    return Standing.UNKNOWN, f"could not be judged with {where}: the probe {_did(cell)}."


def _fails_anyhow(where: str) -> tuple[Standing, str]:
    return Standing.UNKNOWN, f"fails with {where} as every rate does, for another reason than its rate."


def _stable(row: Row, rate: float, where: str) -> str:
    if row.well is None or row.well.holds(rate):
        return f"{'is stable' if row.well is None else 'trains well'} with {where}."
    if rate < row.well.low:
        return f"is stable with {where}, but slow."
    return f"is stable with {where}, but the loss falls less than at lower rates."


def _too_high(row: Row, fails: float, cell: Cell | None, where: str) -> str:
    lowest = row.cell_at(fails)
    how = "fails" if lowest is None else _fails(lowest)
    if cell is not None and cell is lowest:
        return f"is too high for {where}: it {how}."
    own = "" if cell is None or cell.label not in TRAINABLE else ", though this rate trained in its probe"
    return f"is too high for {where}: {rate_text(fails)} already {how}{own}."


def _is_above(row: Row, rate: float) -> bool:
    """Whether a rate lies above the stable range, or its row has none."""
    return row.safe is None or rate > row.safe.high


def _trains(row: Row, rate: float, where: str) -> str:
    """Why a rate that trains in a probe is not one of the stable ones."""
    if row.safe is None:
        return f"trains in a probe of {where}, but no rate is known to be stable for the long job."
    between = _obstacle(row, rate)
    if between is not None:
        gap = f"{rate_text(between.learning_rate)}, between it and the stable rates, {_did(between)}"
        return f"trains in a probe of {where}, but {gap}."
    jumps = next((cell for cell in row.cells if cell.jumps and row.safe.high < cell.learning_rate <= rate), None)
    if jumps is not None:
        here = "its loss" if jumps.learning_rate == rate else f"the loss at {rate_text(jumps.learning_rate)} below it"
        return f"trains in a probe of {where}, but {here} first jumps above its start."
    fails = "" if row.failing_rate is None else f" to {rate_text(row.failing_rate)}, which fails,"
    return f"trains in a probe of {where}, but is too close{fails} for the long job."


def _obstacle(row: Row, rate: float) -> Cell | None:
    """The cell of the first rate between a rate and the stable range that does not train; None without one."""
    if row.safe is None:
        return None
    low, high = (row.safe.high, rate) if rate > row.safe.high else (rate, row.safe.low)
    inside = (cell for cell in row.cells if low < cell.learning_rate < high)
    return next((cell for cell in inside if cell.label not in TRAINABLE), None)


def _not_probed(row: Row, rate: float, where: str) -> tuple[Standing, str]:
    slow = [cell.learning_rate for cell in row.cells if cell.called is CellLabel.TOO_SLOW and cell.learning_rate > rate]
    if slow and not any(other <= rate for other in row.trains):
        return Standing.TOO_LOW, f"is too low for {where}: {rate_text(slow[-1])} is still too slow."
    if row.safe is not None and row.failing_rate is not None and rate > row.safe.high:
        ends = f"between the stable rates and {rate_text(row.failing_rate)}, which fails"
        return Standing.NEAR_EDGE, f"was not probed with {where}, and lies {ends}."
    return Standing.UNKNOWN, f"was not probed with {where}, and lies outside what its probes can tell."


def _fails(cell: Cell) -> str:
    """What the lowest failing rate does, as a verb."""
    if cell.agreeing == cell.judged and cell.called in {CellLabel.DIVERGED, CellLabel.BROKEN}:
        return "diverges" if cell.called is CellLabel.DIVERGED else "stops learning"
    return "fails with some seeds"


def _did(cell: Cell) -> str:
    """What a probed rate did, as a verb."""
    if cell.called is None:
        return ENDED[cell.failed or OutcomeKind.CANCELLED]
    return _WORDS[cell.called]


_WORDS = {
    CellLabel.HEALTHY: "trains",
    CellLabel.UNRELIABLE: "trains by luck",
    CellLabel.OVERFIT: "overfits",
    CellLabel.TOO_SLOW: "is too slow",
    CellLabel.BROKEN: "stops learning",
    CellLabel.NO_PROGRESS: "makes no progress, perhaps for another reason than its rate",
    CellLabel.DIVERGED: "diverges",
    CellLabel.INCONCLUSIVE: "is inconclusive",
}


def _instead(row: Row) -> str:
    """A sentence on where training goes well on a row, or why none of its rates is stable."""
    if row.safe is None:
        return row.reason
    well = None if row.well is None else (row.well.low, row.well.high)
    return f"That row {ranges_text((row.safe.low, row.safe.high), well)}."
