"""Runs that MLflow keeps in folders: `metrics/NAME` holds lines of time, value and step."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sweeper.readers._base import ReadCurve, UnreadableCurves
from sweeper.readers._table import Table, curves_of

_FOLDER = "metrics"
_PARTS = 3


def has_metrics(folder: Path) -> bool:
    """Whether a folder is an MLflow run with metrics, or holds one."""
    return next(_runs(folder), None) is not None


def read_metrics(folder: Path, columns: Sequence[str] = ()) -> tuple[ReadCurve, ...]:
    """The curves of every MLflow run in a folder; runs without a loss are left out if others have one."""
    found: list[ReadCurve] = []
    problems = []
    for run in _runs(folder):
        try:
            found += curves_of(_table(run), columns)
        except UnreadableCurves as error:
            problems.append(error)
    if not found and problems:
        raise problems[0]
    return tuple(found)


def _runs(folder: Path) -> Iterator[Path]:
    """The folders of MLflow runs, each with a folder of metrics in it."""
    metrics = [folder] if folder.name == _FOLDER else sorted(folder.rglob(_FOLDER))
    return (place.parent for place in metrics if place.is_dir() and any(file.is_file() for file in place.rglob("*")))


def _table(run: Path) -> Table:
    rows: dict[int, dict[str, float]] = {}
    names = []
    for file in sorted(file for file in (run / _FOLDER).rglob("*") if file.is_file()):
        name = file.relative_to(run / _FOLDER).as_posix()
        names.append(name)
        for place, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            parts = line.split()
            try:
                if len(parts) < _PARTS:
                    raise ValueError("three numbers are expected")  # noqa: TRY301  every fault becomes the same error
                rows.setdefault(int(parts[2]), {})[name] = float(parts[1])
            except ValueError as error:
                raise UnreadableCurves(
                    f"{file}, line {place}: {error}. MLflow writes lines of time, value and step"
                ) from error
    ordered = [{"step": float(step), **rows[step]} for step in sorted(rows)]
    return Table(path=run, names=("step", *names), rows=tuple(ordered))
