"""What a batch-size search found, in sentences that page and terminal share."""

from itertools import pairwise
from typing import Final

from sweeper.optimizers import KNOWN_OPTIMIZERS
from sweeper.probes import OutcomeKind
from sweeper.reporting import batch_line
from sweeper.results import Memory, Trial
from sweeper.text import bytes_text

COMPILED: Final = "compiled"
"""Source of a fit that goes through what the compiler told, not through trials."""

_WORTH_A_WHISKER = 1.05
_GIB = 1 << 30
_MIB = 1 << 20
_ENDS = {
    OutcomeKind.COMPLETED: "fits",
    OutcomeKind.OOM: "out of memory",
    OutcomeKind.CRASHED: "crashed",
    OutcomeKind.TIMEOUT: "timed out",
    OutcomeKind.ERROR: "error",
    OutcomeKind.CANCELLED: "stopped",
}


def memory_title(memory: Memory) -> str:
    """The answer in one line."""
    largest, best = memory.largest_that_fits, memory.recommended
    if largest is None:
        return _nothing_fits(memory)
    if memory.batch_size_fixed:
        return f"Batch size {largest:,}, which is fixed, fits"
    fits = f"{largest:,} is the largest batch size that fits"
    if best is None:
        return fits
    return f"{fits}, and is recommended" if best == largest else f"{fits}; {best:,} is recommended"


def _nothing_fits(memory: Memory) -> str:
    outcomes = {trial.outcome for trial in memory.trials}
    if not outcomes:
        return "No batch size was tried"
    if OutcomeKind.OOM not in outcomes:
        return "No trial could train"
    if memory.batch_size_fixed:
        return f"Batch size {memory.own_batch_size:,}, which is fixed, does not fit"
    return f"No batch size fits into {limit_text(memory.limit_bytes)}"


def limit_text(amount: int) -> str:
    """An amount of memory that somebody chose, also in the unit in which it is a round number: `4.29 GB (4 GiB)`."""
    for unit, name in ((_GIB, "GiB"), (_MIB, "MiB")):
        if amount and amount % unit == 0:
            return f"{bytes_text(amount)} ({amount // unit:,} {name})"
    return bytes_text(amount)


def share_text(amount: float | None, limit: int) -> str:
    """An amount as a part of the limit: `90%`; empty when it is not known."""
    return "" if amount is None or not limit else f"{100 * amount / limit:.0f}%"


def end_text(trial: Trial) -> str:
    """How a trial ended: `fits`, `out of memory`."""
    return _ENDS[trial.outcome]


def setting_text(trial: Trial) -> str:
    """What was different from the script besides the batch size; empty when nothing was."""
    parts = [f"{trial.accumulation} steps accumulated" if trial.accumulation > 1 else "", trial.precision]
    return ", ".join(part for part in parts if part)


def peak_at(memory: Memory, batch_size: int | None) -> int | None:
    """The highest measured peak among the trials that passed at a size, as the script trains; None without one."""
    peaks = [
        trial.peak_bytes
        for trial in memory.trials
        if trial.batch_size == batch_size and passed(trial) and trial.peak_bytes and not setting_text(trial)
    ]
    return max(peaks, default=None)


def predicted_peak(memory: Memory, batch_size: int) -> float | None:
    """The peak that the fit predicts at a size; None without a fit."""
    if memory.fit is None:
        return None
    for low, high in pairwise(memory.fit.band):
        if low.batch_size <= batch_size <= high.batch_size:
            part = (batch_size - low.batch_size) / (high.batch_size - low.batch_size)
            return low.peak_bytes + part * (high.peak_bytes - low.peak_bytes)
    return memory.fit.base_bytes + memory.fit.bytes_per_sample * batch_size


def whisker(trial: Trial) -> int:
    """How far the peak of a whole trial lies above the steady one, where that is far enough to be seen."""
    steady, peak = trial.steady_peak_bytes, trial.peak_bytes
    if steady is None or peak is None or peak <= _WORTH_A_WHISKER * steady:
        return 0
    return peak - steady


def passed(trial: Trial) -> bool:
    """Whether every stage of a trial went through within the limit."""
    return trial.outcome is OutcomeKind.COMPLETED


def accumulation_lines(memory: Memory) -> str:
    """The advice on accumulation as lines of a Keras script; empty without any."""
    advice = memory.accumulation
    if advice is None:
        return ""
    batch = batch_line(memory.data, advice.batch_size)
    if advice.steps == 1:
        return batch
    known = any(optimizer.keras_class == memory.optimizer for optimizer in KNOWN_OPTIMIZERS)
    name = f"{'keras.optimizers.' if known else ''}{memory.optimizer}"
    return f"optimizer = {name}(..., gradient_accumulation_steps={advice.steps})\n{batch}"
