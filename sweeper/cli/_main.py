"""The entry point: from arguments to an exit status, with every error as a message."""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from sweeper.cli._library import Library, sweep_library
from sweeper.cli._streams import tolerant_streams
from sweeper.cli.session import Session, split_arguments
from sweeper.errors import ExitStatus, SweeperError


def main(arguments: Sequence[str] | None = None, *, load_library: Callable[[], Library] = sweep_library) -> int:
    """The exit status of the command with these arguments; those of the process if there are none.

    Prints the result on standard output, everything else on standard error.
    """
    given = tuple(sys.argv[1:] if arguments is None else arguments)
    with tolerant_streams():
        try:
            return _run(given, load_library)
        except SweeperError as error:
            _print_error(str(error))
            return error.exit_status
        except typer.TyperException as error:
            _print_error(_usage_message(error, given))
            return ExitStatus.USAGE
        except KeyboardInterrupt:
            return ExitStatus.INTERRUPTED
        except Exception:  # noqa: BLE001  the last resort: whatever is not foreseen is a fault of ours
            _print_error(f"a fault in sweeper, not in your script:\n{traceback.format_exc()}{_REPORT_IT}")
            return ExitStatus.INTERNAL


_REPORT_IT = "Please report it with these lines, the command, and what `sweeper --version` prints."


def _run(given: tuple[str, ...], load_library: Callable[[], Library]) -> int:
    from sweeper.cli._app import VERBS_WITH_SCRIPT_ARGS, app

    own, script_args = split_arguments(given, verbs=VERBS_WITH_SCRIPT_ARGS)
    session = Session(
        command=("sweeper", *given),
        script_args=script_args,
        environ=os.environ,
        cwd=Path.cwd(),
        load_library=load_library,
    )
    status = app(list(own) or ["--help"], prog_name="sweeper", standalone_mode=False, obj=session)
    return int(status or ExitStatus.DONE)


def _usage_message(error: typer.TyperException, given: tuple[str, ...]) -> str:
    """The message of a usage error, with the next step."""
    from sweeper.cli._app import VERBS_WITH_SCRIPT_ARGS

    verb = given[0] if given else ""
    message = error.format_message()
    message += "" if message.endswith((".", "?")) else "."
    if verb in VERBS_WITH_SCRIPT_ARGS:
        return (
            f"{message} `sweeper {verb} --help` lists the options.\n"
            f"Options of the script itself stand behind --: sweeper {verb} train.py -- --data cifar10"
        )
    words = "-m " + " ".join(given[1:2]) if verb == "-m" else verb
    guess = f" To probe it: sweeper probe {words}" if verb == "-m" or verb.endswith((".py", ".ipynb")) else ""
    return f"{message}{guess} `sweeper --help` lists the verbs."


def _print_error(text: str) -> None:
    from sweeper.cli.output import print_error

    print_error(text)
