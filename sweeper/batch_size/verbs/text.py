"""The `memory` of the results as text for a terminal: a line for each size, then what it means."""

from collections.abc import Iterable

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sweeper.batch_size.report import SizeRow, limit_text, passed, peak_at, share_text, size_rows
from sweeper.cli.parts import plain
from sweeper.probes import OutcomeKind
from sweeper.results import Memory
from sweeper.text import bytes_text, number_text

_NO_SHARE = number_text(None)


def memory_parts(memory: Memory) -> list[RenderableType]:
    """The parts to print, in order: the table of sizes, the answer, and what else was asked."""
    return [*([sizes_table(memory)] if memory.trials else []), answers_table(memory), Text()]


def answers_table(memory: Memory) -> Table:
    """Limit, answer and what else was asked, each by its name."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in memory_lines(memory):
        table.add_row(plain(name), Text(plain(text)))
    return table


def sizes_table(memory: Memory) -> Table:
    """One line for each trial, and for each size that was only timed."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("batch size", "peak", "of limit", "samples/s"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("outcome", overflow="fold")
    table.add_column("")
    for row in size_rows(memory):
        table.add_row(
            f"{row.batch_size:,}",
            bytes_text(row.peak_bytes),
            row.share or _NO_SHARE,
            number_text(row.samples_per_second),
            Text(row.look.title, style=_style(row)),
            plain(_note(row)),
        )
    return table


def memory_lines(memory: Memory) -> Iterable[tuple[str, str]]:
    """Name and text of each line below the table; further lines under the same name have none."""
    yield (
        "limit",
        f"{limit_text(memory.limit_bytes)}, {memory.headroom:.0%} kept free; from {memory.limit_source}",
    )
    if memory.others:
        yield "also used by", memory.others
    yield "largest that fits", _largest(memory)
    if memory.recommended is not None:
        yield "recommended", f"{memory.recommended:,}"
        yield from (("", reason) for reason in memory.reasons)
    yield from _failures(memory)
    yield from _asked(memory)


def recommended_line(memory: Memory) -> str:
    """The recommended size, and the largest; the last line of `sweeper batch` where there is one."""
    best, largest = memory.recommended, memory.largest_that_fits
    if best is None:
        return "no batch size can be recommended"
    return f"recommended batch size: {best:,} ({'' if best == largest else f'{largest:,} is '}the largest that fits)"


def _style(row: SizeRow) -> str:
    if row.number is None:
        return "dim"
    return "red" if row.cause else "green"


def _note(row: SizeRow) -> str:
    setting = row.setting if row.number is not None else ""
    stage = f"during {row.stage}" if row.stage else ""
    return ", ".join(part for part in (*row.marks, setting, stage) if part)


def _largest(memory: Memory) -> str:
    largest, bound = memory.largest_that_fits, memory.bound
    if largest is None:
        return f"none; {bound}"
    peak = peak_at(memory, largest)
    used = "" if peak is None else f", {bytes_text(peak)}, {share_text(peak, memory.limit_bytes)} of the limit"
    return f"{largest:,}{used}; upper end: {bound}"


def _failures(memory: Memory) -> Iterable[tuple[str, str]]:
    """Causes of trials that neither passed nor ran out of memory."""
    for trial in memory.trials:
        if not passed(trial) and trial.outcome is not OutcomeKind.OOM:
            yield f"batch size {trial.batch_size:,}", trial.cause


def _asked(memory: Memory) -> Iterable[tuple[str, str]]:
    """Answers to what was asked besides."""
    if (advice := memory.accumulation) is not None:
        yield f"effective batch {advice.effective_batch:,}", advice.sentence
    for item in memory.elsewhere:
        size = "nothing" if item.batch_size is None else f"{item.batch_size:,}"
        yield f"in {limit_text(item.limit_bytes)}", f"{size} (predicted, not tried)"
    if (compared := memory.precision) is not None:
        yield compared.precision, compared.sentence
