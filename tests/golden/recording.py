"""Outcomes of a run that are kept in a file, and the run that they are played back to."""

import gzip
import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sweeper.batch_size.values import Trial
from sweeper.codec import dump, load
from sweeper.curve import Curve
from sweeper.events import AbstractView, Event, Note
from sweeper.execute import Task
from sweeper.probes import Outcome
from sweeper.trial import TrialRequest
from tests.sweep.driven import Script, run
from tests.sweep.kinds import Kind

FOLDER = Path(__file__).parent / "kept"
OUTCOMES = "outcomes.gz"
THRESHOLDS = "thresholds"
MACHINE_AND_TIME = ("created", "machine", "seconds", "versions")
"""Of the section `environment` of the results: what differs between machines and days."""


@dataclass(kw_only=True)
class Recording:
    """The outcomes of one run, in the order in which they were asked for."""

    probes: dict[str, Outcome] = field(default_factory=dict)
    """By id."""
    trials: dict[str, Trial] = field(default_factory=dict)
    """Of memory, by `name_of`."""

    @classmethod
    def read(cls, file: Path) -> "Recording":
        """What `write` wrote: each line is an outcome as a run directory keeps it."""
        found = cls()
        for line in gzip.decompress(file.read_bytes()).decode().splitlines():
            if line.startswith('{"number":'):
                trial = load(Trial, line)
                found.trials[name_of(trial.request, trial.number)] = trial
            else:
                outcome = load(Outcome, line)
                found.probes[outcome.probe.id] = outcome
        return found

    def write(self, file: Path) -> None:
        """Writes the same bytes for the same outcomes."""
        lines = [dump(one) for one in (*self.trials.values(), *self.probes.values())]
        file.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))


@dataclass(kw_only=True)
class Played:
    """Gives out what was recorded and keeps what was asked for; `or_else` says what follows where nothing was."""

    recording: Recording
    script: Script
    or_else: Callable[[str], None]
    """Called with the words for what was not recorded. Where it returns, that is trained and recorded."""
    used: Recording = field(default_factory=Recording)
    asked: list[str] = field(default_factory=list)

    def train(self, task: Task) -> Outcome:
        """The outcome of a probe."""
        name = task.probe.id
        self.asked.append(name)
        known = self.recording.probes.get(name)
        if known is None:
            self.or_else(f"probe {name}, number {len(self.asked)} of the run")
            known = rounded(self.script.train(task))
        self.used.probes[name] = known
        return known

    def trial(self, request: TrialRequest, number: int) -> Trial:
        """How a memory trial ends."""
        name = name_of(request, number)
        self.asked.append(name)
        known = self.recording.trials.get(name)
        if known is None or known.request != request:
            self.or_else(f"{name}: {request}")
            assert self.script.trial is not None
            known = self.script.trial(request, number)
        self.used.trials[name] = known
        return known


@dataclass(kw_only=True)
class Told:
    """What a run comes to."""

    run: dict[str, Any]
    """Its results, without the section `thresholds` but for names and units, and what was asked and said on the way."""
    thresholds: dict[str, Any]
    """That section, by name and unit: nearly the same in all runs, so it is kept once for all."""
    used: Recording
    """The outcomes that it asked for."""


def play(kind: Kind, recording: Recording, *, or_else: Callable[[str], None]) -> Told:
    """What a run of a kind comes to with outcomes that were recorded."""
    notes, script = Notes(), kind.script
    played = Played(recording=recording, script=script, or_else=or_else)
    with tempfile.TemporaryDirectory() as folder:
        result = run(kind.settings, replace(script, train=played.train, trial=played.trial), Path(folder), view=notes)
        results = json.loads((result.directory / "results.json").read_text())
    del results["sweeper"]
    for key in MACHINE_AND_TIME:
        del results["environment"][key]
    thresholds = {f"{one['name']} in {one['unit']}": one for one in results["thresholds"]}
    results["thresholds"] = list(thresholds)
    told = {"status": int(result.status), "notes": notes.texts, "asked": played.asked, "results": results}
    return Told(run=told, thresholds=thresholds, used=played.used)


class Notes(AbstractView):
    """Keeps the lines that a person is told."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def show(self, event: Event) -> None:
        if isinstance(event, Note):
            self.texts.append(event.text)


def rounded(outcome: Outcome) -> Outcome:
    """An outcome whose curve has six digits, so that its file is small."""
    if outcome.curve is None:
        return outcome

    def short(numbers: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(float(f"{number:.6g}") for number in numbers)

    curve: Curve = outcome.curve
    curve = replace(
        curve,
        train_loss=short(curve.train_loss),
        gradient_norm=short(curve.gradient_norm),
        val_loss=short(curve.val_loss),
    )
    return replace(outcome, curve=curve)


def name_of(request: TrialRequest, number: int) -> str:
    """Names a memory trial of a run."""
    return f"memory trial {number}, {request.goal} at {request.batch_size}"


def file_of(name: str, ending: str) -> Path:
    """Where something is kept of the run with a name: its `OUTCOMES`, or as `json` what it came to."""
    return FOLDER / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.{ending}"
