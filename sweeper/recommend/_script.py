"""The script's own setting, placed on the map."""

from collections.abc import Sequence

from sweeper.job import JobInfo
from sweeper.ranges import EdgeKind, Row, ScriptSetting, Standing
from sweeper.space import SCRIPT
from sweeper.text import rate_text


def place_script(rows: Sequence[Row], job: JobInfo) -> ScriptSetting:
    """Where the script's own optimizer, rate and batch size lie on the map."""
    standing, sentence = _place(rows, job)
    return ScriptSetting(
        optimizer=job.optimizer.name,
        learning_rate=job.optimizer.learning_rate,
        batch_size=job.batch_size,
        standing=standing,
        sentence=sentence,
    )


def _place(rows: Sequence[Row], job: JobInfo) -> tuple[Standing, str]:
    rate = job.optimizer.learning_rate
    row = next((row for row in rows if (row.optimizer, row.batch_size) == (SCRIPT, job.batch_size)), None)
    if rate is None:
        return Standing.UNKNOWN, "The script's learning rate could not be read."
    if row is None:
        return Standing.UNKNOWN, _off_the_map(rows, job)
    standing, words = _on_row(row, rate, where=f"{job.optimizer.name} at batch size {job.batch_size}")
    return standing, f"Your {rate_text(rate)} {words}"


def _off_the_map(rows: Sequence[Row], job: JobInfo) -> str:
    if all(row.optimizer != SCRIPT for row in rows):
        return f"The script's own optimizer ({job.optimizer.name}) is not on the map; add --optimizer {SCRIPT}."
    return f"The script's batch size, {job.batch_size}, is not on the map; add it with --batch-size."


def _on_row(row: Row, rate: float, *, where: str) -> tuple[Standing, str]:
    """The standing of a rate on its row, and the rest of a sentence that begins with the rate."""
    fails, safe = row.failing_rate, row.safe
    if safe is not None and safe.holds(rate):
        return Standing.SAFE, f"is in the safe range of {where}, {rate_text(safe.low)} to {rate_text(safe.high)}."
    if fails is not None and rate >= fails:
        return Standing.TOO_HIGH, f"is in the diverging region of {where}, from {rate_text(fails)} on; {_instead(row)}"
    if safe is not None and rate > safe.high:
        return _above(row, fails, where=where)
    return _below(row, rate, where=where)


def _above(row: Row, fails: float | None, *, where: str) -> tuple[Standing, str]:
    if fails is None:
        return Standing.UNKNOWN, f"is above the rates that were seen to train with {where}; {_instead(row)}"
    return Standing.NEAR_EDGE, f"is close to the edge of {where}: {rate_text(fails)} fails; {_instead(row)}"


def _below(row: Row, rate: float, *, where: str) -> tuple[Standing, str]:
    stalls = _stalling_rate(row)
    if stalls is None or (row.safe is None and rate > stalls):
        return Standing.UNKNOWN, f"cannot be placed with {where}; {_instead(row)}"
    return Standing.TOO_LOW, f"is too low for {where}: training stalls up to {rate_text(stalls)}; {_instead(row)}"


def _stalling_rate(row: Row) -> float | None:
    """The highest rate that stalls; None where none was seen to."""
    return next((edge.low for edge in row.edges if edge.kind is EdgeKind.LEARNS), None)


def _instead(row: Row) -> str:
    if row.safe is None:
        return f"no rate is known to be safe. {row.reason}"
    return f"{rate_text(row.safe.low)} to {rate_text(row.safe.high)} is safe."
