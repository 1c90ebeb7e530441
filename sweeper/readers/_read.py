"""Which reader a path is for."""

from pathlib import Path

from sweeper.readers._base import ReadCurve, UnreadableCurves
from sweeper.readers._csv import read_csv
from sweeper.readers._json_lines import read_json_lines
from sweeper.readers._tensorboard import has_events, read_events

_TABLES = {".csv", ".tsv"}


def read_curves(path: Path) -> tuple[ReadCurve, ...]:
    """The curves at a path, in its order; at least one.

    Raises:
        UnreadableCurves: there is no such path, no curve in it, or one that cannot be understood.
    """
    try:
        curves = _read(path)
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise UnreadableCurves(f"{path}: cannot be read ({error}). Give JSON lines, CSV or an event folder") from error
    if not curves:
        raise UnreadableCurves(f"{path}: there is no curve in it")
    return curves


def _read(path: Path) -> tuple[ReadCurve, ...]:
    if path.is_dir():
        if not has_events(path):
            raise UnreadableCurves(f"{path}: a folder without TensorBoard event files (events.out.tfevents...)")
        return read_events(path)
    if "tfevents" in path.name:
        return read_events(path)
    return read_csv(path) if path.suffix.lower() in _TABLES else read_json_lines(path)
