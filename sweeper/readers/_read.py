"""Reading the curves at a path with the reader for its kind of file."""

from collections.abc import Sequence
from pathlib import Path

from sweeper.readers._base import ReadCurve, UnreadableCurves
from sweeper.readers._csv import read_csv
from sweeper.readers._json_lines import read_json_lines
from sweeper.readers._mlflow import has_metrics, read_metrics
from sweeper.readers._tensorboard import has_events, read_events

_TABLES = {".csv", ".tsv"}


def read_curves(path: Path, columns: Sequence[str] = ()) -> tuple[ReadCurve, ...]:
    """The curves in a file or folder, in its order; at least one.

    Args:
        path: A file or a folder.
        columns: Columns to read, each as TRAIN or TRAIN,VAL in the names that the file has for them; without any,
            those that are named after a loss.

    Raises:
        UnreadableCurves: there is no such path, no curve in it, or one that cannot be understood.
    """
    try:
        curves = _read(path, tuple(columns))
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise UnreadableCurves(f"{path}: cannot be read ({error}). Give JSON lines, CSV or an event folder") from error
    if not curves:
        raise UnreadableCurves(f"{path}: there is no curve in it")
    return curves


def _read(path: Path, columns: tuple[str, ...]) -> tuple[ReadCurve, ...]:
    if path.is_dir():
        if has_events(path):
            return read_events(path, columns)
        if has_metrics(path):
            return read_metrics(path, columns)
        raise UnreadableCurves(
            f"{path}: a folder without TensorBoard event files (events.out.tfevents...) and without metrics of MLflow"
        )
    if "tfevents" in path.name:
        return read_events(path, columns)
    return read_csv(path, columns) if path.suffix.lower() in _TABLES else read_json_lines(path, columns)
