"""Explanations of exceptions: patterns in the message decide which fault it is.

Keras, TensorFlow and NumPy say the same thing in many ways. Each entry is a pattern of what they say and the finding it
means; the first that matches counts, so that the particular stands before the general.
"""

import re
from re import Match

from sweeper.checks.diagnose._base import Cause, always
from sweeper.checks.diagnose._causes_in_code import CAUSES_IN_CODE
from sweeper.checks.diagnose._causes_in_data import CAUSES_IN_DATA
from sweeper.checks.diagnose._facts import Raised, Stage
from sweeper.checks.diagnose._shapes import BATCH_MISSING
from sweeper.checks.diagnose._words import shape_text
from sweeper.findings import Finding, FindingKind, Severity

WHOLE_NUMBER = FindingKind("SW124", Severity.ERROR, "the learning rate, or another setting, is a whole number")
SYNTAX = FindingKind("SW131", Severity.ERROR, "the script is not valid Python")
OUT_OF_MEMORY = FindingKind("SW501", Severity.ERROR, "there is not enough memory")


def explain(raised: Raised) -> Finding | None:
    """The finding that explains an exception; None where its message is not recognised.

    After fit the model has trained for a few steps only, and a script may fail just for that reason. So only failing
    calls of a method of the model are explained there, if they would fail whatever the model has learned.
    """
    if (missing := _missing_batch(raised)) is not None:
        return missing
    text = f"{' '.join(raised.kinds)}: {raised.message}"
    for cause in CAUSES:
        match = re.search(cause.pattern, text, re.DOTALL)
        if match is not None and re.search(cause.line, raised.source):
            if raised.stage is Stage.AFTER_FIT and not (cause.after_fit and raised.method):
                return None
            return _finding(cause.kind, *cause.say(match, raised), raised)
    return None


def _finding(kind: FindingKind, title: str, remedy: str, raised: Raised) -> Finding:
    return kind.found(
        severity=Severity.ERROR,
        title=f"{title} (in {raised.method}, after fit)" if raised.stage is Stage.AFTER_FIT else title,
        evidence=raised.traceback,
        location=raised.location,
        remedy=remedy,
    )


def _missing_batch(raised: Raised) -> Finding | None:
    """The finding for a single sample that was given to a method of a model in place of a batch; else None."""
    given, wanted = raised.given, raised.wanted
    if not raised.method or given is None or wanted is None or len(given) != len(wanted) - 1:
        return None
    if any(a is not None and a != b for a, b in zip(wanted[1:], given, strict=True)):
        return None
    title = f"the batch dimension is missing: {raised.method} got {shape_text(given)} for {shape_text(wanted)}"
    remedy = "One sample still is a batch of one: give x[None, ...], or x[0:1] instead of x[0]."
    return _finding(BATCH_MISSING, title, remedy, raised)


def _syntax(match: Match[str], raised: Raised) -> tuple[str, str]:
    said = match["said"].partition(" (")[0].strip()
    read = "cell" if ".ipynb cell " in raised.location else "file"
    return (
        f"the script is not valid Python: {said}",
        f"Python could not read the {read}, so that nothing of it ran. "
        + (
            "Count the brackets up to the end of that line."
            if "never closed" in said
            else "Fix the line, or the one before it."
        )
        + (f" It reads: {raised.source}" if raised.source else ""),
    )


CAUSES: tuple[Cause, ...] = (
    Cause(kind=SYNTAX, pattern=r"SyntaxError.*?: (?P<said>.+)", say=_syntax),
    Cause(
        kind=WHOLE_NUMBER,
        pattern=r"`learning_rate` should be float.*learning_rate=(?P<rate>-?\d+)(?![\d.e])",
        say=lambda match, _: (
            f"the learning rate {match['rate']} is a whole number, which Keras 3 does not take",
            f"Write {match['rate']}.0"
            + (" - but that is far too high for most optimizers: start at 1e-3." if int(match["rate"]) >= 1 else "."),
        ),
    ),
    Cause(
        kind=WHOLE_NUMBER,
        pattern=r"`learning_rate` should be float.*learning_rate=(?P<rate>[^\n]+)",
        say=lambda match, _: (
            f"the learning rate is no number: {match['rate']}",
            "Give a float, without quotes: learning_rate=1e-3; or a schedule of keras.optimizers.schedules.",
        ),
    ),
    Cause(
        kind=WHOLE_NUMBER,
        pattern=r"[`'\"](?P<name>\w+)[`'\"] must be a float",
        say=lambda match, _: (
            f"{match['name']} is a whole number where Keras 3 takes a float",
            f"Write it with a point: {match['name']}=0.0, not {match['name']}=0.",
        ),
    ),
    Cause(
        kind=OUT_OF_MEMORY,
        pattern=r"MemoryError|ResourceExhausted|OOM when allocating|out of memory",
        say=always(
            "there is not enough memory",
            "Take a smaller batch size (sweeper batch finds the largest), load less of the data at a time, or a "
            "smaller model.",
        ),
    ),
    *CAUSES_IN_DATA,
    *CAUSES_IN_CODE,
)
"""In the order in which they are tried."""
