"""The run directory: the record that all else is derived from, readable by people, whole at every instant.

```
run.json             what the run was made with
job.json             what was captured, and the axes of the map
probes/<id>.json     one finished probe, with its raw curve
follow_ups.json      what follows the map, once that is complete
memory/start.json    the limit and the fit call that a batch-size search began with
memory/NNN.json      one finished trial of that search
memory.json          what that search found
logs/                what the workers printed
job/                 samples and weights that every probe starts from, until the run is complete
study.journal        the Optuna study (unless it lives elsewhere)
seconds.json         wall time of the run so far
results.json         report.html
```
The driver that holds the lock is the only writer; anyone may read at any time.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sweeper.codec import dump
from sweeper.errors import RunError
from sweeper.findings import Finding
from sweeper.followup import FollowUpPlan
from sweeper.job import JobInfo
from sweeper.probes import Outcome, OutcomeKind
from sweeper.record._files import damaged, is_temporary, is_whole, load_whole, write_atomic, write_record
from sweeper.record._lock import locked
from sweeper.record._manifest import SCHEMA, Manifest, manifest_of, without_secrets
from sweeper.space import Space

MANIFEST = "run.json"
_DAMAGED_SUFFIX = ".damaged"
_PLANS = tuple[FollowUpPlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Captured:
    job: JobInfo
    space: Space
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDirectory:
    """The directory of one run. Made by `create` or `open`; write to it only inside `lock`."""

    path: Path
    manifest: Manifest
    """What the run was made with, as it was kept: without the password of the storage."""

    @classmethod
    def create(cls, path: Path, manifest: Manifest) -> "RunDirectory":
        """Makes the directory of a new run at `path`, which must be empty if it exists.

        Raises:
            RunError: Something else is at `path`, or no folder can be made there.
            MachineError: The disk is full or broken.
        """
        _make_folder(path)
        kept = [entry.name for entry in path.iterdir() if not is_temporary(entry)]
        if MANIFEST in kept:
            raise RunError(
                f"{path} holds a run already. Go on with it (sweeper resume {path}) or choose another --out."
            )
        if kept:
            raise RunError(f"{path} is not empty (it holds {min(kept)}). Choose another --out.")
        run = cls(path=path, manifest=without_secrets(manifest))
        write_atomic(path / MANIFEST, dump(run.manifest))
        return run

    @classmethod
    def open(cls, path: Path) -> "RunDirectory":
        """Opens the directory of the run at `path`.

        Raises:
            RunError: No run is there, a newer sweeper made it, or it is damaged.
        """
        file = path / MANIFEST
        if not file.is_file():
            what = "does not exist" if not path.exists() else f"is not a run directory: it has no {MANIFEST}"
            raise RunError(f"{path} {what}. Name the folder that sweeper printed when the run began.")
        return cls(path=path, manifest=_load_manifest(file))

    @property
    def id(self) -> str:
        """A name of the run that no other run has; it stays when the folder is moved."""
        return sha256((self.path / MANIFEST).read_bytes()).hexdigest()[:12]

    @property
    def job_folder(self) -> Path:
        """Folder of the samples and weights that every probe of the run starts from."""
        return self.path / "job"

    @property
    def logs(self) -> Path:
        """Folder of what the workers printed."""
        return self.path / "logs"

    @property
    def results_file(self) -> Path:
        """File of the results, for programs: results.json."""
        return self.path / "results.json"

    @property
    def report_file(self) -> Path:
        """File of the results, for people: report.html."""
        return self.path / "report.html"

    @property
    def study_file(self) -> Path:
        """Journal file of the Optuna study."""
        return self.path / "study.journal"

    @property
    def seconds(self) -> float:
        """Wall time of the run so far, over all its resumes."""
        file = self._seconds_file
        return load_whole(float, file) if file.exists() else 0.0

    def add_seconds(self, seconds: float) -> None:
        """Adds to the wall time of the run."""
        self._write(self._seconds_file, dump(self.seconds + seconds))

    def save_job(self, job: JobInfo, space: Space, findings: tuple[Finding, ...] = ()) -> None:
        """Keeps the facts of the captured job, the axes of the map, and the findings."""
        self._write(self._job_file, dump(_Captured(job=job, space=space, findings=findings)))

    def job(self) -> tuple[JobInfo, Space] | None:
        """The facts of the captured job and the axes of the map; None when the run has not come so far."""
        if not self._job_file.exists():
            return None
        captured = load_whole(_Captured, self._job_file)
        return captured.job, captured.space

    def save_follow_ups(self, plans: tuple[FollowUpPlan, ...]) -> None:
        """Keeps the planned follow-ups, so that a sweeper with other rules still knows what their probes were for."""
        self._write(self._follow_ups_file, dump(plans))

    def follow_ups(self) -> tuple[FollowUpPlan, ...] | None:
        """The planned follow-ups of the map; None when the run has not come so far."""
        return load_whole(_PLANS, self._follow_ups_file) if self._follow_ups_file.exists() else None

    def findings(self) -> tuple[Finding, ...]:
        """The findings on the captured job; empty when the run has not come so far."""
        return load_whole(_Captured, self._job_file).findings if self._job_file.exists() else ()

    def save_outcome(self, outcome: Outcome, *, sync: bool = True) -> None:
        """Keeps the outcome of a finished probe; a cancelled one is not finished and is left for a resume.

        Whatever becomes of this process, the outcome stays. With `sync` a power cut does not take it either; without,
        it can: then `repair` finds it damaged or gone, and the probe runs again.

        Raises:
            RunError: The probe has an outcome already, which stays as it is.
            MachineError: The disk is full or broken.
        """
        if outcome.kind is OutcomeKind.CANCELLED:
            return
        file = self.outcome_file(outcome.probe.id)
        if file.exists():
            raise RunError(f"probe {outcome.probe.id} has an outcome already: {file}. Nothing was overwritten.")
        self._write(file, dump(outcome), sync=sync)

    def outcome_file(self, probe_id: str) -> Path:
        """File of the outcome of a probe, which is there once the probe is finished."""
        return self._probes / f"{probe_id}.json"

    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes of all finished probes, in the order of their file names.

        Raises:
            RunError: A file is damaged; `repair` sets such files aside.
        """
        remedy = f"`sweeper resume {self.path}` sets it aside and runs its probe again."
        return tuple(load_whole(Outcome, file, remedy=remedy) for file in self._outcome_files())

    def repair(self) -> tuple[str, ...]:
        """Removes half-written files of a killed driver and renames damaged outcomes; says of each outcome that it did.

        A probe whose outcome was set aside counts as not run.
        """
        for folder in (self.path, self._probes):
            for file in folder.iterdir():
                if is_temporary(file):
                    file.unlink()
        return tuple(_set_aside(file) for file in self._outcome_files() if not is_whole(Outcome, file))

    def discard_samples(self) -> None:
        """Removes the samples and weights, which a complete run no longer needs."""
        shutil.rmtree(self.job_folder, ignore_errors=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Makes this process the only driver of the run until the block ends or the process dies.

        Raises:
            RunError: Another process drives the run.
            MachineError: The folder cannot be written.
        """
        with locked(self.path / "driver.lock"):
            for folder in (self._probes, self.logs, self.job_folder):
                folder.mkdir(exist_ok=True)
            yield

    @property
    def _probes(self) -> Path:
        return self.path / "probes"

    @property
    def _job_file(self) -> Path:
        return self.path / "job.json"

    @property
    def _follow_ups_file(self) -> Path:
        return self.path / "follow_ups.json"

    @property
    def _seconds_file(self) -> Path:
        return self.path / "seconds.json"

    def _outcome_files(self) -> list[Path]:
        return sorted(file for file in self._probes.glob("*.json") if not is_temporary(file))

    def _write(self, file: Path, content: str, *, sync: bool = True) -> None:
        write_record(self.path, file, content, sync=sync)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise RunError(f"{path} is a file. Choose another --out.") from None
    except OSError as error:
        raise RunError(f"cannot make the folder {path}: {error.strerror}. Choose another --out.") from error


def _load_manifest(file: Path) -> Manifest:
    try:
        tree = json.loads(file.read_bytes())
        schema = tree["schema"]
        if schema in range(1, SCHEMA + 1):
            return manifest_of(tree)
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(file) from error
    raise RunError(f"{file} has schema {schema}; this sweeper reads up to {SCHEMA}. Use the sweeper that made it.")


def _set_aside(file: Path) -> str:
    aside = file.with_name(file.name + _DAMAGED_SUFFIX)
    file.replace(aside)
    return f"{file.name} was damaged; it is now {aside.name} and its probe runs again"
