"""Loss curves from a table whose rows are in the order in which they were written.

Rows may hold training and validation in turn, leave cells blank, hold several runs side by side, or several sessions
below each other, as a logger that appends to its file leaves them.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from sweeper.readers._base import ReadCurve, UnreadableCurves, curve_of
from sweeper.readers._cells import value_of, without_alternate_nans, without_unscheduled_nans
from sweeper.readers._names import Pair, axes_of, is_epochs, is_loss, named, pairs_of, words_of
from sweeper.readers._sessions import Session, joined

COLUMN_HINT = "Name the column with --column TRAIN or --column TRAIN,VAL"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of a file, each with its cells by column; a cell that a row does not have is blank."""

    path: Path
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    starts: frozenset[int] = frozenset()
    """Rows, counted from 0, before which the header was repeated."""
    decimal_comma: bool = False


def curves_of(table: Table, columns: Sequence[str] = ()) -> tuple[ReadCurve, ...]:
    """The curves of a table: those of the requested columns, or of all that are named like losses.

    Raises:
        UnreadableCurves: No column is a loss, several may be, or a requested one is not there.
    """
    pairs = (
        [pair for asked in columns for pair in _requested_pairs(table, asked)] if columns else _recognised_pairs(table)
    )
    several = len({(pair.run, pair.train) for pair in pairs}) > 1
    return tuple(curve for pair in pairs for curve in _curves(table, pair, several=several))


def _requested_pairs(table: Table, asked: str) -> tuple[Pair, ...]:
    pairs = named(asked, table.names)
    if not pairs:
        raise UnreadableCurves(f"{table.path}: no column named {asked} ({_listed(table.names)})")
    return pairs


def _recognised_pairs(table: Table) -> tuple[Pair, ...]:
    points = {name: sum(_holds(row.get(name)) for row in table.rows) for name in table.names}
    pairs = pairs_of(table.names, points)
    if pairs:
        return pairs
    losses = [name for name in table.names if is_loss(words_of(name))]
    what = "several columns may be the training loss" if len(losses) > 1 else "no column is named after a training loss"
    raise UnreadableCurves(f"{table.path}: {what} ({_listed(table.names)}). {COLUMN_HINT}")


def _listed(names: Sequence[str]) -> str:
    return f"columns: {', '.join(names) or 'none'}"


def _holds(cell: Any) -> bool:
    try:
        return value_of(cell, decimal_comma=True) is not None
    except ValueError:
        return True


def _curves(table: Table, pair: Pair, *, several: bool) -> Iterator[ReadCurve]:
    try:
        sessions = joined(tuple(_sessions(table, pair, several=several)))
        if not any(session.train for session in sessions):
            raise ValueError(f"column {pair.train} holds no number")  # noqa: TRY301  every fault becomes the same error
        for number, session in enumerate(sessions, start=1):
            notes = [pair.run or pair.train] if several else []
            notes += [f"session {number}"] if len(sessions) > 1 else []
            yield ReadCurve(
                id=f"{table.path} ({', '.join(notes)})" if notes else str(table.path),
                group=str(table.path.parent),
                metric="_".join(words_of(pair.train.rpartition(" - ")[2])),
                curve=curve_of(session.train_at, session.train, session.val_at, session.val),
                passes=session.passes,
            )
    except ValueError as error:
        raise UnreadableCurves(f"{table.path}: {error}") from error


def _sessions(table: Table, pair: Pair, *, several: bool) -> Iterator[Session]:
    """The sessions in a table: rows up to the next one at which counting starts again."""
    cells = {name: [_cell(table, row, name) for row in table.rows] for name in _columns_of(table, pair)}
    axes = [name for name in axes_of(table.names) if name in cells]
    axis = next((name for name in reversed(axes) if _rises(cells[name])), axes[0] if axes else None)
    counts = cells[axis] if axis is not None else [None] * len(table.rows)
    begins = [0, *(_restarts(counts) if axis is not None else sorted(table.starts - {0}))]
    for begin, end in pairwise([*begins, len(table.rows)]):
        own = {name: values[begin:end] for name, values in cells.items()}
        epochs = next((own[name] for name in axes if is_epochs(name)), None)
        rows = table.rows[begin:end]
        yield _session(own, pair, counts[begin:end], epochs, rows, single=not several)


def _columns_of(table: Table, pair: Pair) -> list[str]:
    axes = [name for name in axes_of(table.names) if _is_count(table, name)]
    return [name for name in (pair.train, pair.val, *axes) if name is not None]


def _is_count(table: Table, name: str) -> bool:
    """Whether every row has a number in a column, so that it can give points their steps."""
    try:
        values = [value_of(row.get(name), decimal_comma=table.decimal_comma) for row in table.rows]
    except ValueError:
        return False
    return bool(values) and all(value is not None and math.isfinite(value) for value in values)


def _cell(table: Table, row: Row, name: str) -> float | None:
    try:
        return value_of(row.get(name), decimal_comma=table.decimal_comma)
    except ValueError as error:
        raise ValueError(f"column {name}: {error}") from error


def _rises(counts: Sequence[float | None]) -> bool:
    return not _restarts(counts)


def _restarts(counts: Sequence[float | None]) -> list[int]:
    """The rows whose count lies below that of the row before."""
    return [
        row
        for row, (before, after) in enumerate(pairwise(counts), start=1)
        if before is not None and after is not None and after < before
    ]


def _session(
    cells: Mapping[str, Sequence[float | None]],
    pair: Pair,
    counts: Sequence[float | None],
    epochs: Sequence[float | None] | None,
    rows: Sequence[Row],
    *,
    single: bool,
) -> Session:
    raw = cells[pair.train]
    val = without_unscheduled_nans(cells[pair.val]) if pair.val is not None else [None] * len(raw)
    train = _with_blank_nans(without_alternate_nans(raw, val), val, rows, single=single)
    at = [float(row) if (count := counts[row]) is None else count for row in range(len(raw))]
    return Session(
        train=tuple(value for value in train if value is not None),
        train_at=tuple(at[row] for row, value in enumerate(train) if value is not None),
        val=tuple(value for value in val if value is not None),
        val_at=tuple(at[row] for row, value in enumerate(val) if value is not None),
        passes=_passes(epochs),
    )


def _with_blank_nans(
    train: Sequence[float | None], val: Sequence[float | None], rows: Sequence[Row], *, single: bool
) -> list[float | None]:
    """The losses, with NaN where the last rows have a blank cell but are otherwise like those before.

    pandas leaves the cell of a NaN blank. A row of something else than training, or of another run, is no such row.
    """
    found = list(train)
    last = max((row for row, value in enumerate(found) if value is not None), default=-1)
    usual = {
        name
        for cells, value in zip(rows, found, strict=True)
        if value is not None
        for name in cells
        if _holds(cells[name])
    }
    for row in range(last + 1, len(found)) if single and last >= 0 else ():
        filled = {name for name in rows[row] if _holds(rows[row][name])}
        if filled and filled <= usual and val[row] is None:
            found[row] = math.nan
    return found


def _passes(epochs: Sequence[float | None] | None) -> float | None:
    """Passes over the samples, from a column that counts epochs; None without one."""
    counts = [count for count in epochs or () if count is not None]
    if not counts:
        return None
    whole = all(count == int(count) for count in counts)
    return max(counts) - min(counts) + 1.0 if whole else max(counts)
