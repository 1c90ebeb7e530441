"""What keeps probes from being tried: the limits on the time and number of probes, and memory that ran out."""

import math
from collections import Counter
from collections.abc import Callable

from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.settings import Settings
from sweeper.text import seconds_text

_OOM_LIMIT = 2
"""Out-of-memories at one batch size after which it, and larger ones, are not tried again."""


class Budget:
    """The limits that the user set: on the time of a sitting, which begins with its first probe, and on probes."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._seconds = settings.budget_s
        self._probes = settings.max_probes
        self._clock = clock
        self._began: float | None = None

    def begin(self) -> None:
        """Time counts from now on, unless it does already."""
        if self._began is None:
            self._began = self._clock()

    @property
    def began(self) -> float | None:
        """When the first probe of the sitting began; None before."""
        return self._began

    @property
    def seconds_left(self) -> float:
        """The time that is left; infinite without a limit."""
        if self._seconds is None or self._began is None:
            return math.inf
        return max(0.0, self._began + self._seconds - self._clock())

    def probes_left(self, begun: int) -> float:
        """How many more probes may begin, null probes not counted; infinite without a limit."""
        return math.inf if self._probes is None else self._probes - begun

    def capped(self, planned: int) -> int:
        """How many of so many planned probes will run."""
        return planned if self._probes is None else min(planned, self._probes)

    def spent(self, begun: int) -> str:
        """Which limit has been reached, in words; empty when none has."""
        if self._seconds is not None and not self.seconds_left:
            return f"--budget of {seconds_text(self._seconds)} is spent"
        if self._probes is not None and self.probes_left(begun) <= 0:
            return f"--max-probes of {self._probes:,} is reached"
        return ""


class TooLarge:
    """The batch sizes that are not tried again, since they or smaller ones ran out of memory too often."""

    def __init__(self) -> None:
        self._ooms: Counter[int] = Counter()

    def note(self, outcome: Outcome) -> None:
        """Counts an outcome."""
        self._ooms[outcome.probe.batch_size] += outcome.kind is OutcomeKind.OOM

    def __contains__(self, batch_size: int) -> bool:
        """Whether a batch size is too large."""
        return batch_size >= self.smallest

    @property
    def smallest(self) -> float:
        """The least of them; infinite when there is none."""
        return min((size for size, number in self._ooms.items() if number >= _OOM_LIMIT), default=math.inf)

    @property
    def cause(self) -> str:
        """Why no probe is tried at such a batch size."""
        return f"not tried: batch size {self.smallest} ran out of memory in {_OOM_LIMIT} probes"

    def outcome(self, probe: Probe) -> Outcome:
        """The outcome of a probe that is not tried."""
        return Outcome(probe=probe, kind=OutcomeKind.OOM, cause=self.cause)
