"""Cells of a table as numbers: a number, one that is not finite, or None where nothing was measured.

A cell left blank says that nothing was measured there; so do NA and its like. The word nan is a loss that is not
finite, unless numbers come at a fixed distance and it stands only between them: then it fills what was not measured.
"""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

_NOTHING = {"", "na", "n/a", "<na>", "#n/a", "none", "null", "-", "no log"}


def value_of(cell: Any, *, decimal_comma: bool = False) -> float | None:
    """The number in a cell, None where nothing was measured; raises `ValueError` for other text."""
    if cell is None:
        return None
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise ValueError(f"{cell!r} is no number")  # noqa: TRY004  whatever a file holds is a wrong value
    if not isinstance(cell, str):
        return float(cell)
    text = cell.strip().strip('"')
    if text.lower() in _NOTHING:
        return None
    if decimal_comma and "," in text:
        text = text.replace(".", "").replace(",", ".")
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{cell!r} is no number") from None


def without_unscheduled_nans(values: Sequence[float | None]) -> list[float | None]:
    """The values of a column, with None for each NaN between numbers that come at a fixed distance."""
    finite = [row for row, value in enumerate(values) if value is not None and math.isfinite(value)]
    gaps = Counter(after - before for before, after in pairwise(finite))
    if not gaps:
        return list(values)
    gap, times = gaps.most_common(1)[0]
    if gap == 1 or times < len(finite) / 2:
        return list(values)
    due = finite[0] % gap
    return [
        None if value is not None and math.isnan(value) and row % gap != due else value
        for row, value in enumerate(values)
    ]


def without_alternate_nans(values: Sequence[float | None], others: Sequence[float | None]) -> list[float | None]:
    """The values of a column, with None for each NaN beside a number of another, if both never are numbers."""

    def finite(value: float | None) -> bool:
        return value is not None and math.isfinite(value)

    pairs = list(zip(values, others, strict=True))
    if any(finite(value) and finite(other) for value, other in pairs) or not any(map(finite, values)):
        return list(values)
    return [None if value is not None and math.isnan(value) and finite(other) else value for value, other in pairs]
