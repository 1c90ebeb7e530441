"""The main loop of a worker: the chosen fit call is taken over and runs probe after probe."""

import contextlib
import io
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sweeper.capture import (
    Call,
    CallbackRaised,
    Interception,
    UncontrollableOptimizer,
    UnusableData,
    headline,
    raised_finding,
    set_aside,
)
from sweeper.engines import AbstractEngine, Measured, NoLoss, Unsuited
from sweeper.findings import Finding
from sweeper.job import Change
from sweeper.own_loop import CutShort
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.protocol import (
    Adopt,
    AtFit,
    Capture,
    Captured,
    Ending,
    Failed,
    Look,
    ProbeEnded,
    Ready,
    RunProbe,
    ScriptEnded,
    SplitUp,
    Step,
    ToWorker,
)
from sweeper.slices import checks_in_worker, memory_trial
from sweeper.worker import failures
from sweeper.worker._describe import describe_job
from sweeper.worker._entry import Link, leave
from sweeper.worker._memory_errors import is_out_of_memory
from sweeper.worker._own_training import own_training
from sweeper.worker._take import SamplesNotKept, adopt_job, capture_job, keep_samples

_SIGN_OF_LIFE_S = 1.0
"""Seconds between signs of life during a probe."""


def take_over(link: Link, interception: Interception, call: Call, *, before: tuple[Change, ...], scratch: Path) -> None:
    """Turns a fit call into the worker's loop; never returns to the script. `before` is what was changed until then."""
    place = call.at.place
    link.send(AtFit(place=place, number=call.number))
    order = link.receive()
    try:
        if isinstance(order, Look):
            memory_trial().run_trial(
                link, interception, call, scratch=scratch, before=before, alive=signs_of_life(link)
            )
        with refusals_told(link, place):
            engine = _ready_engine(link, order, interception, call, before=before)
    except NoLoss as error:
        fail(link, failures.no_loss(error, call.at))
    except CallbackRaised as error:
        fail(link, raised_finding(error.callback, error.method, error.error, place))
    except UnusableData as error:
        _send_refusal(link, error, call, interception)
    except BaseException as error:  # noqa: BLE001  what Keras or the script's own layers raise is the user's to see
        traceback.print_exc()
        _send_refusal(link, error, call, interception)
    link.send(Ready())
    while True:
        run_next(link, engine)


@contextlib.contextmanager
def refusals_told(link: Link, place: str) -> Iterator[None]:
    """Ends the worker with a finding where a training, of fit or of a loop, cannot be probed as was asked."""
    try:
        yield
    except Unsuited as error:
        fail(link, failures.unsuited_engine(str(error), place))
    except UncontrollableOptimizer as error:
        fail(link, failures.uncontrollable(error, place))
    except SamplesNotKept as error:
        fail(link, failures.samples_not_kept(error), ending=Ending.NO_ROOM)


def _ready_engine(
    link: Link, order: ToWorker, interception: Interception, call: Call, *, before: tuple[Change, ...]
) -> AbstractEngine:
    """The engine of a job, captured or adopted as the driver says; what was captured is sent to the driver."""
    set_aside()
    if isinstance(order, Adopt):
        return adopt_job(order, interception, call)
    assert isinstance(order, Capture)
    job, chosen = capture_job(order, interception, call, alive=signs_of_life(link))
    job.changes += before
    keep_samples(job, order)
    info, findings = describe_job(job, call, engine=chosen)
    job.state.restore()
    call.model.optimizer = job.compiled
    found = checks_in_worker().look_at_job(call, interception, job, info.optimizer)
    info = replace(info, suspicions=found.suspicions)
    link.send(Captured(job=info, findings=(*found.findings, *findings)))
    return chosen.engine


def fail(link: Link, *findings: Finding, ending: Ending = Ending.STOPPED) -> None:
    link.send(Failed(findings=findings, ending=ending))
    leave(0)


def _send_refusal(link: Link, error: BaseException, call: Call, interception: Interception) -> None:
    """Ends the worker with the reason why a fit call cannot be probed, or why it fails without sweeper too."""
    # After an out-of-memory nothing more is tried.
    if not is_out_of_memory(error):
        own = own_training(call, interception, alive=signs_of_life(link))
        if not own.fails_like(error, call):
            fail(link, failures.not_probed(error, call.at, own))
    fail(link, *failures.fit_refused(error, call, interception))


def run_next(link: Link, engine: AbstractEngine) -> None:
    order = link.receive()
    assert isinstance(order, RunProbe)
    probes = (order.probe, *order.others)
    engine.training.add_choices((order.choice,))
    started = time.perf_counter()
    try:
        measured = engine.run_together(probes, progress=signs_of_life(link))
    except CutShort as error:
        text = f"{error}: it is run again, as often as probes are left"
        link.send(ScriptEnded(cause=text))
        leave(0)
    except BaseException as error:  # noqa: BLE001  a probe that raises is an outcome
        _send_failure(link, probes, error, seconds=time.perf_counter() - started)
        return
    for probe, one in zip(probes, measured, strict=True):
        link.send(ProbeEnded(outcome=_completed(probe, one, alone=len(probes) == 1), usable=True))


def _send_failure(link: Link, probes: Sequence[Probe], error: BaseException, *, seconds: float) -> None:
    memory, cause = is_out_of_memory(error), headline(error)
    # After an out-of-memory an allocator cannot be trusted: the worker is replaced.
    if len(probes) > 1:
        link.send(SplitUp(cause=cause, usable=not memory))
        return
    kind = OutcomeKind.OOM if memory else OutcomeKind.ERROR
    outcome = Outcome(probe=probes[0], kind=kind, cause=cause, log_tail=_tail(error), seconds=seconds)
    link.send(ProbeEnded(outcome=outcome, usable=not memory))


def _completed(probe: Probe, measured: Measured, *, alone: bool) -> Outcome:
    """The outcome of a probe; without speed and memory where several probes trained as one."""
    step = measured.step_seconds if alone else None
    return Outcome(
        probe=probe,
        kind=OutcomeKind.COMPLETED,
        curve=measured.curve,
        seconds=measured.seconds,
        samples_per_second=probe.batch_size / step if step else None,
        peak_memory_bytes=measured.peak_memory_bytes if alone else None,
    )


def _tail(error: BaseException) -> str:
    text = io.StringIO()
    traceback.print_exception(error, file=text)
    return text.getvalue()[-4000:]


def signs_of_life(link: Link) -> Callable[[int], None]:
    last = time.monotonic()

    def progress(steps: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _SIGN_OF_LIFE_S:
            last = now
            link.send(Step(steps=steps))

    return progress
