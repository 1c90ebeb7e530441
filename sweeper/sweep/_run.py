"""Running what is left of a run: the batch-size search if one was asked for, the probes, the results."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from sweeper.commands import CommandExecutor, checked_command
from sweeper.events import AbstractView, Note, Waiting
from sweeper.execute import (
    AbstractExecutor,
    AbstractLauncher,
    LocalLauncher,
    ProbeExecutor,
    Slot,
    StopLevel,
    Timeouts,
    make_slots,
)
from sweeper.findings import Finding
from sweeper.protocol import Adopt, Start
from sweeper.record import RunDirectory, StudyWriter, check_storage, load_optuna
from sweeper.run import RunState
from sweeper.settings import Settings
from sweeper.slices import BatchSizeFound, batch_size_search
from sweeper.space import Space
from sweeper.sweep._axes import expected_probes
from sweeper.sweep._capture import CapturedJob, capture, capture_order, kept_job
from sweeper.sweep._machine import default_sample_bytes
from sweeper.sweep._results import Run, RunRecord, write_results
from sweeper.sweep._stop import StopSwitch
from sweeper.sweep._sweep import Sweep


def run_rest(run: RunDirectory, settings: Settings, view: AbstractView) -> Run:
    """Runs what is left of a run and writes its results."""
    began = time.monotonic()
    switch = StopSwitch()
    slots = slots_of(settings)
    if settings.storage:
        check_storage(settings.storage)
    with run.lock(), switch.listening(), ExitStack() as ending:
        for sentence in run.repair():
            view.show(Note(text=sentence))
        found = _search_batch_size(run, settings, view, switch) if settings.searches_memory else None
        asked = _with_found_sizes(settings, found, switch)
        sweep = () if asked is None else _sweep(run, asked, view, switch, ending=ending)
        run.add_seconds(time.monotonic() - began)
        view.show(Waiting(text="writing the report"))
        state = _state(sweep, found, settings, switch)
        result = write_results(run, _known(sweep, found), state=state, slots=slots)
        if state is not RunState.COMPLETE:
            return result
        run.discard_samples()
    if found is None or not isinstance(sweep, Sweep):
        return result
    compared = batch_size_search().compare_precision(
        run,
        settings,
        result.results,
        view=view,
        sweep=lambda other, asked: run_rest(other, asked, view).results,
    )
    if compared is None:
        return result
    return write_results(run, _known(sweep, compared), state=state, slots=slots)


def _search_batch_size(run: RunDirectory, settings: Settings, view: AbstractView, switch: StopSwitch) -> BatchSizeFound:
    # Alone on the machine, as the long job is: with fewer threads a training holds fewer tensors at a time.
    slot = slots_of(replace(settings, workers=1))[0]
    with _scratch(run) as scratch:
        return batch_size_search().search_batch_size(
            run,
            settings,
            start=start_for(settings, scratch),
            slot=slot,
            launcher=make_launcher(),
            view=view,
            stop_level=lambda: switch.level,
        )


@contextmanager
def _scratch(run: RunDirectory) -> Iterator[Path]:
    """A folder that is gone afterwards, for what the script writes after a fit call that was cut short."""
    folder = run.path / "scratch"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _with_found_sizes(settings: Settings, found: BatchSizeFound | None, switch: StopSwitch) -> Settings | None:
    """The settings with the batch sizes that a search found; None when it leaves nothing to probe."""
    if found is None:
        return settings
    if not found.sizes or settings.memory_only or switch.level is not StopLevel.RUN:
        return None
    return replace(settings, batch_sizes=found.sizes)


def _sweep(
    run: RunDirectory, settings: Settings, view: AbstractView, switch: StopSwitch, *, ending: ExitStack
) -> Sweep | tuple[Finding, ...]:
    """Runs the probes; findings when the fit call is not reached. The study may take longer: see `ending`."""
    kept = kept_job(run)
    sweep = None if kept is None else _begun(kept, run=run, settings=settings, view=view, switch=switch, ending=ending)
    if sweep is not None and sweep.complete:
        return sweep
    view.show(Waiting(text=reaching(settings)))
    threading.Thread(target=load_optuna, daemon=True, name="sweeper-imports").start()
    with (
        _scratch(run) as scratch,
        executor_for(settings, start_for(settings, scratch), run.logs, slots=slots_of(settings)) as executor,
    ):
        if sweep is None:
            order = capture_order(settings, folder=run.job_folder, sample_bytes=sample_bytes_for(settings, run.path))
            captured = capture(executor, order, directory=run, settings=settings, switch=switch, view=view)
            if not isinstance(captured, CapturedJob):
                return captured
            sweep = _begun(captured, run=run, settings=settings, view=view, switch=switch, ending=ending)
        else:
            executor.begin(Adopt(folder=str(run.job_folder.resolve()), engine=sweep.job.engine))
        sweep.run(executor, switch)
    return sweep


def _begun(
    captured: CapturedJob,
    *,
    run: RunDirectory,
    settings: Settings,
    view: AbstractView,
    switch: StopSwitch,
    ending: ExitStack,
) -> Sweep:
    """The sweep of a job, with its study, which is completed when the run ends."""
    study = _study(run, settings, captured.space, view)
    ending.callback(_complete_study, study, switch, view)
    return Sweep(captured, directory=run, settings=settings, view=view, study=study)


def _study(run: RunDirectory, settings: Settings, space: Space, view: AbstractView) -> StudyWriter:
    return StudyWriter(
        at=settings.storage or run.study_file.resolve(),
        name=settings.study or run.path.name,
        run_id=run.id,
        space=space,
        tell=lambda text: view.show(Note(text=text)),
    )


def _complete_study(study: StudyWriter, switch: StopSwitch, view: AbstractView) -> None:
    """Waits until the study has every probe, or the user has asked to stop."""
    text = "adding the last probes to the Optuna study; Ctrl-C leaves them to `sweeper resume`"
    study.close(
        stopped=lambda: switch.level is not StopLevel.RUN,
        waits=lambda: view.show(Waiting(text=text)),
    )


def _known(sweep: Sweep | tuple[Finding, ...], found: BatchSizeFound | None) -> RunRecord:
    findings = found.findings if found is not None else ()
    if not isinstance(sweep, Sweep):
        return RunRecord(job=None, space=None, judged=(), findings=(*findings, *sweep), batch_size=found)
    return RunRecord(
        job=sweep.job,
        space=sweep.space,
        judged=sweep.judged,
        findings=(*findings, *sweep.findings),
        batch_size=found,
        limit="" if sweep.complete else sweep.spent,
    )


def _state(
    sweep: Sweep | tuple[Finding, ...], found: BatchSizeFound | None, settings: Settings, switch: StopSwitch
) -> RunState:
    if isinstance(sweep, Sweep):
        done, judged = sweep.complete, sweep.judged
    else:
        done, judged = settings.memory_only and found is not None and bool(found.sizes), ()
    if done:
        return RunState.COMPLETE
    if switch.level is not StopLevel.RUN:
        return RunState.INTERRUPTED
    trained = any(one.outcome.curve is not None for one in judged)
    return RunState.INCOMPLETE if trained else RunState.FAILED


def slots_of(settings: Settings) -> tuple[Slot, ...]:
    """The slots that the workers of a run may use at the same time."""
    return make_slots(
        workers=settings.workers,
        gpus=settings.gpus,
        backend=settings.backend,
        environ=os.environ,
        probes=expected_probes(settings),
    )


def sample_bytes_for(settings: Settings, folder: Path) -> int:
    """Most bytes of samples that probes may draw from: by the settings, else by what memory and disk have free."""
    return settings.max_sample_bytes or default_sample_bytes(folder)


def start_for(settings: Settings, scratch: Path) -> Start:
    """The message that tells a worker which target to run, and how."""
    return Start(
        target=settings.target,
        script_args=settings.script_args,
        fit=settings.fit,
        data=settings.data,
        earlier_fits=settings.earlier_fits,
        scratch=str(scratch.resolve()),
        precision=settings.precision,
    )


UP_TO_FIT = "up to its fit call"
"""How far a script runs before its probes begin."""


def reaching(settings: Settings) -> str:
    """What is done before the first probe, in words."""
    if settings.command is not None:
        return f"running {settings.command} once, to see what it reports"
    return f"running {settings.target} {UP_TO_FIT}"


def executor_for(settings: Settings, start: Start, logs: Path, *, slots: tuple[Slot, ...]) -> AbstractExecutor:
    """The executor that runs the probes of a run: in workers that take over a script, or as processes of a command."""
    timeouts = Timeouts(start=settings.start_timeout_s, probe=settings.probe_timeout_s)
    command = checked_command(settings)
    if command is not None:
        return CommandExecutor(command, settings, slots=slots, logs=logs, timeouts=timeouts)
    return ProbeExecutor(make_launcher(), slots=slots, start=start, logs=logs, timeouts=timeouts)


def make_launcher() -> AbstractLauncher:
    """What starts the workers of a run: the one place where a launcher is chosen."""
    return LocalLauncher()
