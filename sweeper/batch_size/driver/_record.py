"""The record of a batch-size search in the directory of its run: how it began, its finished trials, and its report."""

from dataclasses import dataclass
from pathlib import Path

from sweeper.batch_size.values import MemoryLimit, MemoryReport, Trial
from sweeper.codec import dump
from sweeper.memory import FitFacts
from sweeper.record import is_temporary, is_whole, load_whole, write_record


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    limit: MemoryLimit
    facts: FitFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRecord:
    """The files of a batch-size search; write to them only inside the lock of the run."""

    run: Path
    """The directory of the run."""

    @property
    def folder(self) -> Path:
        """Folder of the trials."""
        return self.run / "memory"

    def prepare(self) -> None:
        """Makes the folder of the trials, and removes half-written files of a killed driver."""
        self.folder.mkdir(exist_ok=True)
        for file in self.folder.iterdir():
            if is_temporary(file):
                file.unlink()

    def save_start(self, limit: MemoryLimit, facts: FitFacts) -> None:
        """Keeps the memory limit and fit facts that a batch-size search began with, for when it is resumed."""
        self._write(self.folder / "start.json", dump(_Start(limit=limit, facts=facts)))

    def start(self) -> tuple[MemoryLimit, FitFacts] | None:
        """The memory limit and fit facts that the batch-size search began with; None before its first trial."""
        file = self.folder / "start.json"
        if not file.exists():
            return None
        start = load_whole(_Start, file)
        return start.limit, start.facts

    def begin_trial(self, number: int) -> int:
        """Notes that a memory trial begins; returns how often it began before without an end.

        A trial can take the driver with it, if the kernel ends all processes of a container.
        """
        file = self.folder / f"{number:03d}.begun"
        begun = load_whole(int, file) if file.exists() else 0
        self._write(file, dump(begun + 1))
        return begun

    def save_trial(self, trial: Trial) -> None:
        """Keeps a finished memory trial for good."""
        self._write(self.folder / f"{trial.number:03d}.json", dump(trial))
        self.end_trial(trial.number)

    def end_trial(self, number: int) -> None:
        """Notes that a memory trial has ended and the driver survived it."""
        (self.folder / f"{number:03d}.begun").unlink(missing_ok=True)

    def trials(self) -> tuple[Trial, ...]:
        """All finished memory trials, in their order, up to the first that is damaged; the others are run again."""
        found: list[Trial] = []
        while (file := self.folder / f"{len(found) + 1:03d}.json").exists() and is_whole(Trial, file):
            found.append(load_whole(Trial, file))
        return tuple(found)

    def save_report(self, report: MemoryReport) -> None:
        """Keeps the report of the batch-size search."""
        self._write(self._report_file, dump(report))

    def report(self) -> MemoryReport | None:
        """The report of the batch-size search; None when there was none or it has not ended."""
        return load_whole(MemoryReport, self._report_file) if self._report_file.exists() else None

    @property
    def _report_file(self) -> Path:
        return self.run / "memory.json"

    def _write(self, file: Path, content: str) -> None:
        write_record(self.run, file, content)
