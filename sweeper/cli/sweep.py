"""What the verbs that take settings have in common."""

from typing import TYPE_CHECKING

from sweeper.cli._plan_text import plan_document, plan_parts
from sweeper.cli.output import print_json, print_parts
from sweeper.cli.session import Session
from sweeper.cli.settings import config_document, config_parts
from sweeper.cli.views import open_view
from sweeper.config import Resolved
from sweeper.errors import ExitStatus
from sweeper.settings import Settings

if TYPE_CHECKING:
    from sweeper.sweep import Run


def run_sweep(session: Session, settings: Settings, *, quiet: bool) -> "Run":
    """Runs a sweep under the view that suits the terminal."""
    library = session.load_library()
    with open_view(quiet=quiet) as view:
        return library.probe(settings, command=session.command, view=view)


def print_plan(session: Session, settings: Settings, *, as_json: bool, quiet: bool) -> ExitStatus:
    """Prints what a sweep would do."""
    library = session.load_library()
    with open_view(quiet=quiet) as view:
        plan = library.plan(settings, view=view)
    if as_json:
        print_json(plan_document(plan))
    else:
        print_parts(plan_parts(plan))
    return ExitStatus.DONE


def print_config(resolved: Resolved, *, as_json: bool) -> ExitStatus:
    """Prints every setting and its origin."""
    if as_json:
        print_json(config_document(resolved))
    else:
        print_parts(config_parts(resolved))
    return ExitStatus.DONE
