"""Numbers, times and amounts in words, as a person would write them."""

import math
from collections.abc import Callable
from datetime import datetime

_NONE = "\N{EN DASH}"
_LEAST_CHANCE = 0.01
"""Nobody could measure a smaller chance with a few dozen probes."""
_SMALLEST_PLAIN_RATE = 0.1
_SMALLEST_PLAIN = 1e-3
_LARGEST_WHOLE = 1e7
_LARGEST_PLAIN = 10_000
_MINUTE = 60
_HOUR = 3600
_UNIT_STEP = 1000


def rate_text(rate: float) -> str:
    """A learning rate with up to three digits: `1e-3`, `3.16e-3`, `0.316`, `10`."""
    rounded = float(f"{rate:.3g}")
    if rate == 0 or _SMALLEST_PLAIN_RATE <= rate < _LARGEST_PLAIN:
        return f"{rounded:g}"
    mantissa, exponent = f"{rounded:.2e}".split("e")
    return f"{mantissa.rstrip('0').removesuffix('.')}e{int(exponent)}"


def number_text(value: float | None) -> str:
    """A number with about four digits; an en dash for none."""
    if value is None:
        return _NONE
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "infinite"
    if value == 0 or _UNIT_STEP <= abs(value) < _LARGEST_WHOLE:
        return f"{value:,.0f}"
    if _SMALLEST_PLAIN <= abs(value) < _UNIT_STEP:
        return f"{value:.4g}"
    mantissa, exponent = f"{value:.3e}".split("e")
    return f"{mantissa.rstrip('0').removesuffix('.')}e{int(exponent)}"


def ranges_text(
    stable: tuple[float, float], well: tuple[float, float] | None, *, rate: Callable[[float], str] = rate_text
) -> str:
    """The end of a sentence about an optimizer: where training goes well, and where it is only stable.

    `trains well from 1e-3 to 2e-2; slower but stable down to 2e-5`

    Args:
        stable: The ends of the stable range.
        well: Those of the part of it that trains well; None where that is not known.
        rate: How a rate is written.
    """
    if well is None:
        return f"is stable {_from_to(*stable, rate)}"
    parts = [f"trains well {_from_to(*well, rate)}"]
    below, above = rate(stable[0]) != rate(well[0]), rate(stable[1]) != rate(well[1])
    if below:
        parts.append(f"slower but stable down to {rate(stable[0])}")
    if above:
        parts.append(f"less well but stable up to {rate(stable[1])}")
    return "; ".join(parts)


def _from_to(low: float, high: float, rate: Callable[[float], str]) -> str:
    ends = rate(low), rate(high)
    return f"at {ends[0]}" if ends[0] == ends[1] else f"from {ends[0]} to {ends[1]}"


def chance_text(probability: float, low: float, high: float) -> str:
    """A chance with its interval, in digits that somebody could measure: `12% (5% to 30%)`, `under 1%`."""
    value, *ends = (_percent(chance) for chance in (probability, low, high))
    if set(ends) == {value}:
        return value
    if ends[0] == value:
        return f"{value} (at most {ends[1]})"
    return f"{value} (at least {ends[0]})" if ends[1] == value else f"{value} ({ends[0]} to {ends[1]})"


def _percent(chance: float) -> str:
    if chance < _LEAST_CHANCE:
        return f"under {_LEAST_CHANCE:.0%}"
    return f"over {1 - _LEAST_CHANCE:.0%}" if chance > 1 - _LEAST_CHANCE else f"{chance:.0%}"


def final_loss_text(loss: float | None, steps_run: int) -> str:
    """The final loss of a probe that ran some steps, in words."""
    return "not finite" if loss is None and steps_run else number_text(loss)


def seconds_text(seconds: float) -> str:
    """A time: `0.8 s`, `1 min 52 s`, `2 h 3 min`."""
    if seconds < _MINUTE:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def bytes_text(amount: int | None) -> str:
    """An amount of memory: `620 MB`, `1.4 GB`; an en dash for none."""
    if amount is None:
        return _NONE
    power = min(4, int(math.log10(amount) // 3)) if amount >= _UNIT_STEP else 0
    return f"{amount / _UNIT_STEP**power:.3g} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"


def capital(text: str) -> str:
    """A text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def plural(count: int, noun: str) -> str:
    """A count with its noun: `1 probe`, `1,200 probes`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def moment_text(iso: str) -> str:
    """A time in ISO 8601 as a person reads it: `2026-03-04 10:15 UTC`."""
    return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M %Z}".rstrip()
