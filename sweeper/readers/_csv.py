"""Tables with a header: Keras's CSVLogger, Lightning, fastai, exports of Weights & Biases and MLflow, spreadsheets."""

import csv
from collections.abc import Sequence
from pathlib import Path

from sweeper.readers._base import ReadCurve
from sweeper.readers._names import words_of
from sweeper.readers._table import Row, Table, curves_of

_SEPARATORS = ",;\t|"
_INDEX = "index"
"""Name for a first column that has none: pandas writes row numbers there."""
_LONG = {"key", "value"}
"""Columns of a table with one measurement in each row, as MLflow exports them, beside `step` and `run_id`."""


def read_csv(path: Path, columns: Sequence[str] = ()) -> tuple[ReadCurve, ...]:
    """The curves in a CSV file: one for each run and session."""
    return curves_of(table_of(path, path.read_text(encoding="utf-8-sig")), columns)


def table_of(path: Path, text: str) -> Table:
    """The table in a text; its cells are separated by the separator that is most frequent in its header."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    header = lines[0] if lines else ""
    separator = max(_SEPARATORS, key=header.count)
    names: list[str] = []
    seen: list[str] = []
    rows: list[Row] = []
    starts = set()
    for cells in csv.reader(lines, delimiter=separator, skipinitialspace=True):
        if not names or _is_header(cells, seen):
            names = [cell.strip() or (_INDEX if place == 0 else "") for place, cell in enumerate(cells)]
            seen += [name for name in names if name and name not in seen]
            starts.add(len(rows))
        else:
            rows.append({name: cell for name, cell in zip(names, cells, strict=False) if name})
    table = Table(
        path=path, names=tuple(seen), rows=tuple(rows), starts=frozenset(starts), decimal_comma=separator != ","
    )
    return _widened(table) if set(seen) >= _LONG else table


def _is_header(cells: Sequence[str], seen: Sequence[str]) -> bool:
    """Whether a row is a header again, perhaps with other columns: a session was appended to the file."""
    return sum(cell.strip() in seen for cell in cells) > len(cells) / 2 and any(words_of(cell) for cell in cells)


def _widened(table: Table) -> Table:
    """A table with one measurement in each row, turned into one with a column for each metric of each run."""
    runs = {row.get("run_id", "") for row in table.rows}
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for place, row in enumerate(table.rows):
        run, step = row.get("run_id", ""), row.get("step", str(place))
        metric = row.get("key", "") if len(runs) < 2 else f"{run} - {row.get('key', '')}"  # noqa: PLR2004
        rows.setdefault((run, step), {"step": step})[metric] = row.get("value", "")
    names = dict.fromkeys(name for row in rows.values() for name in row)
    return Table(path=table.path, names=tuple(names), rows=tuple(rows.values()), decimal_comma=table.decimal_comma)
