"""Curves in files, and what `sweeper classify --json` says of them."""

import io
import json
from contextlib import redirect_stdout
from typing import Any

from sweeper.cli import main
from sweeper.codec import dump
from tests.curves import EXAMPLES
from tests.golden.recording import FOLDER

CURVES = FOLDER / "curves.jsonl"
"""A few of each verdict; losses have four digits."""
VERDICTS = "verdicts on curves of a file"
_OF_EACH = 6


def classified() -> dict[str, Any]:
    """The JSON that is printed on the file of curves, for whole ones and for their first quarter."""
    return {share: _printed("classify", str(CURVES), "--json", "--prefix", share) for share in ("1", "0.25")}


def _printed(*command: str) -> Any:
    with redirect_stdout(io.StringIO()) as printed:
        assert main(command) == 0
    return json.loads(printed.getvalue())


def write_curves() -> None:
    """Writes the file of curves, from the examples of the tests of verdicts."""
    lines = []
    for said, makers in EXAMPLES.items():
        for number, make in enumerate(makers[:_OF_EACH], start=1):
            curve = make().curve
            row = {"id": f"{said}, {number}", "train_loss": _short(curve.train_loss)}
            if curve.val_loss:
                row |= {"val_steps": list(curve.val_steps), "val_loss": _short(curve.val_loss)}
            lines.append(dump(row))
    CURVES.write_text("\n".join(lines) + "\n")


def _short(numbers):
    return [float(f"{number:.4g}") for number in numbers]
