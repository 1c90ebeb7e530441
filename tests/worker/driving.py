"""A small stand-in for a sweep: it hands given probes to real workers and keeps what comes back."""

from pathlib import Path

from sweeper.events import Note
from sweeper.execute import AbstractTasks, LocalLauncher, Lost, ProbeExecutor, Task, Timeouts, make_slots
from sweeper.job import Engine, EngineInfo
from sweeper.probes import Outcome
from sweeper.protocol import Adopt, Capture, Captured, Failed, Listed, Start
from sweeper.settings import EarlierFits
from sweeper.space import OptimizerChoice

FIT = EngineInfo(name=Engine.FIT)


def program(probe):
    return probe.optimizer, probe.batch_size, probe.steps, probe.is_null


class GivenProbes(AbstractTasks):
    def __init__(self, probes, folder, *, samples_kept=False, engine=FIT, lanes=None):
        self.waiting = list(probes)
        self.folder = folder
        self.samples_kept = samples_kept
        self.job = None
        self.engine = engine
        self.lanes = lanes or engine.lanes
        self.alone = set()
        self.outcomes = {}
        self.findings = ()
        self.sites = ()
        self.notes = []

    def order(self):
        if self.samples_kept:
            return Adopt(folder=str(self.folder), engine=self.engine)
        return Capture(folder=str(self.folder), sample_bytes=1 << 28, samples=None, steps=20)

    def take(self, event):
        match event:
            case Captured():
                self.job, self.findings, self.engine = event.job, event.findings, event.job.engine
            case Outcome():
                self.done(event)
            case Lost():
                self.lost(event)
            case Failed():
                self.findings = event.findings
            case Listed():
                self.sites, self.findings = event.sites, event.findings
            case Note():
                self.notes.append(event.text)

    def next_task(self, last):
        if not self.waiting:
            return None
        probe = self.waiting.pop(0)
        lanes = 1 if probe.id in self.alone else self.lanes
        others = [other for other in self.waiting if program(other) == program(probe) and other.id not in self.alone]
        for other in others[: lanes - 1]:
            self.waiting.remove(other)
        choice = OptimizerChoice(label=probe.optimizer, name=probe.optimizer)
        return Task(probe=probe, choice=choice, others=tuple(others[: lanes - 1]))

    def remaining(self):
        return len(self.waiting)

    def seconds_left(self):
        return None

    def done(self, outcome):
        assert outcome.probe.id not in self.outcomes, "an outcome came twice"
        self.outcomes[outcome.probe.id] = outcome

    def lost(self, lost):
        if lost.together:
            self.lanes = 1
        self.alone |= {probe.id for probe in lost.probes}
        self.waiting = [*lost.probes, *self.waiting]

    @property
    def by_rate(self):
        return {outcome.probe.learning_rate: outcome for outcome in self.outcomes.values()}


def drive(
    work,
    target,
    *,
    args=(),
    fit=None,
    list_fits=False,
    data=None,
    probe_timeout_s=None,
    timeouts=None,
    workers=1,
    backend=None,
    launcher=None,
):
    folder = Path(work.folder).parent
    start = Start(
        target=str(target),
        script_args=tuple(args),
        fit=fit,
        data=data,
        earlier_fits=EarlierFits.SHORT,
        list_fits=list_fits,
        scratch=str(folder / "scratch"),
    )
    executor = ProbeExecutor(
        launcher or LocalLauncher(),
        slots=make_slots(workers=workers, gpus="none", backend=backend, environ={"OMP_NUM_THREADS": "1"}),
        start=start,
        logs=folder / "logs",
        timeouts=timeouts or Timeouts(start=600, probe=probe_timeout_s),
    )
    with executor:
        executor.begin(work.order())
        while not executor.over:
            event = executor.next_event()
            if event is not None:
                work.take(event)
            executor.hand_out(work)
    return work
