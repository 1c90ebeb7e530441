"""The first worker: what it says of the script, and the job with its axes that a sweep starts from."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sweeper.classify import VerdictThresholds
from sweeper.errors import MachineError
from sweeper.events import AbstractView, Note, Waiting
from sweeper.execute import AbstractExecutor, StopLevel
from sweeper.findings import Finding, Severity, without
from sweeper.job import NOTEBOOK, JobInfo
from sweeper.protocol import AtFit, Capture, Captured, Diagnosed, Ending, Failed, Listed
from sweeper.recommend import FollowUpThresholds
from sweeper.record import RunDirectory
from sweeper.settings import Settings
from sweeper.space import Space
from sweeper.sweep._axes import make_space
from sweeper.sweep._stop import StopSwitch

STOPPING = "stopping: probes in flight finish; press Ctrl-C again to stop at once"
"""What is said when the user stops a run."""

Reply: TypeAlias = Captured | Listed | Diagnosed | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedJob:
    """A job with its axes."""

    job: JobInfo
    space: Space
    findings: tuple[Finding, ...]


def kept_job(directory: RunDirectory) -> CapturedJob | None:
    """The job of a run that has come so far before."""
    known = directory.job()
    return None if known is None else CapturedJob(job=known[0], space=known[1], findings=directory.findings())


_FIT_CALL = "the fit call is reached; taking the samples and tracing the first steps"
_OWN_LOOP = "the script trains in a loop of its own; recording its first steps"


def first_reply(executor: AbstractExecutor, order: Capture, switch: StopSwitch, view: AbstractView) -> Reply | None:
    """What the first worker says of the script; None when the user has stopped it."""
    executor.begin(order)
    while not executor.over and switch.level is StopLevel.RUN:
        match executor.next_event():
            case AtFit() as reached:
                view.show(Waiting(text=_OWN_LOOP if reached.own_loop else _FIT_CALL))
            case Note() as note:
                view.show(note)
            case Captured() | Listed() | Diagnosed() | Failed() as reply:
                return reply
    return None


def capture(
    executor: AbstractExecutor,
    order: Capture,
    *,
    directory: RunDirectory,
    settings: Settings,
    switch: StopSwitch,
    view: AbstractView,
) -> CapturedJob | tuple[Finding, ...]:
    """The job of a new run, which is kept; findings when no worker gets ready, none when the user has stopped it.

    Raises `MachineError` when the samples cannot be kept, `UsageError` when no batch size or optimizer that was asked
    for is possible.
    """
    match first_reply(executor, order, switch, view):
        case Captured() as reply:
            return keep_job(reply, directory=directory, settings=settings, view=view)
        case Failed(ending=Ending.NO_ROOM, findings=(finding,)):
            raise MachineError(f"{finding.title}: {finding.evidence}. {finding.remedy}")
        case Failed() as reply:
            return reply.findings
        case reply:
            assert reply is None
            view.show(Note(text=STOPPING))
            return ()


def keep_job(reply: Captured, *, directory: RunDirectory, settings: Settings, view: AbstractView) -> CapturedJob:
    """A job that was captured, with its axes, once the run directory holds it."""
    space, job = make_space(settings, reply.job)
    findings = without(reply.findings, settings.ignore)
    directory.save_job(job, space, findings)
    for change in job.changes:
        if change.what == NOTEBOOK:
            view.show(Note(text=f"{change.what}: {change.detail}"))
    for finding in findings:
        if finding.severity is not Severity.NOTE:
            view.show(Note(text=f"{finding.code} {finding.severity}: {finding.title}"))
    return CapturedJob(job=job, space=space, findings=findings)


_LONGER = math.ceil(FollowUpThresholds().overfit_most_probes / VerdictThresholds().overfit_passes)
"""How many times as many samples as a short probe draws the longest training can pass over often enough to overfit."""


def capture_order(settings: Settings, *, folder: Path, sample_bytes: int) -> Capture:
    """What the first worker is told to take."""
    steps = settings.length.steps
    listed = settings.batch_sizes if isinstance(settings.batch_sizes, tuple) else ()
    sizes = [size for size in listed if isinstance(size, int)]
    known = sizes and len(sizes) == len(listed)
    return Capture(
        folder=str(folder.resolve()),
        sample_bytes=sample_bytes,
        samples=steps * max(sizes) if steps is not None and known else None,
        steps=steps,
        times=_LONGER if settings.overfit else 1,
        engine=settings.engine,
    )
