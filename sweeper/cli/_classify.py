"""`sweeper classify`: verdicts on curves that any program wrote."""

from pathlib import Path
from typing import Annotated

import typer

from sweeper.cli import options
from sweeper.cli.session import Session
from sweeper.errors import ExitStatus, UsageError

_FEWEST_CLASSES = 2

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...", help="CSV or JSON logs of any tool, TensorBoard or MLflow folders, run directories."
    ),
]
Prefix = Annotated[
    float,
    typer.Option("--prefix", metavar="SHARE", help="Judge only the beginning of each curve: 0.1 is its first tenth."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="TRAIN[,VAL]",
        help="Columns to read, as the file names them; repeatable. Without it, those named after a loss.",
    ),
]
Classes = Annotated[
    int | None,
    typer.Option(
        "--classes",
        metavar="K",
        help="Number of classes of a cross-entropy loss: a model that only guesses has a loss of ln K.",
    ),
]


def classify(
    ctx: typer.Context,
    files: Files,
    *,
    columns: Columns = None,
    classes: Classes = None,
    prefix: Prefix = 1.0,
    json: options.Json = False,
) -> ExitStatus:
    """Say of loss curves in files whether they diverged, stalled, overfit or are healthy.

    Any framework may have written them. Beside each verdict stands the probability that it holds for the whole curve.
    """
    from sweeper.cli._classify_text import classified_document, classified_parts
    from sweeper.cli.output import print_json, print_parts

    if not 0.0 < prefix <= 1.0:
        raise UsageError(f"--prefix {prefix:g}: must be above 0 and at most 1, such as 0.1 for the first tenth")
    if classes is not None and classes < _FEWEST_CLASSES:
        raise UsageError(f"--classes {classes}: must be at least {_FEWEST_CLASSES}, such as 10 for ten kinds of images")
    session: Session = ctx.obj
    found = session.load_library().classify_files(
        [Path(name) for name in files], columns=tuple(columns or ()), classes=classes, prefix=prefix
    )
    if json:
        print_json(classified_document(found))
    else:
        print_parts(classified_parts(found))
    return ExitStatus.DONE
