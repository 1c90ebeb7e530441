"""The input of a batch-size search."""

from dataclasses import dataclass

from sweeper.batch_size.sizing._thresholds import DEFAULT
from sweeper.batch_size.values import MemoryLimit
from sweeper.memory import FitFacts, MemoryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The input of a batch-size search: the memory limit, the fit call, and what the user asked for."""

    limit: MemoryLimit
    headroom: float
    """Share of the limit that is to stay free."""
    facts: FitFacts
    max_batch_size: int | None = None
    effective_batch: int | None = None
    """Batch size to reach, by accumulating gradients if it does not fit at once."""
    other_limits: tuple[int, ...] = ()
    """Other amounts of memory, in bytes, to predict the largest size for."""
    precision: str | None = None
    """Dtype policy to compare with the script's own; None for no comparison."""

    @property
    def target(self) -> float:
        """Bytes that a training may use: the limit less the headroom."""
        return self.limit.limit_bytes * (1 - self.headroom)

    @property
    def fixed(self) -> bool:
        """Whether the script allows one size only."""
        return bool(self.facts.batch_size_fixed)

    @property
    def least(self) -> int:
        """The smallest size that may be tried."""
        return self.facts.batch_size if self.fixed else 1

    @property
    def most(self) -> int:
        """The largest size that may be tried."""
        return self._ceiling[0]

    @property
    def most_because(self) -> str:
        """What limits the largest size that may be tried."""
        return self._ceiling[1]

    @property
    def own(self) -> int:
        """The script's own batch size, as far as it may be tried."""
        return min(self.facts.batch_size, self.most)

    @property
    def noise(self) -> float:
        """Bytes by which the peak of one training differs from process to process."""
        return DEFAULT.host_noise if self.limit.kind is MemoryKind.HOST else DEFAULT.device_noise

    @property
    def estimated_slope(self) -> float:
        """Bytes per sample, estimated before anything is measured; 0 when nothing is known."""
        if not self.facts.activation_bytes:
            return 0.0
        return DEFAULT.activation_copies * self.facts.activation_bytes + DEFAULT.sample_copies * self.facts.sample_bytes

    @property
    def _ceiling(self) -> tuple[int, str]:
        if self.fixed:
            return self.facts.batch_size, self.facts.batch_size_fixed
        asked, samples = self.max_batch_size, self.facts.samples
        ceilings = []
        if asked is not None:
            ceilings.append((asked, f"--max-batch-size {asked}"))
        if samples is not None:
            ceilings.append((max(1, samples), f"the {samples:,} samples that the script trains on"))
        if not ceilings:
            known = max(DEFAULT.largest_size, self.facts.batch_size)
            ceilings.append((known, f"{known:,}, the largest size tried where the number of samples is unknown"))
        return min(ceilings)
