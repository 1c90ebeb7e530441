"""Running what is left of a run: the memory search if one was asked for, the probes, the results."""

import os
import shutil
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

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
from sweeper.protocol import Start
from sweeper.record import RunDirectory, check_storage, load_optuna
from sweeper.results import Results
from sweeper.run import RunState
from sweeper.settings import Search, Settings
from sweeper.space import SCRIPT, OptimizerChoice
from sweeper.sweep._axes import expected_probes
from sweeper.sweep._machine import default_sample_bytes
from sweeper.sweep._memory import MemorySearch
from sweeper.sweep._results import Known, RunResult, write_results
from sweeper.sweep._stop import StopSwitch
from sweeper.sweep._work import SweepWork


def run_rest(run: RunDirectory, settings: Settings, view: AbstractView) -> RunResult:
    """Runs what is left of a run and writes its results."""
    began = time.monotonic()
    switch = StopSwitch()
    slots = slots_of(settings)
    if settings.storage:
        check_storage(settings.storage)
    with run.lock(), switch.listening(), ExitStack() as ending:
        for sentence in run.repair():
            view.show(Note(text=sentence))
        memory = _search_memory(run, settings, view, switch) if settings.searches_memory else None
        work = _sweep(run, settings, memory, view, switch, ending=ending)
        run.add_seconds(time.monotonic() - began)
        view.show(Waiting(text="writing the report"))
        state = _state(work, memory, settings, switch)
        result = write_results(run, _known(work, memory), state=state, slots=slots)
        if state is not RunState.COMPLETE:
            return result
        run.discard_samples()
    if memory is None or work is None or (policy := memory.compared_precision) is None:
        return result
    theirs = _probe_at(policy, run, settings, result, view)
    memory.compare_verdicts(result.results, theirs.results)
    run.add_seconds(theirs.results.environment.seconds)
    return write_results(run, _known(work, memory), state=state, slots=slots)


def _probe_at(policy: str, run: RunDirectory, settings: Settings, result: RunResult, view: AbstractView) -> RunResult:
    """The results of the same rates at another precision, from a run of its own inside the run directory."""
    memory, space = result.results.memory, result.results.space
    assert memory is not None
    assert memory.recommended is not None
    assert space is not None
    size = max((size for size in space.batch_sizes if size <= memory.recommended), default=space.batch_sizes[0])
    asked = replace(
        settings,
        precision=policy,
        compare_precision=False,
        learning_rates=_rates_of(result.results, size),
        search=Search.GRID,
        optimizers=(OptimizerChoice(label=SCRIPT, name=SCRIPT),),
        batch_sizes=(size,),
        overfit=False,
        warmup=None,
        clipnorm=None,
        study=f"{settings.study or run.path.name}-{policy}",
    )
    path = run.path / policy
    if path.exists():
        return run_rest(RunDirectory.open(path), asked, view)
    view.show(Note(text=f"the same rates once more, at {policy}"))
    return run_rest(RunDirectory.create(path, replace(run.manifest, settings=asked)), asked, view)


def _rates_of(results: Results, batch_size: int) -> tuple[float, ...]:
    """The rates that were tried with the script's own optimizer at a batch size."""
    rows = [row for row in results.rows if (row.optimizer, row.batch_size) == (SCRIPT, batch_size)]
    return tuple(cell.learning_rate for row in rows for cell in row.cells)


def _search_memory(run: RunDirectory, settings: Settings, view: AbstractView, switch: StopSwitch) -> MemorySearch:
    # Alone on the machine, as the long job is: with fewer threads a training holds fewer tensors at a time.
    slot = slots_of(replace(settings, workers=1))[0]
    launcher = make_launcher()
    search = MemorySearch(directory=run, settings=settings, view=view, switch=switch, slot=slot, launcher=launcher)
    scratch = run.path / "scratch"
    search.run(start_for(settings, scratch))
    shutil.rmtree(scratch, ignore_errors=True)
    return search


def _sweep(
    run: RunDirectory,
    settings: Settings,
    memory: MemorySearch | None,
    view: AbstractView,
    switch: StopSwitch,
    *,
    ending: ExitStack,
) -> SweepWork | None:
    """Runs the probes; None when a memory search leaves nothing to probe. The study may take longer: see `ending`."""
    slots = slots_of(settings)
    if memory is not None:
        sizes = memory.batch_sizes() if memory.complete else ()
        if not sizes or settings.memory_only or switch.level is not StopLevel.RUN:
            return None
        settings = replace(settings, batch_sizes=sizes)
    work = SweepWork(
        directory=run,
        settings=settings,
        view=view,
        sample_bytes=sample_bytes_for(settings, run.path),
        switch=switch,
        study_at=settings.storage or run.study_file.resolve(),
        study_name=settings.study or run.path.name,
    )
    ending.callback(work.close)
    if not work.complete:
        view.show(Waiting(text=f"running {settings.target} up to its fit call"))
        threading.Thread(target=load_optuna, daemon=True, name="sweeper-imports").start()
        scratch = run.path / "scratch"
        work.run(executor_for(settings, start_for(settings, scratch), run.logs, slots=slots))
        shutil.rmtree(scratch, ignore_errors=True)
    if work.disk_error is not None:
        raise work.disk_error
    return work


def _known(work: SweepWork | None, memory: MemorySearch | None) -> Known:
    findings = memory.findings if memory is not None else ()
    report = memory.report if memory is not None else None
    if work is None:
        return Known(job=None, space=None, judged=(), findings=findings, memory=report)
    return Known(
        job=work.job,
        space=work.space,
        judged=work.judged,
        findings=(*findings, *work.findings),
        memory=report,
        limit="" if work.complete else work.spent,
    )


def _state(work: SweepWork | None, memory: MemorySearch | None, settings: Settings, switch: StopSwitch) -> RunState:
    if work is None:
        if settings.memory_only and memory is not None and memory.complete and memory.batch_sizes():
            return RunState.COMPLETE
    elif work.complete:
        return RunState.COMPLETE
    if switch.level is not StopLevel.RUN:
        return RunState.INTERRUPTED
    trained = work is not None and any(judged.outcome.curve is not None for judged in work.judged)
    return RunState.INCOMPLETE if trained else RunState.FAILED


def slots_of(settings: Settings) -> tuple[Slot, ...]:
    return make_slots(
        workers=settings.workers,
        gpus=settings.gpus,
        backend=settings.backend,
        environ=os.environ,
        probes=expected_probes(settings),
    )


def sample_bytes_for(settings: Settings, folder: Path) -> int:
    return settings.max_sample_bytes or default_sample_bytes(folder)


def start_for(settings: Settings, scratch: Path) -> Start:
    return Start(
        target=settings.target,
        script_args=settings.script_args,
        fit=settings.fit,
        data=settings.data,
        earlier_fits=settings.earlier_fits,
        scratch=str(scratch.resolve()),
        precision=settings.precision,
    )


def executor_for(settings: Settings, start: Start, logs: Path, *, slots: tuple[Slot, ...]) -> AbstractExecutor:
    timeouts = Timeouts(start=settings.start_timeout_s, probe=settings.probe_timeout_s)
    return ProbeExecutor(make_launcher(), slots=slots, start=start, logs=logs, timeouts=timeouts)


def make_launcher() -> AbstractLauncher:
    """What starts the workers of a run: the one place where a launcher is chosen."""
    return LocalLauncher()
