"""Choosing the view that suits where standard error goes."""

import contextlib
import sys
import time
from collections.abc import Iterator

from sweeper.events import AbstractView, SilentView


@contextlib.contextmanager
def open_view(*, quiet: bool) -> Iterator[AbstractView]:
    """The live view on a terminal, plain lines elsewhere, nothing when quiet; it ends with the context."""
    if quiet:
        yield SilentView()
    elif sys.stderr.isatty():
        with _live_or_plain() as view:
            yield view
    else:
        yield _plain()


@contextlib.contextmanager
def _live_or_plain() -> Iterator[AbstractView]:
    from rich.console import Console
    from rich.live import Live

    from sweeper.cli._live_view import LiveView

    console = Console(stderr=True)
    if console.is_dumb_terminal:
        yield _plain()
        return
    with Live(console=console, transient=True, refresh_per_second=8, redirect_stdout=False) as live:
        yield LiveView(live)


def _plain() -> AbstractView:
    from sweeper.cli._plain_view import PlainView

    return PlainView(sys.stderr, clock=lambda: time.strftime("%H:%M:%S"))
