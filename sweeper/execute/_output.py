"""The last lines that a script printed, shown with the finding that it ended before it trained."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from sweeper.findings import SCRIPT_LEFT, Finding, Severity
from sweeper.protocol import Ending, Failed, Listed

Reply = TypeVar("Reply", bound=Failed | Listed)

LAST_LINES = 10
"""Lines that are quoted: the usage and the error of a command-line parser take two to five."""
LINE_CHARACTERS = 200
"""Characters of a line that are quoted: a progress bar or a dumped array is cut there."""
_TAIL_BYTES = 16_000
_TAIL_CHARACTERS = 4000

_LIBRARY_LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IW] |[IWE]0000 |[IW]\d{4} |WARNING: All log messages before|"
    r"To enable the following instructions: "
)
"""How lines of TensorFlow's own log begin."""
_TRACEBACK = "Traceback (most recent call last):"


def with_output(reply: Reply, output: str) -> Reply:
    """A reply with what the script printed last in the evidence of the first error, where the script has ended.

    The error that ended it is a finding already, so that its traceback is left out of the output. Where the script
    left by itself, its last line says why, and is in the title too.
    """
    first = next((finding for finding in reply.findings if finding.severity is Severity.ERROR), None)
    if first is None or not reply.ending.is_of_script:
        return reply
    left = reply.ending is Ending.LEFT
    lines = last_lines(output, with_traceback=left)
    said = "\n".join(["It printed last:", *(f"  {line}" for line in lines)]) if lines else "It printed nothing."
    title = first.title
    if lines and left and lines[-1] not in title:
        title = f"{title}: {lines[-1].strip()}"
    shown = replace(first, title=title, evidence=f"{first.evidence}\n{said}".strip())
    return replace(reply, findings=tuple(shown if finding is first else finding for finding in reply.findings))


def last_lines(output: str, *, with_traceback: bool) -> list[str]:
    """The last lines of an output that are the script's own; those of libraries' logs are not."""
    kept = output if with_traceback else output.partition(_TRACEBACK)[0]
    # A progress bar goes back to the start of its line.
    lines = [line.rpartition("\r")[2].rstrip() for line in kept.replace("\r\n", "\n").split("\n")]
    own = [line[:LINE_CHARACTERS] for line in lines if line and _LIBRARY_LINE.match(line) is None]
    return own[-LAST_LINES:]


def log_tail(log: Path) -> str:
    """The last lines of a log; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL_BYTES))
            lines = file.read().decode(errors="replace").strip().splitlines()
    except OSError:
        return ""
    # Python's fault handler ends with one line that names every extension module.
    kept = [line for line in lines if not line.startswith("Extension modules:")]
    return "\n".join(kept)[-_TAIL_CHARACTERS:].strip()


def left_before_fit(log: Path, cause: str) -> Finding:
    """The finding about a worker that ended before its fit call, with what its script printed last."""
    return SCRIPT_LEFT.found(
        title=f"the script's process ended before training could begin: {cause}",
        evidence=log_tail(log) or "It printed nothing.",
        remedy=f"Its whole output is in {log}. Run the script by itself; "
        "give its own arguments after -- if it needs any.",
    )
