"""The main loop of a worker: run the target, take over at the chosen fit call, run probe after probe."""

import contextlib
import io
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sweeper.capture import (
    SHORT_STEPS,
    Call,
    CallbackRaised,
    CallSite,
    Interception,
    Job,
    Overlay,
    UncontrollableOptimizer,
    UnusableData,
    bind_fit,
    function_site,
    is_own_code,
    raised_finding,
    run_target,
    set_aside,
    short_fit,
)
from sweeper.diagnose import Diagnosis, suspecting
from sweeper.engines import AbstractEngine, Measured, NoLoss, Unsuited
from sweeper.errors import TargetError
from sweeper.examine import Examination, headline
from sweeper.findings import Finding
from sweeper.job import OptimizerInfo
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.protocol import (
    Adopt,
    AtFit,
    Capture,
    Captured,
    Ending,
    Failed,
    FitSite,
    Listed,
    Look,
    ProbeEnded,
    Ready,
    RunProbe,
    SplitUp,
    Start,
    Step,
    ToWorker,
)
from sweeper.settings import EarlierFits
from sweeper.target import parse_target
from sweeper.worker import _failures as failures
from sweeper.worker._describe import describe_job, describe_site, with_own_rate
from sweeper.worker._diagnosis import Diagnosing
from sweeper.worker._entry import Link, leave
from sweeper.worker._memory_errors import is_out_of_memory
from sweeper.worker._own_training import own_training
from sweeper.worker._take import SamplesNotKept, adopt_job, capture_job, keep_samples
from sweeper.worker._trial import run_trial

_SIGN_OF_LIFE_S = 1.0
"""Seconds between signs of life during a probe."""
_OWN_LOOP_UPDATES = 1000
"""Updates outside of fit, with no fit call reached, that show a script to train with a loop of its own."""
_LOOK_S = 2.0
"""Seconds between two looks at that."""
_REPEATS = 2
"""Calls of one earlier fit site that are trained; later ones get the last history again."""


def serve(link: Link) -> None:
    """Runs the target that the driver names; returns when it ended without a take-over."""
    start = link.receive()
    assert isinstance(start, Start)
    session = _Session(link=link, start=start)
    session.interception.install()
    if start.fit is None and not start.list_fits:
        threading.Thread(target=session.watch_for_own_loop, daemon=True, name="sweeper-own-loop").start()
    failure = session.run()
    if failure is None:
        return
    if start.list_fits and session.sites:
        why = () if failure.ending is Ending.RAN_THROUGH else failure.findings
        link.send(Listed(sites=session.listed(), findings=why, ending=failure.ending))
    else:
        link.send(replace(failure, sites=session.listed()))


@dataclass(slots=True)
class _ReachedFit:
    """A fit call that was reached: how often, and what it returned."""

    site: FitSite
    calls: int = 0
    history: Any = None


@dataclass(slots=True)
class _Session:
    link: Link
    start: Start
    interception: Interception = field(init=False)
    sites: dict[tuple[str, int], _ReachedFit] = field(default_factory=dict)
    overlay: Overlay = field(init=False)
    diagnosing: Diagnosing = field(init=False)
    taken_over: bool = False
    raised: BaseException | None = None

    def __post_init__(self) -> None:
        self.interception = Interception(on_fit=self.on_fit, on_legacy=self.on_legacy, precision=self.start.precision)
        self.overlay = Overlay(Path(self.start.scratch))
        self.diagnosing = Diagnosing(self.link, self.interception)

    def listed(self) -> tuple[FitSite, ...]:
        """The fit calls that were reached, in their order."""
        return tuple(replace(reached.site, calls=reached.calls) for reached in self.sites.values())

    def run(self) -> Failed | None:
        """Runs the target to its end and says why no fit call was taken over; None when one was diagnosed."""
        failure = self._run()
        if self.diagnosing.done:
            self.diagnosing.ended(self.raised)
            return None
        return failure

    def _run(self) -> Failed:
        try:
            run_target(parse_target(self.start.target), script_args=self.start.script_args, data=self.start.data)
        except SystemExit as error:
            if error.code not in {None, 0}:
                if not isinstance(error.code, int):
                    sys.stderr.write(f"{error.code}\n")  # as Python itself does
                return Failed(findings=(failures.script_left(error.code),), ending=Ending.LEFT)
        except TargetError as error:
            return Failed(findings=(failures.unusable_target(error),), ending=Ending.RAISED)
        except BaseException as error:  # noqa: BLE001  whatever the person's script raises is theirs to see
            traceback.print_exc()
            self.raised = error
            return Failed(findings=(failures.script_raised(error),), ending=Ending.RAISED)
        if not self.sites and self.interception.by_hand:
            finding = failures.own_loop(self.interception.by_hand)
        else:
            finding = failures.no_fit(wanted=self.start.fit, reached=len(self.sites))
        return Failed(findings=(finding,), ending=Ending.RAN_THROUGH)

    def watch_for_own_loop(self) -> None:
        """Ends the worker when the script trains in a loop of its own, which may take hours, before any call of fit."""
        while not self.sites and not self.taken_over:
            updates = self.interception.updates_by_hand()
            if updates >= _OWN_LOOP_UPDATES:
                self.link.send(Failed(findings=(failures.own_loop(updates),)))
                leave(0)
            time.sleep(_LOOK_S)

    def on_legacy(self) -> None:
        """Handles an import of Keras 2."""
        self.link.send(Failed(findings=(failures.legacy_keras(),)))
        leave(0)

    def on_fit(self, model: Any, original: Callable[..., Any], args: Any, kwargs: dict[str, Any], at: CallSite) -> Any:
        """Decides what a fit call does: it is taken over, cut short, or left alone."""
        if self.interception.inside_fit:
            return original(model, *args, **kwargs)
        if not is_own_code(at.file):
            at = function_site(parse_target(self.start.target)) or at
        arguments = bind_fit(original, model, args, kwargs)
        reached = self.sites.get((at.file, at.line))
        number = reached.site.number if reached else len(self.sites) + 1
        if not self.start.list_fits and not self.diagnosing.done and self._is_chosen(number, at):
            call = Call(model=model, original=original, arguments=arguments, at=at, number=number)
            self.taken_over = True
            if self.start.diagnose:
                return self._diagnose(call)
            self.overlay.remove()
            take_over(self.link, self.interception, call, earlier=self._earlier(), scratch=Path(self.start.scratch))
        if reached is None:
            reached = _ReachedFit(site=describe_site(model, arguments, at, number))
            self.sites[at.file, at.line] = reached
        reached.calls += 1
        with self._inside_fit():
            if self.start.earlier_fits is EarlierFits.FULL and not self.start.list_fits:
                return original(model, *args, **kwargs)
            self.overlay.install()
            if reached.calls <= _REPEATS or reached.history is None or reached.history.model is not model:
                reached.history = short_fit(model, original, arguments)
        return reached.history

    def _diagnose(self, call: Call) -> Any:
        """Examines a fit call; the script goes on with its history, and what it writes from now on is kept aside."""
        with self._inside_fit():
            self.overlay.install()
            return self.diagnosing.look(call, earlier_fits=len(self.sites))

    @contextlib.contextmanager
    def _inside_fit(self) -> Any:
        self.interception.inside_fit = True
        try:
            yield
        finally:
            self.interception.inside_fit = False

    def _earlier(self) -> str:
        """What was done to the fit calls before the chosen one, in one sentence; empty if nothing."""
        if not self.sites or self.start.earlier_fits is EarlierFits.FULL:
            return ""
        places = ", ".join(reached.site.place for reached in self.sites.values())
        return f"{places} trained for {SHORT_STEPS} steps only, so probes start from there; see --earlier-fits full"

    def _is_chosen(self, number: int, at: CallSite) -> bool:
        wanted = self.start.fit
        if wanted is None:
            return True
        return number == int(wanted) if wanted.isdecimal() else at.matches(wanted)


def take_over(link: Link, interception: Interception, call: Call, *, earlier: str, scratch: Path) -> None:
    """Turns a fit call into the worker's loop; never returns to the script."""
    place = call.at.place
    link.send(AtFit(place=place, number=call.number))
    order = link.receive()
    try:
        if isinstance(order, Look):
            run_trial(link, interception, call, scratch=scratch, earlier=earlier, alive=_signs_of_life(link))
        engine = _ready_engine(link, order, interception, call, earlier=earlier)
    except Unsuited as error:
        _fail(link, failures.unsuited_engine(str(error), place))
    except UncontrollableOptimizer as error:
        _fail(link, failures.uncontrollable(error, place))
    except NoLoss as error:
        _fail(link, failures.no_loss(error, call.at))
    except CallbackRaised as error:
        _fail(link, raised_finding(error.callback, error.method, error.error, place))
    except SamplesNotKept as error:
        _fail(link, failures.samples_not_kept(error), ending=Ending.NO_ROOM)
    except UnusableData as error:
        _send_refusal(link, error, call, interception)
    except BaseException as error:  # noqa: BLE001  what Keras or the script's own layers raise is the person's to see
        traceback.print_exc()
        _send_refusal(link, error, call, interception)
    link.send(Ready())
    while True:
        _run_next(link, engine)


def _ready_engine(
    link: Link, order: ToWorker, interception: Interception, call: Call, *, earlier: str
) -> AbstractEngine:
    """The engine of a job, captured or adopted as the driver says; what was captured is sent to the driver."""
    set_aside()
    if isinstance(order, Adopt):
        return adopt_job(order, interception, call)
    assert isinstance(order, Capture)
    job, chosen = capture_job(order, interception, call, alive=_signs_of_life(link))
    if earlier:
        job.changed("earlier fits", earlier)
    keep_samples(job, order)
    info, findings = describe_job(job, call, engine=chosen)
    job.state.restore()
    call.model.optimizer = job.compiled
    found = _examined(call, interception, job, info.optimizer)
    info = replace(info, suspicions=found.suspicions)
    link.send(Captured(job=info, findings=(*found.findings, *findings)))
    return chosen.engine


def _examined(call: Call, interception: Interception, job: Job, optimizer: OptimizerInfo) -> Diagnosis:
    """The findings about a fit call that can be trained; an error of sweeper in examining it does not end the run."""
    try:
        examination = Examination(
            call,
            interception.source_lines,
            earlier_fits=call.number - 1,
            samples=job.train,
            cut=any(change.what == "samples" for change in job.changes),
            scaling=interception.scaling,
        )
        facts = examination.with_step(examination.facts())
        # Measuring engines has moved the optimizer's own rate.
        return suspecting(with_own_rate(facts, optimizer))
    except Exception:  # noqa: BLE001  the log shows it; probes do not need findings
        traceback.print_exc()
        return Diagnosis(findings=())


def _fail(link: Link, *findings: Finding, ending: Ending = Ending.STOPPED) -> None:
    link.send(Failed(findings=findings, ending=ending))
    leave(0)


def _send_refusal(link: Link, error: BaseException, call: Call, interception: Interception) -> None:
    """Ends the worker with the reason why a fit call cannot be probed, or why it fails without sweeper too."""
    # After an out-of-memory nothing more is tried.
    if not is_out_of_memory(error):
        own = own_training(call, interception, alive=_signs_of_life(link))
        if not own.fails_like(error, call):
            _fail(link, failures.not_probed(error, call.at, own))
    # The optimizer's own rate may have been moved already.
    facts = replace(Examination(call, interception.source_lines).facts(), rate=None)
    _fail(link, *failures.fit_refused(error, call.at, facts))


def _run_next(link: Link, engine: AbstractEngine) -> None:
    order = link.receive()
    assert isinstance(order, RunProbe)
    probes = (order.probe, *order.others)
    engine.training.add_choices((order.choice,))
    started = time.perf_counter()
    try:
        measured = engine.run_together(probes, progress=_signs_of_life(link))
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


def _signs_of_life(link: Link) -> Callable[[int], None]:
    last = time.monotonic()

    def progress(steps: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _SIGN_OF_LIFE_S:
            last = now
            link.send(Step(steps=steps))

    return progress
