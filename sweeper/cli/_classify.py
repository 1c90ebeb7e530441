"""`sweeper classify`: verdicts on curves that any program wrote."""

from pathlib import Path
from typing import Annotated

import typer

from sweeper.cli import _options
from sweeper.cli._session import Session
from sweeper.errors import ExitStatus, UsageError

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...", help="JSON lines, CSV of Keras's CSVLogger, TensorBoard folders, run directories."
    ),
]
Prefix = Annotated[
    float,
    typer.Option("--prefix", metavar="SHARE", help="Judge only the beginning of each curve: 0.1 is its first tenth."),
]


def classify(ctx: typer.Context, files: Files, *, prefix: Prefix = 1.0, json: _options.Json = False) -> ExitStatus:
    """Say of loss curves in files whether they diverged, stalled, overfit or are healthy.

    Any framework may have written them. Beside each verdict stands the probability that it holds for the whole curve.
    """
    from sweeper.cli._classify_text import classified_document, classified_parts
    from sweeper.cli._output import print_json, print_parts

    if not 0.0 < prefix <= 1.0:
        raise UsageError(f"--prefix {prefix:g}: must be above 0 and at most 1, such as 0.1 for the first tenth")
    session: Session = ctx.obj
    found = session.load_library().classify_files([Path(name) for name in files], prefix=prefix)
    if json:
        print_json(classified_document(found))
    else:
        print_parts(classified_parts(found))
    return ExitStatus.DONE
