"""Runs the target in a worker and decides what each of its fit calls does: the chosen one is taken over."""

import contextlib
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sweeper.capture import (
    SHORT_STEPS,
    Call,
    CallSite,
    Interception,
    LeftOut,
    Overlay,
    bind_fit,
    function_site,
    is_own_code,
    run_target,
    short_fit,
    stop_native_writers,
)
from sweeper.errors import TargetError
from sweeper.findings import Finding
from sweeper.job import NOTEBOOK, Change
from sweeper.own_loop import OwnLoop, SeveralReplicas
from sweeper.protocol import Ending, Failed, FitSite, Listed, Start
from sweeper.settings import EarlierFits
from sweeper.slices import OpenDiagnosis, checks_in_worker, memory_trial
from sweeper.target import Target, note_running, parse_target
from sweeper.worker import failures
from sweeper.worker._describe import describe_site
from sweeper.worker._entry import Link, leave
from sweeper.worker._loop import take_over
from sweeper.worker._own_loop import take_over_loop

_LOOK_S = 1.0
"""Seconds between two looks at whether the script makes updates that sweeper cannot see."""
_FIT_MAY_COME_S = 5.0
"""Seconds after the first of them in which a call of fit may still come."""
_ENDS_S = 60.0
"""Seconds that a forked process waits for the end of the worker, which does not go on with the script meanwhile."""
_REPEATS = 2
"""Calls of one earlier fit site that are trained; later ones get the last history again."""


def serve(link: Link) -> None:
    """Runs the target that the driver names; returns when it ended without a take-over."""
    start = link.receive()
    assert isinstance(start, Start)
    # Loaded before the script can change where modules are found.
    checks_in_worker()
    memory_trial()
    session = _Session(link=link, start=start)
    session.interception.install()
    threading.Thread(target=session.watch_for_other_processes, daemon=True, name="sweeper-other-processes").start()
    session.watch_for_own_loop()
    failure = session.run()
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
    target: Target | None = None
    left_out: LeftOut = field(default_factory=LeftOut)
    diagnosis: OpenDiagnosis | None = None
    taken_over: bool = False
    loop: OwnLoop | None = None
    raised: BaseException | None = None
    _process: int = field(default_factory=os.getpid)
    _elsewhere: tuple[int, int] = field(default_factory=os.pipe)
    """To be read here, and written by a process that was forked from this one: the place of a fit call in it."""

    def __post_init__(self) -> None:
        self.interception = Interception(on_fit=self.on_fit, on_legacy=self.on_legacy, precision=self.start.precision)
        self.overlay = Overlay(Path(self.start.scratch))

    def listed(self) -> tuple[FitSite, ...]:
        """The fit calls that were reached, in their order."""
        return tuple(replace(reached.site, calls=reached.calls) for reached in self.sites.values())

    def run(self) -> Failed:
        """Runs the target to its end and says why no fit call was taken over; the process ends if one was diagnosed."""
        failure = self._run()
        if self.loop is not None:
            self.loop.script_ended(self.raised)
        if self.diagnosis is not None:
            self.diagnosis.ended(self.raised)
        return failure

    def _run(self) -> Failed:
        try:
            self.target = parse_target(self.start.target)
            note_running(self.target)
            run_target(self.target, script_args=self.start.script_args, data=self.start.data, left_out=self.left_out)
        except SystemExit as error:
            if error.code not in {None, 0}:
                if not isinstance(error.code, int):
                    sys.stderr.write(f"{error.code}\n")  # as Python itself does
                return Failed(findings=(failures.script_left(error.code),), ending=Ending.LEFT)
        except TargetError as error:
            return Failed(findings=(failures.unusable_target(error),), ending=Ending.RAISED)
        except BaseException as error:  # noqa: BLE001  whatever the user's script raises is theirs to see
            traceback.print_exc()
            self.raised = error
            finding = failures.script_raised(
                error, target=self.target, script_args=self.start.script_args, left_out=self.left_out.text
            )
            return Failed(findings=(finding,), ending=Ending.RAISED)
        finding = failures.no_fit(wanted=self.start.fit, reached=len(self.sites))
        if not self.sites and self.loop is not None and self.loop.at is not None:
            finding = self._about_loop(self.loop, self.loop.at.place)
        return Failed(findings=(finding,), ending=Ending.RAN_THROUGH)

    def _about_loop(self, loop: OwnLoop, place: str) -> Finding:
        """Why a loop that begins at a line was not taken over, although the script never called fit."""
        if loop.out_of_sight:
            return failures.loop_out_of_sight(place)
        if loop.on_recognised is not None:
            return failures.few_updates(loop.updates_seen)
        return failures.own_loop(place, "sweeper fits" if self.start.list_fits else "--fit")

    def watch_for_own_loop(self) -> None:
        """Takes over where the script makes updates outside of fit, if no call of fit was asked for or came before."""
        held = self.start.fit is None and not self.start.list_fits
        recognised = self._take_over_loop if held else None
        self.loop = OwnLoop(self.interception, on_recognised=recognised, on_fault=self._on_fault)
        self.interception.own_updates = self.loop
        if held:
            threading.Thread(target=self._watch_for_loop_out_of_sight, daemon=True, name="sweeper-own-loop").start()

    def _watch_for_loop_out_of_sight(self) -> None:
        """Ends the worker where a loop runs that sweeper cannot hold, and no call of fit comes."""
        assert self.loop is not None
        while not self.loop.out_of_sight:
            time.sleep(_LOOK_S)
        time.sleep(_FIT_MAY_COME_S)
        if not self.sites and not self.taken_over:
            self.link.send(Failed(findings=(failures.loop_out_of_sight(self.loop.out_of_sight),)))
            leave(0)

    def _on_fault(self, error: Exception) -> None:
        traceback.print_exc()
        place = self.loop.at.place if self.loop is not None and self.loop.at is not None else ""
        several = isinstance(error, SeveralReplicas)
        finding = failures.several_replicas(error, place) if several else failures.loop_not_probed(error, place)
        self.link.send(Failed(findings=(finding,)))
        leave(0)

    def _take_over_loop(self) -> None:
        assert self.loop is not None
        self.taken_over = True
        self.overlay.install()
        self.overlay.redirect_open_files()
        stop_native_writers()
        take_over_loop(self.link, self.loop, self.overlay, diagnose=self.start.diagnose, before=self._before())

    def watch_for_other_processes(self) -> None:
        """Ends the worker when a process that the script has forked calls fit: nothing can be taken over there."""
        place = os.read(self._elsewhere[0], 4096).decode()
        self.link.send(Failed(findings=(failures.fit_elsewhere(place.strip()),)))
        leave(0)

    def on_legacy(self) -> None:
        """Handles an import of Keras 2."""
        self.link.send(Failed(findings=(failures.legacy_keras(),)))
        leave(0)

    def on_fit(self, model: Any, original: Callable[..., Any], args: Any, kwargs: dict[str, Any], at: CallSite) -> Any:
        """Decides what a fit call does: it is taken over, cut short, or left alone."""
        if self.interception.inside_fit:
            return original(model, *args, **kwargs)
        if os.getpid() != self._process:
            os.write(self._elsewhere[1], f"{at.place}\n".encode())
            time.sleep(_ENDS_S)
            leave(1)
        if self.target is not None and not is_own_code(at.file):
            at = function_site(self.target) or at
        self.interception.own_updates = None
        if self.taken_over and self.loop is not None:
            self.loop.script_ended(None)  # what comes after its loop is not probed
        arguments = bind_fit(original, model, args, kwargs)
        reached = self.sites.get((at.file, at.line))
        number = reached.site.number if reached else len(self.sites) + 1
        if not self.start.list_fits and self.diagnosis is None and self._is_chosen(number, at):
            call = Call(model=model, original=original, arguments=arguments, at=at, number=number)
            self.taken_over = True
            if self.start.diagnose:
                return self._diagnose(call)
            self.overlay.remove()
            take_over(self.link, self.interception, call, before=self._before(), scratch=Path(self.start.scratch))
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
            self.diagnosis = checks_in_worker().begin_diagnosis(
                self.link, self.interception, call, earlier_fits=len(self.sites)
            )
            return self.diagnosis.history

    @contextlib.contextmanager
    def _inside_fit(self) -> Any:
        self.interception.inside_fit = True
        try:
            yield
        finally:
            self.interception.inside_fit = False

    def _before(self) -> tuple[Change, ...]:
        """What was done differently from the script before its chosen fit call."""
        details = {"earlier fits": self._earlier(), NOTEBOOK: self._left_out()}
        return tuple(Change(what=what, detail=detail) for what, detail in details.items() if detail)

    def _left_out(self) -> str:
        """What a notebook asked IPython to do, in one sentence; empty if nothing."""
        commands = self.left_out.text
        return f"left out, as sweeper executes neither magics nor shell lines: {commands}" if commands else ""

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
