"""Writing results on standard output and messages on standard error."""

import json
import sys
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.text import Text

_WIDTH_OF_FILES = 100
"""Characters in a line when the output is not a terminal."""


def print_parts(parts: Iterable[RenderableType]) -> None:
    """Prints the result for people on standard output."""
    console = result_console()
    for part in parts:
        console.print(part)


def result_console() -> Console:
    """The console of standard output; a file or pipe gets lines of a fixed width without colour."""
    width = None if sys.stdout.isatty() else _WIDTH_OF_FILES
    return Console(width=width, highlight=False, soft_wrap=False)


def print_json(document: object) -> None:
    """Prints the result for machines on standard output."""
    print_line(json.dumps(document, indent=2, allow_nan=False))


def print_line(text: str) -> None:
    """Prints text as it is on standard output."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def print_message(kind: str, text: str, *, style: str) -> None:
    """Prints a message on standard error: its kind in colour, then the text as it is."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text.assemble((f"{kind}: ", style), text))


def print_error(text: str) -> None:
    """Prints an error on standard error."""
    print_message("error", text, style="bold red")
