"""The memory panel as a page shows it, made from the `memory` of the results document."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from sweeper.batch_size.report._words import (
    COMPILED,
    accumulation_lines,
    end_text,
    limit_text,
    memory_title,
    passed,
    peak_at,
    predicted_peak,
    setting_text,
    share_text,
    whisker,
)
from sweeper.memory import MemoryKind
from sweeper.reporting import LOOKS, Look, look_of
from sweeper.results import Memory, Precision, Speed, Trial
from sweeper.text import bytes_text, number_text, seconds_text
from sweeper.trial import Stage

FITS: Final = replace(LOOKS[0], glyph="✓", title="fits", meaning="every stage of the training passed within the limit")
_TIMED: Final = replace(LOOKS[-1], glyph="·", title="timed", meaning="timed in the process of a larger size")


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRow:
    """One trial, or a size that was only timed within one."""

    batch_size: int
    marks: tuple[str, ...]
    """What the size is, in words."""
    look: Look
    """How it ended."""
    setting: str
    """What was different from the script besides the batch size."""
    number: int | None
    """The trial; None for a size that was only timed."""
    peak_bytes: int | None
    share: str
    """Its part of the limit: `90%`."""
    width: float
    """The same for a bar, in percent of its length."""
    samples_per_second: float | None
    seconds: float | None
    stage: str
    """Where it failed; empty when it did not, or only at the end."""
    cause: str
    log_tail: str

    @property
    def notes(self) -> str:
        """What is to be said of it beyond its numbers."""
        during = f"during {self.stage}: " if self.stage else ""
        return "; ".join(part for part in (self.setting, f"{during}{self.cause}") if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the memory that a batch size takes."""

    name: str
    bytes: int
    width: float
    """In percent of the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPanel:
    """Everything that the section of a page says."""

    title: str
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    rows: tuple[SizeRow, ...]
    parts_of: int | None
    """The batch size that `parts` are of; None when nothing is known of them."""
    parts: tuple[Part, ...]
    fit_note: str
    legend: tuple[tuple[str, str], ...]
    """Kinds of marks in the figure, and what they mean."""
    snippet: str
    precision: tuple[tuple[str, str, str], ...]
    """Name, and value at the script's own precision and at the other; empty when none was compared."""
    setup: tuple[tuple[str, str], ...]
    """What was tried, in names and values."""


def memory_panel(memory: Memory) -> MemoryPanel:
    """The panel of a search that was made."""
    size = next((size for size in (memory.recommended, memory.largest_that_fits) if size is not None), None)
    parts = () if size is None else tuple(_parts(memory, size))
    return MemoryPanel(
        title=memory_title(memory),
        facts=tuple(_facts(memory)),
        warnings=tuple(_warnings(memory)),
        rows=size_rows(memory),
        parts_of=size,
        parts=parts,
        fit_note=_fit_note(memory),
        legend=tuple(_legend(memory)),
        snippet=accumulation_lines(memory),
        precision=tuple(_precision(memory.precision)) if memory.precision else (),
        setup=tuple(_setup(memory)),
    )


def size_rows(memory: Memory) -> tuple[SizeRow, ...]:
    """Every trial, and every size that was only timed, by ascending batch size."""
    tried = {trial.batch_size for trial in memory.trials if not setting_text(trial)}
    timed = [speed for speed in memory.speeds if speed.batch_size not in tried]
    rows = [*(_row_of_trial(memory, trial) for trial in memory.trials), *(_row_of_speed(memory, s) for s in timed)]
    return tuple(sorted(rows, key=lambda row: (row.batch_size, row.number or 0)))


def _row_of_trial(memory: Memory, trial: Trial) -> SizeRow:
    peak, limit = trial.peak_bytes, memory.limit_bytes
    speeds = {speed.batch_size: speed.samples_per_second for speed in memory.speeds}
    setting = setting_text(trial)
    return SizeRow(
        batch_size=trial.batch_size,
        marks=() if setting else _marks(memory, trial.batch_size),
        look=FITS if passed(trial) else replace(look_of(None, trial.outcome), title=end_text(trial)),
        setting=setting,
        number=trial.number,
        peak_bytes=peak,
        share=share_text(peak, limit),
        width=min(100.0, round(100 * (peak or 0) / max(limit, 1), 1)),
        samples_per_second=trial.samples_per_second if setting else speeds.get(trial.batch_size),
        seconds=trial.seconds,
        stage="" if trial.stage is Stage.DONE else trial.stage,
        cause=trial.cause,
        log_tail=trial.log_tail,
    )


def _row_of_speed(memory: Memory, speed: Speed) -> SizeRow:
    return SizeRow(
        batch_size=speed.batch_size,
        marks=_marks(memory, speed.batch_size),
        look=_TIMED,
        setting="in the process of a larger size",
        number=None,
        peak_bytes=None,
        share="",
        width=0.0,
        samples_per_second=speed.samples_per_second,
        seconds=None,
        stage="",
        cause="",
        log_tail="",
    )


def _marks(memory: Memory, size: int) -> tuple[str, ...]:
    named = (
        ("recommended", memory.recommended),
        ("largest", memory.largest_that_fits),
        ("yours", memory.own_batch_size),
    )
    return tuple(name for name, value in named if value == size)


def _facts(memory: Memory) -> Iterable[tuple[str, str]]:
    limit, largest = memory.limit_bytes, memory.largest_that_fits
    yield "limit", f"{limit_text(limit)}, {'of the accelerator' if _on_device(memory) else 'resident memory'}"
    yield "from", memory.limit_source
    if memory.others:
        yield "also used by", memory.others
    yield "headroom", f"{memory.headroom:.0%}, so {bytes_text(round(limit * (1 - memory.headroom)))} to use"
    if (peak := peak_at(memory, largest)) is not None:
        yield f"peak at {largest:,}", f"{bytes_text(peak)}, {share_text(peak, limit)} of the limit"
    if largest is not None:
        yield "upper end", memory.bound
    if memory.knee is not None:
        yield "speed", f"95% of the best from {memory.knee:,} on"
    if (noise := memory.noise_scale) is not None:
        yield "gradient noise scale", f"about {number_text(float(f'{noise:.2g}'))} samples"
    yield "your batch size", f"{memory.own_batch_size:,}"


def _on_device(memory: Memory) -> bool:
    return memory.limit_kind is MemoryKind.DEVICE


def _warnings(memory: Memory) -> Iterable[str]:
    if memory.fit is not None and memory.fit.curved:
        yield "Memory does not grow in one line with the batch size; the line drawn is that of the two largest sizes."
    if memory.largest_sample:
        yield f"Samples differ in size. {memory.largest_sample}"


def _parts(memory: Memory, size: int) -> Iterable[Part]:
    known = memory.estimate
    outputs = known.activation_bytes_per_sample
    amounts: list[tuple[str, float]] = [
        ("weights", known.weight_bytes),
        ("gradients", known.gradient_bytes),
        (f"variables of {memory.optimizer}", known.slot_bytes),
        (f"layer outputs, {bytes_text(outputs)} a sample", outputs * size),
        (f"one batch, {bytes_text(known.sample_bytes)} a sample", known.sample_bytes * size),
    ]
    told = sum(amount for _, amount in amounts)
    whole = peak_at(memory, size) or predicted_peak(memory, size) or told
    if whole > told:
        rest = "copies and work space" if _on_device(memory) else "Python, libraries, data, copies, work space"
        amounts.append((rest, whole - told))
    for name, amount in amounts:
        if amount:
            yield Part(name=name, bytes=round(amount), width=round(100 * amount / max(whole, told), 2))


def _fit_note(memory: Memory) -> str:
    fit = memory.fit
    if fit is None:
        return ""
    base, slope = (bytes_text(round(amount)) for amount in (fit.base_bytes, fit.bytes_per_sample))
    origin = "compiler" if fit.source == COMPILED else "trials"
    return f"The line through the {origin}: {base}, and {slope} for each sample of a batch."


def _legend(memory: Memory) -> Iterable[tuple[str, str]]:
    ended = [(passed(trial), bool(setting_text(trial))) for trial in memory.trials]
    if (True, False) in ended:
        yield "measured", "fits"
    if any(passed(trial) and whisker(trial) for trial in memory.trials):
        yield "whisker", "up to the peak of the whole trial"
    if any(not fits for fits, _ in ended):
        yield "failed", "failed"
    if (True, True) in ended:
        yield "other", "with another setting"
    if memory.fit is not None and memory.fit.band:
        yield "line", "fitted, and what is likely"
        if memory.fit.source == COMPILED:
            yield "compiled", "compiled, not run"
    if memory.speeds:
        yield "speed", "speed"
    if memory.knee is not None:
        yield "knee", "95% of the best speed"


def _precision(compared: Precision) -> Iterable[tuple[str, str, str]]:
    yield "peak memory", bytes_text(compared.own_peak_bytes), bytes_text(compared.peak_bytes)
    own, other = compared.own_samples_per_second, compared.samples_per_second
    if own is not None or other is not None:
        yield "samples/s", number_text(own), number_text(other)


def _setup(memory: Memory) -> Iterable[tuple[str, str]]:
    yield "fit call", memory.fit_site
    yield "model", f"{memory.model}, {memory.parameters:,} parameters"
    yield "optimizer", memory.optimizer
    count = "unknown number of" if memory.samples is None else f"{memory.samples:,}"
    yield "data", f"{memory.data}, {count} samples"
    compiled = ", train step compiled by XLA" if memory.xla else ""
    yield "backend", f"{memory.backend} on {memory.device}{compiled}"
    yield "precision", memory.own_precision
    yield "trials", f"{len(memory.trials)} in {seconds_text(sum(trial.seconds for trial in memory.trials))}"
