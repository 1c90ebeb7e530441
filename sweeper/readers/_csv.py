"""CSV files with a header, as Keras's CSVLogger writes them: `loss`, and if there `epoch` or `step`, and `val_loss`."""

import csv
from pathlib import Path

from sweeper.readers._base import ReadCurve, UnreadableCurves, curve_of, number

_LOSS = ("loss", "train_loss")
_VAL = ("val_loss", "valid_loss", "validation_loss")


def read_csv(path: Path) -> tuple[ReadCurve, ...]:
    """The one curve of a file; its rows are its points."""
    with path.open(newline="", encoding="utf-8-sig") as text:
        sample = text.readline()
        text.seek(0)
        rows = list(csv.DictReader(text, delimiter=max(",;\t", key=sample.count)))
    names = tuple(name for name in (rows[0] if rows else ()) if name)
    loss, val = (next((name for name in known if name in names), None) for known in (_LOSS, _VAL))
    if loss is None:
        raise UnreadableCurves(
            f"{path}: no column named {' or '.join(_LOSS)} "
            f"(columns: {', '.join(names) or 'none'}). Keras's CSVLogger writes such files"
        )
    try:
        losses = tuple(number(row[loss]) for row in rows)
        points = () if val is None else [(i, row[val]) for i, row in enumerate(rows, start=1) if row[val]]
        curve = curve_of(None, losses, [i for i, _ in points], [number(value) for _, value in points])
    except ValueError as error:
        raise UnreadableCurves(f"{path}: {error}") from error
    return (ReadCurve(id=str(path), group=str(path.parent), curve=curve),)
