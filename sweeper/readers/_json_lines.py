"""Curves in JSON lines, one object each: `id`, `train_loss`, and if known `steps`, `val_loss`, `val_steps`, `group`.

Where the objects hold single numbers instead, each is what one step logged. One object over several lines is a log too.
"""

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sweeper.readers._base import ReadCurve, UnreadableCurves, curve_of, from_start, number
from sweeper.readers._json import document_in, is_number, read_document, read_rows

_LOSSES = ("train_loss", "loss")
_GZIP = b"\x1f\x8b"


def read_json_lines(path: Path, columns: Sequence[str] = ()) -> tuple[ReadCurve, ...]:
    """The curves of a file of JSON lines, in its order; it may be compressed with gzip, and have blank lines."""
    text = _text(path)
    document = document_in(text)
    if document is not None and not _is_line(document, columns):
        return read_document(path, document, columns)
    lines = [(place, line) for place, line in enumerate(text.splitlines(), start=1) if line and not line.isspace()]
    logged = _logged(line for _, line in lines)
    if logged:
        return read_rows(path, logged, columns)
    usual = next((name for name in _LOSSES if any(f'"{name}"' in line for _, line in lines)), _LOSSES[0])
    sides = [asked.partition(",") for asked in columns] or [(usual, ",", "val_loss")]
    return tuple(
        _curve(path, place, line, train=train.strip(), val=val.strip())
        for train, _, val in sides
        for place, line in lines
    )


def _text(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if data.startswith(_GZIP) else data).decode("utf-8-sig")


def _is_line(document: Any, columns: Sequence[str]) -> bool:
    """Whether the JSON document of a whole file is a single curve, and not a log of another form."""
    if not isinstance(document, dict):
        return not (isinstance(document, list) and document and all(isinstance(row, dict) for row in document))
    is_log = any(isinstance(value, dict | list) for value in document.values())
    return ("train_loss" in document and not columns) or not is_log


def _logged(lines: Iterable[str]) -> tuple[dict[str, Any], ...]:
    """The lines as objects, if they are a log of steps: each with numbers and no list of losses."""
    rows = []
    for line in lines:
        row = document_in(line)
        if not isinstance(row, dict) or isinstance(row.get("train_loss"), list):
            return ()
        rows.append(row)
    names = {name for row in rows for name, value in row.items() if is_number(value)}
    return tuple(rows) if len(rows) > 1 and any("loss" in name.lower() for name in names) else ()


def _curve(path: Path, place: int, text: str, *, train: str, val: str) -> ReadCurve:
    try:
        row = json.loads(text)
        if not isinstance(row, dict) or train not in row:
            keys = f" (keys: {', '.join(row)})" if isinstance(row, dict) else ""
            raise ValueError(f"it has no {train}{keys}")  # noqa: TRY301  every fault becomes the same error
        name = str(row.get("id", place))
        steps = _numbers(row, "steps")
        curve = curve_of(steps, _numbers(row, train) or (), _numbers(row, "val_steps"), _numbers(row, val) or ())
    except (ValueError, TypeError) as error:
        raise UnreadableCurves(
            f"{path}, line {place}: {error}. A line is a JSON object such as "
            '{"id": "a", "steps": [1, 2], "train_loss": [2.3, null], "val_steps": [2], "val_loss": [2.2]}'
        ) from error
    group = row.get("group", row.get("set", _folder(name) or path))
    return ReadCurve(id=name, group=str(group), curve=curve, metric=train, from_start=from_start(steps))


def _folder(name: str) -> str:
    """The part of a path-like name before its last component."""
    return name.rpartition("/")[0]


def _numbers(row: dict[str, Any], key: str) -> tuple[float, ...] | None:
    values = row.get(key)
    if values is None:
        return None
    if not isinstance(values, list):
        raise TypeError(f"{key} is no list")
    try:
        return tuple(map(number, values))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{key}: {error}") from error
