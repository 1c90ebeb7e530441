"""What is known of a run, written as results.json and report.html."""

import json
from dataclasses import dataclass
from pathlib import Path

from sweeper.errors import ExitStatus
from sweeper.execute import Slot
from sweeper.findings import Finding
from sweeper.followup import FollowUpsRead
from sweeper.job import JobInfo
from sweeper.record import RunDirectory, write_atomic
from sweeper.reporting import curves_for_page, detailed_probes, report_page
from sweeper.results import Results
from sweeper.run import RunInfo, RunState
from sweeper.search import Unresolved, unresolved
from sweeper.slices import BatchSizeFound
from sweeper.space import Space
from sweeper.sweep._followups import read_follow_ups
from sweeper.sweep._machine import environment_facts
from sweeper.sweep._stages import Stages
from sweeper.sweep._verdicts import document, within
from sweeper.text import rate_text
from sweeper.verdict import Judged


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Run:
    """A run that ended: where it is, and what it found."""

    directory: Path
    """The run directory."""
    results: Results
    """What results.json holds."""
    status: ExitStatus
    """How it ended: `DONE`, `INCOMPLETE` (a limit on time or probes), `INTERRUPTED`, or `NOTHING_TRAINED`."""

    @property
    def report(self) -> Path:
        """The page with the map."""
        return self.directory / "report.html"

    def __repr__(self) -> str:
        advice = self.results.recommendation
        if advice is None or advice.setting is None:
            answer = "no map" if advice is None else advice.reason
        else:
            optimizer, rate, batch_size = advice.setting
            answer = f"{optimizer} at {rate_text(rate)}, batch size {batch_size}"
        return f"<Run {self.directory}, {self.results.environment.state}: {answer}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What a run has found so far."""

    job: JobInfo | None
    space: Space | None
    judged: tuple[Judged, ...]
    """Every finished probe; null probes without a verdict."""
    findings: tuple[Finding, ...]
    batch_size: BatchSizeFound | None = None
    limit: str = ""
    """Which limit on time or probes ended the run, in words; empty when none did."""


_STATUS = {
    RunState.COMPLETE: ExitStatus.DONE,
    RunState.INCOMPLETE: ExitStatus.INCOMPLETE,
    RunState.INTERRUPTED: ExitStatus.INTERRUPTED,
    RunState.FAILED: ExitStatus.NOTHING_TRAINED,
}


def write_results(run: RunDirectory, known: RunRecord, *, state: RunState, slots: tuple[Slot, ...]) -> Run:
    """Writes results.json and report.html and returns what they say."""
    manifest = run.manifest
    settings = manifest.settings
    planned, follow_ups = _stages(run, known)
    info = RunInfo(
        name=run.path.resolve().name,
        target=settings.command or settings.target,
        script_args=settings.script_args,
        command=manifest.command,
        created=manifest.created,
        seconds=run.seconds,
        state=state,
        planned=planned,
        limit=known.limit,
        version=manifest.sweeper_version,
        environment=environment_facts(slots),
    )
    results = document(
        run=info,
        job=known.job,
        space=known.space,
        judged=known.judged,
        findings=known.findings,
        job_steps=settings.job_steps,
        unresolved=_unresolved(known),
        batch_size=known.batch_size,
        follow_ups=follow_ups,
    )
    write_atomic(run.results_file, json.dumps(results.as_json(), indent=1, allow_nan=False) + "\n")
    write_atomic(run.report_file, report_page(results, curves_for_page(known.judged, detailed_probes(results))))
    return Run(directory=run.path, results=results, status=_STATUS[state])


def _stages(run: RunDirectory, known: RunRecord) -> tuple[int, FollowUpsRead | None]:
    """How many probes the run plans, and what its follow-ups said."""
    if known.job is None or known.space is None:
        return 0, None
    settings = run.manifest.settings
    stages = Stages(settings, known.job, known.space, settled=run.follow_ups())
    stages.settle(known.judged)
    said = read_follow_ups(stages.follow_ups, settings, known.job, known.space, known.judged)
    return stages.planned(known.judged), said


def _unresolved(known: RunRecord) -> tuple[Unresolved, ...]:
    """What a boundary search leaves open; a grid says it by its empty cells."""
    if known.space is None or known.space.resolution is None:
        return ()
    return unresolved(known.space, within(known.space, known.judged))
