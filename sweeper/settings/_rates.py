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

from sweeper.settings._choices import RateRange
from sweeper.settings._setting import Form
from sweeper.settings._words import list_items, unknown

MAX_RATES = 1000
"""Most rates of one range; more are taken for a typing error."""

_FORM = "low:high, such as 1e-6:1, or low:high:log|lin:count, such as 1e-6:1:log:13"
_RANGE_KEYS = ("low", "high", "scale", "count")
_SCALES = ("log", "lin")


def parse_rates(value: object) -> tuple[float, ...] | RateRange:
    """Parses the learning-rate axis from a text, number, list or table: a range to search in, or rates to try.

    These ascend, without repeats; all rates have six significant digits.

    Raises `ValueError` with a message for the user.
    """
    items = [(item, _range_of(item)) for item in list_items(value)]
    searched = [(item, found) for item, found in items if found is not None and found.keys() == {"low", "high"}]
    if not searched:
        return tuple(sorted({round_rate(rate) for item, found in items for rate in _rates_of(item, found)}))
    item, found = searched[0]
    shown = repr(item) if isinstance(item, str) else str(item)
    if len(items) > 1:
        raise ValueError(
            f"{shown} must stand alone: a range without a count is searched. Give it a count to try all rates"
        )
    low, high = _ends(shown, found)
    return RateRange(low=round_rate(low), high=round_rate(high))


def format_rates(rates: tuple[float, ...] | RateRange) -> str:
    """Writes the learning-rate axis as a text that `parse_rates` reads."""
    if isinstance(rates, RateRange):
        return f"{format_rate(rates.low)}:{format_rate(rates.high)}"
    return ",".join(format_rate(rate) for rate in rates)


def format_rate(rate: float) -> str:
    """A rate with up to six significant digits, without a zero-padded exponent: `1e-6`, `0.00316228`."""
    mantissa, e, exponent = f"{rate:.6g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if e else mantissa


def round_rate(rate: float) -> float:
    """A rate rounded to six significant digits."""
    return float(f"{rate:.6g}")


def _range_of(item: object) -> Mapping[object, object] | None:
    """The range in an item, as a table; None for an item that should be a single rate."""
    if isinstance(item, Mapping):
        return item
    if not (isinstance(item, str) and ":" in item):
        return None
    parts = [part.strip() for part in item.split(":")]
    keys = {2: ("low", "high"), 4: _RANGE_KEYS}.get(len(parts))
    if keys is None:
        raise ValueError(f"{item!r} is not a range; write {_FORM}")
    return dict(zip(keys, parts, strict=True))


def _rates_of(item: object, found: Mapping[object, object] | None) -> tuple[float, ...]:
    return (_rate(item),) if found is None else _spread(str(item), found)


def _spread(shown: str, found: Mapping[object, object]) -> tuple[float, ...]:
    """The evenly spaced rates of a range with a count, both ends exact."""
    for key in found:
        if key not in _RANGE_KEYS:
            raise ValueError(unknown("key of a range", str(key), _RANGE_KEYS))
    missing = [key for key in ("low", "high", "count") if key not in found]
    if missing:
        raise ValueError(f"a range needs {' and '.join(missing)}; write {{ low = 1e-6, high = 1, count = 13 }}")
    (first, last), points, scale = _ends(shown, found), _count(shown, found), found.get("scale", "log")
    if scale not in _SCALES:
        raise ValueError(f"{unknown('scale', str(scale), _SCALES)}; write {_FORM}")
    fractions = [index / (points - 1) for index in range(1, points - 1)]
    if scale == "lin":
        between = [first + (last - first) * fraction for fraction in fractions]
    else:
        start, span = math.log10(first), math.log10(last) - math.log10(first)
        between = [10 ** (start + span * fraction) for fraction in fractions]
    return (first, *between, last)


def _ends(shown: str, found: Mapping[object, object]) -> tuple[float, float]:
    low, high = _rate(found["low"]), _rate(found["high"])
    if low >= high:
        raise ValueError(f"{shown}: low {format_rate(low)} must be below high {format_rate(high)}; swap them")
    return low, high


def _count(shown: str, found: Mapping[object, object]) -> int:
    value = found["count"]
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
