"""Work for an executor that runs no probe: listing fit calls, diagnosing, or capturing the job for a plan."""

import math
from pathlib import Path

from sweeper.classify import VerdictThresholds
from sweeper.execute import AbstractWork, StopLevel, Task
from sweeper.findings import Finding
from sweeper.job import JobInfo
from sweeper.probes import Outcome, Probe
from sweeper.protocol import Adopt, Capture, Diagnosed, Failed, FitSite, Listed
from sweeper.recommend import FollowUpThresholds
from sweeper.settings import Settings
from sweeper.sweep._stop import StopSwitch


class PlanningWork(AbstractWork):
    """Captures the job and asks for nothing more; it also takes the reply of a worker that lists fit calls."""

    def __init__(self, *, settings: Settings, folder: Path, sample_bytes: int, switch: StopSwitch) -> None:
        self.job: JobInfo | None = None
        self.sites: tuple[FitSite, ...] = ()
        self.diagnosis: Diagnosed | None = None
        self.findings: tuple[Finding, ...] = ()
        self._settings = settings
        self._folder = folder
        self._sample_bytes = sample_bytes
        self._switch = switch

    def stop_level(self) -> StopLevel:
        """Nothing is lost by stopping at once."""
        return StopLevel.RUN if self._switch.level is StopLevel.RUN else StopLevel.NOW

    def order(self) -> Capture | Adopt:
        """Capture."""
        return capture_order(self._settings, folder=self._folder, sample_bytes=self._sample_bytes)

    def captured(self, job: JobInfo, findings: tuple[Finding, ...]) -> None:
        """Keeps the job."""
        self.job, self.findings = job, findings

    def next_task(self, last: Probe | None) -> Task | None:
        """None: nothing is trained."""
        del last
        return None

    def remaining(self) -> int:
        """Zero: nothing is trained."""
        return 0

    def seconds_left(self) -> float | None:
        """None: nothing is trained."""
        return None

    def done(self, outcome: Outcome) -> None:
        """Never called, since there are no tasks."""
        raise AssertionError(outcome)

    def lost(self, probe: Probe) -> None:
        """Never called, since there are no tasks."""
        raise AssertionError(probe)

    def split_up(self, batch_size: int) -> None:
        """Never called, since there are no tasks."""
        raise AssertionError(batch_size)

    def failed(self, reply: Failed) -> None:
        """Keeps the reason."""
        self.findings = reply.findings

    def listed(self, reply: Listed) -> None:
        """Keeps the fit calls."""
        self.sites, self.findings = reply.sites, reply.findings

    def diagnosed(self, reply: Diagnosed) -> None:
        """Keeps what is wrong."""
        self.diagnosis = reply

    def note(self, text: str) -> None:
        """A worker that had to be started again is not worth a line here."""


_LONGER = math.ceil(FollowUpThresholds().overfit_most_probes / VerdictThresholds().overfit_passes)
"""How many times as many samples as a short probe draws the longest training can pass over often enough to overfit."""


def capture_order(settings: Settings, *, folder: Path, sample_bytes: int) -> Capture:
    """What the first worker is told to take."""
    steps = settings.length.steps
    listed = settings.batch_sizes if isinstance(settings.batch_sizes, tuple) else ()
    sizes = [size for size in listed if isinstance(size, int)]
    known = sizes and len(sizes) == len(listed)
    return Capture(
        folder=str(folder.resolve()),
        sample_bytes=sample_bytes,
        samples=steps * max(sizes) if steps is not None and known else None,
        steps=steps,
        times=_LONGER if settings.overfit else 1,
        engine=settings.engine,
    )
