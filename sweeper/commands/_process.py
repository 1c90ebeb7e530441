"""One process of a probe: the program with its guard, where its curve comes from, and how it ended."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from sweeper.commands._curve import Point
from sweeper.commands._sources import AbstractSource, CurveFile, JsonLines
from sweeper.execute import Exit, oom_kills
from sweeper.steps import REPORTS_VARIABLE

_GUARD = str(Path(__file__).with_name("_guard.py"))
_WAIT_S = 4.0
"""Seconds for the guard to end the program, more than it gives the program itself."""


def guard_command(pipe: int, words: Sequence[str]) -> list[str]:
    """The command line of a guard, which imports neither the user's folder nor installed packages."""
    return [sys.executable, "-I", "-S", _GUARD, str(pipe), *words]


def program_environment(slot: Mapping[str, str], reports: Path) -> dict[str, str]:
    """What the environment of a program has besides that of the driver; Python in it does not hold back its output."""
    return {"PYTHONUNBUFFERED": "1", **slot, REPORTS_VARIABLE: str(reports.resolve())}


class ProbeProcess:
    """A program that trains one probe, in a process group of its own."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        curve: CurveFile | None,
        steps: int,
    ) -> None:
        self.log = log
        self.curve = curve
        self.began = self.since = time.monotonic()
        self.first_point: float | None = None
        """When its first points were seen."""
        self.first_steps = 0
        """How many losses there were then."""
        self._reports = log.with_suffix(".reports")
        self._points: tuple[Point, ...] = ()
        log.parent.mkdir(parents=True, exist_ok=True)
        for file in (log, self._reports):
            file.unlink(missing_ok=True)
        reported, printed = JsonLines(self._reports, most=2 * steps + 1), JsonLines(log, most=2 * steps + 1)
        self._sources: tuple[AbstractSource, ...] = (reported, printed if curve is None else curve)
        self._kills = oom_kills()
        read, self._pipe = os.pipe()
        with log.open("ab") as output:
            self._guard = subprocess.Popen(
                guard_command(read, words),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(read,),
                env={**os.environ, **program_environment(environment, self._reports)},
                start_new_session=True,
            )
        os.close(read)
        self._printed = 0

    @property
    def ended(self) -> bool:
        """Whether the program has ended by itself."""
        return self._guard.poll() is not None

    def points(self, *, ended: bool) -> tuple[Point, ...]:
        """Its points so far, from the first source that has any: reports, then the curve file or else the output."""
        found = next((points for source in self._sources if (points := source.points(ended=ended))), ())
        printed = self.log.stat().st_size
        if len(found) != len(self._points) or printed != self._printed:
            self.since = time.monotonic()
        if found and self.first_point is None:
            self.first_point = time.monotonic()
            self.first_steps = sum(point.loss is not None for point in found)
        self._points, self._printed = found, printed
        return found

    def ask_to_end(self) -> None:
        """Has the guard end the program, without waiting for it."""
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1

    def close(self) -> Exit:
        """Ends the program with its children, and tells how it had ended if it had."""
        self.ask_to_end()
        try:
            status = self._guard.wait(timeout=_WAIT_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._guard.pid, signal.SIGKILL)
            status = self._guard.wait()
        self._reports.unlink(missing_ok=True)
        return Exit(status=status, for_memory=status == -signal.SIGKILL and oom_kills() > self._kills)
