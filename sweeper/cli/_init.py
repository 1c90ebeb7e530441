"""`sweeper init`: a config file to start from."""

from typing import Annotated

import typer

from sweeper.cli.session import Session
from sweeper.errors import ExitStatus, UsageError

Force = Annotated[bool, typer.Option("--force", metavar="", help="Replace a sweeper.toml that is already there.")]


def init(ctx: typer.Context, *, force: Force = False) -> ExitStatus:
    """Write a commented sweeper.toml into this folder."""
    from sweeper.cli.output import print_line
    from sweeper.config import FILE_NAME, config_template

    session: Session = ctx.obj
    path = session.cwd / FILE_NAME
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(config_template())
    except FileExistsError:
        raise UsageError(f"{path} is already there; --force replaces it") from None
    print_line(f"wrote {path}")
    return ExitStatus.DONE
