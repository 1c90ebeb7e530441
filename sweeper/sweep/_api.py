"""The things that can be asked of sweeper, each from its settings to its result."""

import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sweeper
from sweeper.commands import checked_command
from sweeper.errors import Interrupted, NothingTrained, RunMismatch, UsageError
from sweeper.events import AbstractView, RunOpened, SilentView, Waiting
from sweeper.findings import Finding
from sweeper.job import JobInfo
from sweeper.probes import Probe
from sweeper.protocol import Captured, FitSite, Listed
from sweeper.record import Manifest, RunDirectory, differences, newest_run
from sweeper.run import RunState
from sweeper.settings import SCRIPT_BATCH_SIZE, Settings
from sweeper.slices import batch_size_search
from sweeper.space import Space
from sweeper.sweep._axes import estimated_seconds, make_space, planned_map_probes
from sweeper.sweep._capture import Reply, capture_order, first_reply
from sweeper.sweep._followups import plan_text
from sweeper.sweep._judgements import judge_all
from sweeper.sweep._machine import script_hashes
from sweeper.sweep._results import Run, RunRecord, write_results
from sweeper.sweep._run import UP_TO_FIT, executor_for, reaching, run_rest, sample_bytes_for, slots_of, start_for
from sweeper.sweep._stages import Stages
from sweeper.sweep._stop import StopSwitch
from sweeper.target import Target, command_target, parse_target, refuse_running
from sweeper.versions import installed_versions

_RUNS = Path("runs")
"""Where run directories are made unless the user names one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would do."""

    job: JobInfo
    space: Space
    probes: tuple[Probe, ...]
    """In the order in which they would begin, null probes included; of a boundary search its first ones."""
    planned: int
    """Probes that the map takes, null probes not counted; an estimate for a boundary search."""
    follow_ups: tuple[str, ...] = ()
    """What follows the map, in words, if it recommends the script's own setting."""
    seconds: float | None
    """Rough estimate, without the start of the script; None when no step could be timed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitsReport:
    """The fit calls that a target reaches."""

    sites: tuple[FitSite, ...]
    findings: tuple[Finding, ...]


def probe(settings: Settings, *, command: tuple[str, ...], view: AbstractView) -> Run:
    """Runs a sweep in a new run directory; whatever happens to probes, the results are written.

    Raises `UsageError` for settings or a target that cannot be, `MachineError` when the disk or storage fails.
    """
    target = _checked(settings)
    manifest = Manifest(
        sweeper_version=sweeper.__version__,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        command=command,
        settings=settings,
        script=script_hashes(target, _data_file(settings)),
        versions=installed_versions(),
    )
    directory = RunDirectory.create(_directory_for(settings, target), manifest)
    view.show(RunOpened(directory=str(directory.path), resumed=False))
    return run_rest(directory, settings, view)


def newest() -> Path:
    """The run of the folder `runs` that was begun last; raises `RunError` when there is none."""
    return newest_run(_RUNS)


def resume(
    directory: Path,
    *,
    force: bool,
    view: AbstractView,
    storage: str | None = None,
    budget_s: float | None = None,
    max_probes: int | None = None,
) -> Run:
    """Goes on with a run: probes that are finished are not run again.

    `storage` replaces the run's Optuna storage, whose password is not kept; `budget_s` is the time for this sitting,
    and `max_probes` the number of probes with those before. What is not given is as the run was made with.

    Raises `RunMismatch` when the script or a version has changed and `force` is not given, `RunError`
    when `directory` is not a run.
    """
    run = RunDirectory.open(directory)
    kept = run.manifest.settings
    settings = replace(
        kept,
        storage=storage or kept.storage,
        budget_s=budget_s or kept.budget_s,
        max_probes=max_probes or kept.max_probes,
    )
    target = _checked(settings)
    now = replace(run.manifest, sweeper_version=sweeper.__version__, versions=installed_versions())
    now = replace(now, script=script_hashes(target, _data_file(settings)))
    changed = differences(run.manifest, now)
    if changed and not force:
        listed = "\n".join(f"  - {sentence}" for sentence in changed)
        raise RunMismatch(
            f"{directory} was made with something else, so its probes and new ones would not compare:\n{listed}\n"
            f"Start a new run, or go on all the same with: sweeper resume {directory} --force"
        )
    view.show(RunOpened(directory=str(run.path), resumed=True))
    return run_rest(run, settings, view)


def plan(settings: Settings, *, view: AbstractView) -> Plan:
    """What `probe` would do; the script runs up to its fit call, a command once at rate 0, and nothing is kept.

    Raises `NothingTrained` with the finding when the fit call is not reached.
    """
    reply = ask_worker(settings, view=view)
    if not isinstance(reply, Captured):
        raise NothingTrained(_finding_text(reply.findings))
    space, job = make_space(_with_known_sizes(settings), reply.job)
    stages = Stages(settings, job, space)
    return Plan(
        job=job,
        space=space,
        probes=stages.next_probes(()),
        planned=planned_map_probes(space),
        follow_ups=tuple(plan_text(one) for one in stages.expected),
        seconds=estimated_seconds(job, space, further=stages.follow_up_cost(), workers=len(slots_of(settings))),
    )


def fits(settings: Settings, *, view: AbstractView) -> FitsReport:
    """The fit calls that a target reaches, each trained for a few steps so that the script goes on to the next."""
    reply = ask_worker(settings, view=view, way="from fit call to fit call", list_fits=True)
    return FitsReport(sites=reply.sites if isinstance(reply, Listed) else (), findings=reply.findings)


def ask_worker(
    settings: Settings,
    *,
    view: AbstractView,
    way: str = UP_TO_FIT,
    list_fits: bool = False,
    diagnose: bool = False,
) -> Reply:
    """What one worker says of the target; no probe is run, and nothing is kept."""
    if settings.command is not None and (list_fits or diagnose):
        what = "list the fit calls of" if list_fits else "diagnose"
        raise UsageError(
            f"a --command has no model.fit call to look at, so sweeper cannot {what} it; that needs a script of Keras. "
            "To see what a command reports, and what is tried: sweeper probe --plan --command ..."
        )
    target = _checked(settings)
    view.show(Waiting(text=reaching(settings) if way == UP_TO_FIT else f"running {target.text} {way}"))
    switch = StopSwitch()
    with tempfile.TemporaryDirectory(prefix="sweeper-") as name, switch.listening():
        folder = Path(name)
        order = capture_order(settings, folder=folder / "job", sample_bytes=sample_bytes_for(settings, folder))
        start = replace(start_for(settings, folder / "scratch"), list_fits=list_fits, diagnose=diagnose)
        with executor_for(settings, start, folder / "logs", slots=slots_of(settings)[:1]) as executor:
            reply = first_reply(executor, order, switch, SilentView())
    if reply is None:
        raise Interrupted("stopped before the training was known")
    return reply


def rebuild(directory: Path) -> Run:
    """Makes results.json and report.html again from the record of a run.

    Raises `RunError` when `directory` is not a run.
    """
    run = RunDirectory.open(directory)
    job, space = run.job() or (None, None)
    judged = judge_all(run.outcomes(), job) if job else ()
    settings = run.manifest.settings
    found = batch_size_search().kept_batch_size(run, settings) if settings.searches_memory else None
    swept = False
    if job is not None and space is not None:
        stages = Stages(settings, job, space, settled=run.follow_ups())
        stages.settle(judged)
        swept = not stages.next_probes(judged)
    complete = swept or (settings.memory_only and found is not None)
    known = RunRecord(
        job=job,
        space=space,
        judged=judged,
        findings=(*(found.findings if found is not None else ()), *run.findings()),
        batch_size=found,
    )
    state = RunState.COMPLETE if complete else RunState.INCOMPLETE
    return write_results(run, known, state=state, slots=slots_of(settings))


def _with_known_sizes(settings: Settings) -> Settings:
    """The settings with the script's own batch size in place of sizes that only a memory search can tell."""
    return replace(settings, batch_sizes=(SCRIPT_BATCH_SIZE,)) if settings.searches_memory else settings


def _checked(settings: Settings) -> Target:
    """The target, after what can be checked without running anything."""
    command = checked_command(settings)
    if command is not None:
        return command_target(command.text, command.template.words)
    target = parse_target(settings.target)
    refuse_running(target)
    if settings.data is not None:
        parse_target(settings.data)
    return target


def _data_file(settings: Settings) -> Path | None:
    file = parse_target(settings.data).file if settings.data else None
    return Path(file) if file else None


def _directory_for(settings: Settings, target: Target) -> Path:
    """The run directory: as asked, or a new one under `runs`."""
    if settings.out is not None:
        return Path(settings.out)
    stem = f"{target.name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    return next(path for path in (_RUNS / name for name in names) if not path.exists())


def _finding_text(findings: tuple[Finding, ...]) -> str:
    return "\n\n".join(f"{f.code}: {f.title}\n{f.evidence}\n{f.remedy}".strip() for f in findings)
