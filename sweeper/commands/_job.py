"""What is known of a command's training, as a job; or what was seen where it reports nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import join

from sweeper.commands._template import BATCH_SIZE, OPTIMIZER, SEED, Command, rate_text
from sweeper.findings import COMMAND_FAILED, NOTHING_REPORTED
from sweeper.job import COMMAND, Change, JobInfo, OptimizerInfo
from sweeper.probes import Outcome, OutcomeKind
from sweeper.protocol import Failed
from sweeper.settings import Settings

WAYS = (
    "Call sweeper.report(loss=...) at every step (import sweeper), print a line of JSON such as "
    '{"step": 1, "loss": 0.5} at every step, or name the file that it writes with --curve (CSV, JSON lines, a '
    "TensorBoard folder)."
)
"""What a program can do to be probed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the first process of a command has shown."""

    steps: int
    """Losses that it reported."""
    asked: int
    whole: bool
    """Whether it was not stopped for a loss that broke."""
    seconds: float
    validates: bool
    null_rate: float
    """The rate at which nothing is learnt: 0, or almost 0 where the program refuses that."""


def command_job(command: Command, settings: Settings, seen: Seen) -> JobInfo:
    """The job of a command: most of what is known of a Keras script is not known of it."""
    sizes = [size for size in settings.batch_sizes or () if isinstance(size, int)]
    size = sizes[0] if sizes else 1
    own = f"each probe trains with the program's own size, for which {size} stands"
    optimizer = OptimizerInfo(
        name="own optimizer",
        learning_rate=None,
        unknown="a command gets its rate from sweeper",
        only="" if command.varies(OPTIMIZER) else f"the command has no {{{OPTIMIZER}}}",
    )
    return JobInfo(
        fit_site=command.text,
        fit_number=1,
        model=COMMAND,
        parameters=0,
        trainable_parameters=0,
        loss="reported",
        optimizer=optimizer,
        batch_size=size,
        batch_size_fixed="" if command.varies(BATCH_SIZE) else f"the command has no {{{BATCH_SIZE}}}: {own}",
        train_samples=0,
        val_samples=1 if seen.validates else 0,
        val_source="the program" if seen.validates else "the program reports no validation loss",
        sample_bytes=0,
        backend=COMMAND,
        step_seconds=seen.seconds / max(seen.steps, 1),
        most_steps=seen.steps if seen.whole and seen.steps < seen.asked else None,
        changes=tuple(_changes(command, seen)),
    )


def _changes(command: Command, seen: Seen) -> Iterator[Change]:
    yield Change(
        what="process",
        detail="every probe is a process of its own, which is ended once it has reported the asked number of losses; "
        "each reported loss counts as one step",
    )
    if not command.varies(SEED):
        detail = (
            f"the command has no {{{SEED}}}, so every seed trains with the random numbers that the program draws itself"
        )
        yield Change(what="seeds", detail=detail)
    if seen.whole and seen.steps < seen.asked:
        detail = (
            f"the program ends after {seen.steps} reported losses, so probes are no longer; asked were {seen.asked}"
        )
        yield Change(what="length of probes", detail=detail)
    if seen.null_rate:
        rate = rate_text(seen.null_rate)
        detail = f"the program refuses a rate of 0, so {rate} stands for it where only noise is measured"
        yield Change(what="null probes", detail=detail)
    if not command.curves_apart:
        detail = (
            "one probe at a time, since probes would write to the same file: not all placeholders of the command are "
            "in the path of --curve"
        )
        yield Change(what="workers", detail=detail)


def nothing_seen(
    words: Sequence[str], outcome: Outcome, lines: Sequence[str], *, problem: str, log: Path, losses: int
) -> Failed:
    """The finding about a command whose first process left no curve."""
    said = "\n".join(["It printed last:", *(f"  {line}" for line in lines)]) if lines else "It printed nothing."
    evidence = f"Command: {join(words)}\n{outcome.cause}.\n{said}"
    failed = outcome.kind is not OutcomeKind.ERROR or "exit status" in outcome.cause
    if failed and outcome.kind is not OutcomeKind.TIMEOUT:
        remedy = f"Run the command by itself in the same folder. Its whole output is in {log}."
        return Failed(
            findings=(
                COMMAND_FAILED.found(
                    title=f"{COMMAND_FAILED.title}: {outcome.cause}", evidence=evidence, remedy=remedy
                ),
            )
        )
    if problem:
        evidence += f"\nOf --curve: {problem}."
    if losses:
        title = f"the command reports too few losses, {losses} in all"
        remedy = f"Have it train for longer, or report at every step. {WAYS}"
        return Failed(findings=(NOTHING_REPORTED.found(title=title, evidence=evidence, remedy=remedy),))
    return Failed(findings=(NOTHING_REPORTED.found(evidence=evidence, remedy=WAYS),))
