"""Logs in JSON: a history with a list for each column, or a list of what each step logged.

Keras's `History.history`, the `log_history` in trainer_state.json of Transformers, a table that pandas wrote, and logs
with one JSON object a step, as Detectron2 and MMEngine write them.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sweeper.readers._base import ReadCurve, UnreadableCurves
from sweeper.readers._table import Row, Table, curves_of

_WRAPPERS = ("log_history", "history")
_EXPECTED = 'a history such as {"loss": [2.3, 1.9], "val_loss": [2.2, 2.0]}, or a list of what each step logged'


def read_document(path: Path, document: Any, columns: Sequence[str] = ()) -> tuple[ReadCurve, ...]:
    """The curves of a JSON document; `path` is only named in errors."""
    inner = document
    if isinstance(document, Mapping):
        inner = next((document[key] for key in _WRAPPERS if key in document), document)
    if isinstance(inner, Mapping):
        rows = _by_column(inner)
    elif isinstance(inner, list) and all(isinstance(row, Mapping) for row in inner):
        rows = tuple(dict(row) for row in inner)
    else:
        rows = ()
    if not rows:
        raise UnreadableCurves(f"{path}: no log was found in it. Expected is {_EXPECTED}")
    return read_rows(path, rows, columns)


def read_rows(path: Path, rows: Sequence[Row], columns: Sequence[str] = ()) -> tuple[ReadCurve, ...]:
    """The curves in a list of what each step logged; other values than numbers are ignored."""
    names = dict.fromkeys(name for row in rows for name, value in row.items() if is_number(value))
    kept = tuple({name: value for name, value in row.items() if name in names} for row in rows)
    return curves_of(Table(path=path, names=tuple(names), rows=kept), columns)


def is_number(value: Any) -> bool:
    """Whether a logged value is a number, or a word for one that is not finite, such as nan."""
    if isinstance(value, str):
        return value.strip().lower().lstrip("+-") in {"nan", "inf", "infinity"}
    return isinstance(value, int | float) and not isinstance(value, bool)


def document_in(text: str) -> Any:
    """The JSON document in a text; None where the text as a whole is none, as with JSON lines."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _by_column(columns: Mapping[str, Any]) -> tuple[Row, ...]:
    """The rows of a history that has a list for each column; a shorter list was measured at even distances."""
    lists = {
        name: list(values.values()) if isinstance(values, Mapping) else values
        for name, values in columns.items()
        if isinstance(values, Mapping | list)
    }
    length = max((len(values) for values in lists.values()), default=0)
    rows: list[dict[str, Any]] = [{} for _ in range(length)]
    for name, values in lists.items():
        every = length // len(values) if values else 1
        for number, value in enumerate(values, start=1):
            rows[every * number - 1][name] = math.nan if value is None else value
    return tuple(rows)
