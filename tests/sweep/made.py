"""Jobs, settings, outcomes and sweeps for tests of the sweep."""

import math
import time

from sweeper.curve import Curve
from sweeper.events import AbstractView, Note
from sweeper.execute import FakeExecutor
from sweeper.job import JobInfo, OptimizerInfo
from sweeper.probes import Outcome, OutcomeKind
from sweeper.protocol import Captured
from sweeper.record import StudyWriter
from sweeper.settings import Length, Settings
from sweeper.sweep._capture import keep_job, kept_job
from sweeper.sweep._stop import StopSwitch
from sweeper.sweep._sweep import Sweep


class Watching(AbstractView):
    """A view that keeps what it is shown."""

    def __init__(self):
        self.events = []

    def show(self, event):
        self.events.append(event)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    def notes(self):
        return [event.text for event in self.of(Note)]


def job(**changes):
    facts = {
        "fit_site": "train.py:9",
        "fit_number": 1,
        "model": "m (Sequential)",
        "parameters": 10,
        "trainable_parameters": 10,
        "loss": "mse",
        "optimizer": OptimizerInfo(name="Adam", learning_rate=0.002, settings=(("beta_1", 0.9),)),
        "batch_size": 32,
        "train_samples": 1000,
        "train_samples_available": 1000,
        "val_samples": 100,
        "val_source": "validation_data",
        "sample_bytes": 4000,
        "backend": "tensorflow",
        "trace_seconds": 2.0,
        "step_seconds": 0.01,
    }
    return JobInfo(**(facts | changes))


def settings(**changes):
    return Settings(**({"target": "train.py", "length": Length(steps=40)} | changes))


def trained(task):
    """A probe that learns at middling rates, stands still at low ones and blows up at high ones."""
    probe = task.probe
    noise = [0.02 * math.sin(7.0 * step**2 + probe.seed) for step in range(probe.steps)]
    if probe.is_null:
        losses = [1.0 + wobble for wobble in noise]
    elif probe.learning_rate > 0.3:
        losses = [1.0 * 1.5**step for step in range(probe.steps)]
    else:
        losses = [
            math.exp(-100 * probe.learning_rate * step / probe.steps) + wobble for step, wobble in enumerate(noise)
        ]
    return Outcome(probe=probe, kind=OutcomeKind.COMPLETED, curve=Curve(train_loss=tuple(losses)), seconds=0.1)


def failed(kind, cause):
    def train(task):
        return Outcome(probe=task.probe, kind=kind, cause=cause, log_tail="last words")

    return train


class Sitting:
    """A sweep over a run directory, new or gone on with, in which functions train."""

    def __init__(self, run, asked, *, about=None, view=None, switch=None, clock=time.monotonic):
        view = view or Watching()
        self.switch = switch or StopSwitch()
        reply = Captured(job=about or job())
        captured = kept_job(run) or keep_job(reply, directory=run, settings=asked, view=view)
        self.study = StudyWriter(
            at=run.study_file,
            name="test",
            run_id=run.id,
            space=captured.space,
            tell=lambda text: view.show(Note(text=text)),
        )
        self.sweep = Sweep(captured, directory=run, settings=asked, view=view, study=self.study, clock=clock)

    def run(self, train=trained):
        """The sweep with all that comes of it; the study may not have it yet."""
        with FakeExecutor(self.sweep.job, train) as executor:
            self.sweep.run(executor, self.switch)
        return self.sweep

    def close(self):
        self.study.close(stopped=lambda: False, waits=lambda: None)

    def finish(self, train=trained):
        """The sweep with all that comes of it, in the study too."""
        self.run(train)
        self.close()
        return self.sweep
