"""Diagnosing a script: its fit call is looked at and trained for a few steps, then the script goes on for a while.

What is done with a model after fit may fail too: `predict` without a batch dimension is the usual case.
"""

import ast
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import Any, NoReturn

from sweeper.capture import Call, Interception, sources_from
from sweeper.checks.diagnose import Facts, Raised, Stage, diagnose
from sweeper.checks.worker._examine import Examination
from sweeper.checks.worker._fidelity import look_at_fidelity
from sweeper.checks.worker._job import with_own_rate
from sweeper.checks.worker._raised import raised_facts
from sweeper.findings import FIT_FAILS, Finding, Severity
from sweeper.protocol import Diagnosed
from sweeper.worker import Link, leave

AFTER_FIT_S = 10.0
"""Seconds for which a script may go on after the fit call: enough to predict on a batch, not to wait for plots."""
_WORTH_WAITING = {"predict", "evaluate", "predict_on_batch", "test_on_batch"}


@dataclass(slots=True)
class OpenDiagnosis:
    """The diagnosis of a script that goes on after its fit call."""

    link: Link
    place: str
    facts: Facts
    seconds: float
    """Seconds that looking at the fit call took."""
    history: Any = None
    """What fit returned, with which the script goes on."""
    unlike: tuple[Finding, ...] = ()
    """What a probe would do otherwise than the script."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def compare(self, call: Call, interception: Interception) -> None:
        """Records how a probe differs and the rate that callbacks set; no error in this ends the diagnosis."""
        try:
            found = look_at_fidelity(interception, call)
        except Exception:  # noqa: BLE001  the log shows it
            traceback.print_exc()
            return
        self.unlike, optimizer = found.findings, found.optimizer
        if optimizer is not None and (optimizer.schedule or optimizer.unknown):
            self.facts = with_own_rate(self.facts, optimizer)

    def end_later(self) -> None:
        """Waits for what the script does with its model, then reports the findings and ends the process."""
        time.sleep(AFTER_FIT_S)
        self.finish()

    def finish(self, raised: Raised | None = None, error: BaseException | None = None) -> NoReturn:
        """Reports the findings and ends the process."""
        with self._lock:
            found = diagnose(self.facts, raised)
            told = {finding.code for finding in found.findings}
            findings = (*found.findings, *(finding for finding in self.unlike if finding.code not in told))
            if error is not None and not any(finding.severity is Severity.ERROR for finding in findings):
                assert raised is not None
                findings = (_unexplained(raised), *findings)
            self.link.send(
                Diagnosed(findings=findings, skipped=found.skipped, fit_site=self.place, seconds=self.seconds)
            )
            leave(0)

    def ended(self, error: BaseException | None) -> NoReturn:
        """Handles the end of the script after the fit call, with or without an error."""
        self.finish(raised_facts(error, stage=Stage.AFTER_FIT) if error is not None else None)


def begin_diagnosis(link: Link, interception: Interception, call: Call, *, earlier_fits: int) -> OpenDiagnosis:
    """Examines a fit call and trains it for a few steps; ends the process where there is nothing to wait for."""
    import keras

    # The frames of a filtered traceback do not show what predict was given.
    keras.config.disable_traceback_filtering()
    began = time.perf_counter()
    examination = Examination(call, interception.source_lines, earlier_fits=earlier_fits, scaling=interception.scaling)
    facts = examination.with_step(examination.facts())
    diagnosis = OpenDiagnosis(link=link, place=call.at.place, facts=facts, seconds=time.perf_counter() - began)
    try:
        diagnosis.facts, diagnosis.history = examination.train(facts)
    except BaseException as error:  # noqa: BLE001  whatever fit raises on this model and data is what is wrong
        diagnosis.finish(raised_facts(error, stage=Stage.IN_FIT, at=call.at), error)
    diagnosis.compare(call, interception)
    if not _uses_model_after(call):
        diagnosis.finish()
    threading.Thread(target=diagnosis.end_later, daemon=True, name="sweeper-after-fit").start()
    return diagnosis


def _unexplained(raised: Raised) -> Finding:
    """The finding that fit raised an error of no known class."""
    said = raised.message.strip().splitlines()
    return FIT_FAILS.found(
        title=f"{FIT_FAILS.title}: {raised.kind}: {said[0][:200] if said else ''}",
        evidence=raised.traceback,
        location=raised.location,
        remedy="No learning rate can fix this: the model, the data or the compile settings do not fit together.",
    )


def _uses_model_after(call: Call) -> bool:
    """Whether the file of a fit call goes on to predict or evaluate below it."""
    try:
        first, *later = [ast.parse(source) for source in sources_from(call.at.file)]
    except (SyntaxError, ValueError):
        return False
    below = [node for node in ast.walk(first) if getattr(node, "lineno", 0) > call.at.last_line]
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _WORTH_WAITING
        for node in (*below, *(node for tree in later for node in ast.walk(tree)))
    )
