"""Where the points of a curve come from: lines of JSON in a file that grows, or a file that the readers know."""

import json
import os
import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from sweeper.commands._curve import Point
from sweeper.readers import UnreadableCurves, read_curves

_LOSSES = ("loss", "train_loss")
_WORDS = re.compile(r"(?<=[:,\s])([+-]?)(?:(nan)(?:\([^)]*\))?|inf(?:inity)?)(?=[\s,}])", re.IGNORECASE)
"""Numbers that are not finite, as C, Rust and others print them."""


class AbstractSource(ABC):
    """Points that a program writes while it runs."""

    @abstractmethod
    def points(self, *, ended: bool) -> tuple[Point, ...]:
        """All points so far; empty while there are none. `ended` says that the program writes no more."""


class JsonLines(AbstractSource):
    """Lines of JSON with a loss, in a file that may hold other lines too: reports, or the output of a program."""

    def __init__(self, path: Path, *, most: int) -> None:
        self._path = path
        self._most = most
        self._place = path.stat().st_size if path.exists() else 0
        self._rest = b""
        self._points: list[Point] = []

    def points(self, *, ended: bool) -> tuple[Point, ...]:
        """Those of all whole lines; no more than are needed."""
        if len(self._points) < self._most:
            self._read(ended=ended)
        return tuple(self._points)

    def _read(self, *, ended: bool) -> None:
        try:
            with self._path.open("rb") as file:
                file.seek(self._place)
                data = file.read()
        except OSError:
            return
        self._place += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if ended:
            lines.append(self._rest)  # the last line of a program may lack its end
        found = (point_of(line) for line in lines if line.lstrip().startswith(b"{"))
        self._points += [point for point in found if point is not None]


class CurveFile(AbstractSource):
    """A file or folder that the readers know. What is there before the program begins is not of its probe."""

    def __init__(self, path: Path, column: str | None) -> None:
        self.problem = ""
        """Why there are no points yet, in words."""
        self._path = path
        self._columns = () if column is None else (column,)
        self._before = self._seen = _state(path)
        self._points: tuple[Point, ...] = ()

    def points(self, *, ended: bool) -> tuple[Point, ...]:
        """Those of the newest curve in it, read again where something has changed."""
        state = _state(self._path)
        if state == self._before:
            self.problem = f"{self._path} {'has not changed' if state else 'was not written'}"
        elif state != self._seen or ended:
            self._seen = state
            try:
                points = _newest(self._path, self._columns)
                self._points = points[:-1] if _ends_within_a_line(self._path) and not ended else points
            except (UnreadableCurves, OSError, ValueError, IndexError) as error:
                self.problem = str(error)  # its last line may be half written
        return self._points


def point_of(line: bytes) -> Point | None:
    """The point in a line of JSON; None where it is none."""
    try:
        row = json.loads(_WORDS.sub(_as_json, line.decode(errors="replace")))
    except ValueError:
        return None
    if not isinstance(row, dict):
        return None
    loss = next((_number(row[name]) for name in _LOSSES if name in row), None)
    val = _number(row["val_loss"]) if "val_loss" in row else None
    return None if loss is None and val is None else Point(loss=loss, val_loss=val)


def _as_json(match: re.Match[str]) -> str:
    if match[2]:
        return "NaN"
    return "-Infinity" if match[1] == "-" else "Infinity"


def _number(value: Any) -> float | None:
    if value is None:
        return float("nan")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _state(path: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when something is written to a file or folder."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    found = []
    for file in files:
        try:
            known = file.stat()
        except OSError:
            continue
        if not file.is_dir():
            found.append((str(file), known.st_size, known.st_mtime_ns))
    return tuple(found)


def _ends_within_a_line(path: Path) -> bool:
    """Whether the last line of a text file is still being written, so that its last number may be cut off."""
    if path.is_dir() or "tfevents" in path.name:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _newest(path: Path, columns: tuple[str, ...]) -> tuple[Point, ...]:
    curve = read_curves(path, columns)[-1].curve
    val = dict(zip(curve.val_steps, curve.val_loss, strict=True))
    start = (Point(val_loss=val[0]),) if 0 in val else ()
    return start + tuple(
        Point(loss=loss, val_loss=val.get(step)) for step, loss in enumerate(curve.train_loss, start=1)
    )
