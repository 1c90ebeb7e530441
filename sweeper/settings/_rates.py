"""The learning-rate axis as text: `1e-6:1`, `1e-6:1:log:13`, `0.1:1:lin:5`, `1e-4,1e-3`, or the same as TOML.

>>> parse_rates("1e-3:1e-1:log:3")
(0.001, 0.01, 0.1)
>>> parse_rates({"low": 0.1, "high": 0.3, "scale": "lin", "count": 3})
(0.1, 0.2, 0.3)
>>> parse_rates("1e-6:1")
RateRange(low=1e-06, high=1.0)
"""

import math
from collections.abc import Mapping
from typing import cast

from sweeper.settings._choices import RateRange
from sweeper.settings._setting import Form
from sweeper.settings._words import list_items, unknown

MAX_RATES = 1000
"""More rates than this in one range are taken for a slip of the pen."""

_FORM = "low:high, such as 1e-6:1, or low:high:log|lin:count, such as 1e-6:1:log:13"
_RANGE_KEYS = ("low", "high", "scale", "count")
_SCALES = ("log", "lin")


def parse_rates(value: object) -> tuple[float, ...] | RateRange:
    """What a text, number, list or table stands for: a range to search in, or the rates to try.

    These ascend, without repeats; all rates have six significant digits.

    Raises `ValueError` with a message for the person.
    """
    items = list_items(value)
    ends = [item for item in items if _is_open(item)]
    if not ends:
        return tuple(sorted({round_rate(rate) for item in items for rate in _rates_of(item)}))
    if len(items) > 1:
        raise ValueError(
            f"{_shown(ends[0])} must stand alone: a range without a count is searched. Give it a count to try all rates"
        )
    return _open_range(ends[0])


def format_rates(rates: tuple[float, ...] | RateRange) -> str:
    """The text that `parse_rates` reads as `rates`."""
    if isinstance(rates, RateRange):
        return f"{format_rate(rates.low)}:{format_rate(rates.high)}"
    return ",".join(format_rate(rate) for rate in rates)


def format_rate(rate: float) -> str:
    """A rate with up to six significant digits, without a zero-padded exponent: `1e-6`, `0.00316228`."""
    mantissa, e, exponent = f"{rate:.6g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if e else mantissa


def round_rate(rate: float) -> float:
    """The rate rounded to six significant digits."""
    return float(f"{rate:.6g}")


def _is_open(item: object) -> bool:
    """Whether an item is a range without a count."""
    if isinstance(item, Mapping):
        return item.keys() == {"low", "high"}
    return isinstance(item, str) and item.count(":") == 1


def _shown(item: object) -> str:
    return repr(item) if isinstance(item, str) else str(item)


def _open_range(item: object) -> RateRange:
    if isinstance(item, Mapping):
        low, high = item["low"], item["high"]
    else:
        low, high = (part.strip() for part in str(item).split(":"))
    first, last = (round_rate(rate) for rate in _ends(_shown(item), low, high))
    return RateRange(low=first, high=last)


def _ends(shown: str, low: object, high: object) -> tuple[float, float]:
    first, last = _rate(low), _rate(high)
    if first >= last:
        raise ValueError(f"{shown}: low {format_rate(first)} must be below high {format_rate(last)}; swap them")
    return first, last


def _rates_of(item: object) -> tuple[float, ...]:
    if isinstance(item, Mapping):
        return _range_of_table(item)
    if isinstance(item, str) and ":" in item:
        return _range_of_text(item)
    return (_rate(item),)


def _range_of_text(text: str) -> tuple[float, ...]:
    parts = [part.strip() for part in text.split(":")]
    if len(parts) != len(_RANGE_KEYS):
        raise ValueError(f"{text!r} is not a range; write {_FORM}")
    return _spread(text, **dict(zip(_RANGE_KEYS, parts, strict=True)))


def _range_of_table(table: Mapping[object, object]) -> tuple[float, ...]:
    for key in table:
        if key not in _RANGE_KEYS:
            raise ValueError(unknown("key of a range", str(key), _RANGE_KEYS))
    missing = [key for key in ("low", "high", "count") if key not in table]
    if missing:
        raise ValueError(f"a range needs {' and '.join(missing)}; write {{ low = 1e-6, high = 1, count = 13 }}")
    return _spread(str(dict(table)), **{"scale": "log", **cast("Mapping[str, object]", table)})


def _spread(shown: str, *, low: object, high: object, scale: object, count: object) -> tuple[float, ...]:
    """Rates from `low` to `high`, both ends exact."""
    (first, last), points = _ends(shown, low, high), _count(shown, count)
    if scale not in _SCALES:
        raise ValueError(f"{unknown('scale', str(scale), _SCALES)}; write {_FORM}")
    fractions = [index / (points - 1) for index in range(1, points - 1)]
    if scale == "lin":
        between = [first + (last - first) * fraction for fraction in fractions]
    else:
        start, span = math.log10(first), math.log10(last) - math.log10(first)
        between = [10 ** (start + span * fraction) for fraction in fractions]
    return (first, *between, last)


def _count(shown: str, value: object) -> int:
    points = int(value) if isinstance(value, str) and value.isdecimal() else value
    if not isinstance(points, int) or isinstance(points, bool) or not 2 <= points <= MAX_RATES:  # noqa: PLR2004  both ends
        raise ValueError(f"{shown}: count {value} must be a whole number from 2 to {MAX_RATES}; write {_FORM}")
    return points


def _rate(value: object) -> float:
    try:
        rate = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        raise ValueError(f"{value!r} is not a learning rate; write a number such as 1e-3, or a range {_FORM}") from None
    if not math.isfinite(rate) or rate <= 0:
        raise ValueError(f"learning rate {value!r} must be a finite number above 0, such as 1e-3")
    return rate


RATES = Form(metavar="RATES", parse=parse_rates, show=format_rates, repeatable=True)
"""A range to search in, or the rates to try."""
