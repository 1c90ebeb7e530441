"""One JSON object a line: `id`, `train_loss`, and if known `steps`, `val_loss`, `val_steps`, `group`."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sweeper.readers._base import ReadCurve, UnreadableCurves, curve_of, number

_GZIP = b"\x1f\x8b"


def read_json_lines(path: Path) -> tuple[ReadCurve, ...]:
    """The curves of a file, which may be compressed with gzip, in its order; blank lines are left out."""
    return tuple(
        _curve(path, place, text) for place, text in enumerate(_lines(path), start=1) if text and not text.isspace()
    )


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as start:
        packed = start.read(2) == _GZIP
    with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as lines:
        yield from lines


def _curve(path: Path, place: int, text: str) -> ReadCurve:
    try:
        row = json.loads(text)
        if not isinstance(row, dict) or "train_loss" not in row:
            raise ValueError("it has no train_loss")  # noqa: TRY301  all that is wrong with a line is told alike
        name = str(row.get("id", place))
        curve = curve_of(
            _numbers(row, "steps"), _numbers(row, "train_loss") or (), _numbers(row, "val_steps"), _losses(row)
        )
    except (ValueError, TypeError) as error:
        raise UnreadableCurves(
            f"{path}, line {place}: {error}. A line is a JSON object such as "
            '{"id": "a", "steps": [1, 2], "train_loss": [2.3, null], "val_steps": [2], "val_loss": [2.2]}'
        ) from error
    return ReadCurve(id=name, group=str(row.get("group", row.get("set", _folder(name)))), curve=curve)


def _folder(name: str) -> str:
    """What stands before the last part of a name that looks like a path."""
    return name.rpartition("/")[0]


def _losses(row: dict[str, Any]) -> tuple[float, ...]:
    return _numbers(row, "val_loss") or ()


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
