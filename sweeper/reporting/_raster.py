"""Rows whose rates differ from one to the next, on columns that all of them share.

A column is as wide as the search is fine. Where a row was probed, its column shows what was found. A column between two
that say the same says so too, as what was not probed; between two that differ lies an edge that is not known better.

>>> from sweeper.reporting._looks import LOOKS
>>> raster = raster_of((1e-3, 1e-2), step=0.5)
>>> raster.rates
(0.001, 0.00316228, 0.01)
>>> [(field.look.glyph, field.probed) for field in raster.fields({1e-3: LOOKS[0], 1e-2: LOOKS[0]})]
[('H', True), ('H', False), ('H', True)]
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sweeper.reporting._looks import NOT_RUN, Look, worst


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What one row says at one column."""

    look: Look
    """`NOT_RUN` where nothing follows from the neighbours."""
    probed: bool
    rate: float
    """Of the probe that it shows, or of the middle of the column."""
    edges: tuple[Look, Look] | None = None
    """The looks to the left and right when they differ: an edge lies somewhere here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """Columns at the powers `10 ** (step * index)`."""

    step: float
    """Width of a column in decades."""
    low: int
    """Index of the first column."""
    high: int
    """Index of the last one."""

    @property
    def rates(self) -> tuple[float, ...]:
        """The middles of the columns."""
        return tuple(float(f"{10 ** (self.step * index):.6g}") for index in range(self.low, self.high + 1))

    @property
    def edges(self) -> tuple[float, ...]:
        """The borders of the columns, one more than there are columns."""
        return tuple(float(f"{10 ** (self.step * (i - 0.5)):.6g}") for i in range(self.low, self.high + 2))

    @property
    def decades(self) -> tuple[float, ...]:
        """The powers of ten that lie on it; its ends when there is none."""
        first, last = math.ceil(self.step * (self.low - 0.5)), math.floor(self.step * (self.high + 0.5))
        powers = tuple(float(f"1e{power}") for power in range(first, last + 1))
        return powers or (self.rates[0], self.rates[-1])

    def column(self, rate: float) -> int:
        """The column of a rate, counted from 0."""
        return min(self.high, max(self.low, _index(rate, self.step))) - self.low

    def fields(self, looks: Mapping[float, Look]) -> tuple[Field, ...]:
        """What a row says at each column, given the looks of its probed rates."""
        probed: dict[int, list[float]] = {}
        for rate in sorted(looks):
            probed.setdefault(self.column(rate), []).append(rate)
        shown = {column: worst(rates, look_of=looks.__getitem__) for column, rates in probed.items()}
        return tuple(
            Field(look=looks[shown[column]], probed=True, rate=shown[column])
            if column in shown
            else _between(column, middle, {column: looks[rate] for column, rate in shown.items()})
            for column, middle in enumerate(self.rates)
        )


def raster_of(rates: Sequence[float], *, step: float) -> Raster:
    """The columns from the lowest rate to the highest one; there must be one."""
    return Raster(step=step, low=_index(min(rates), step), high=_index(max(rates), step))


def _index(rate: float, step: float) -> int:
    return round(math.log10(rate) / step)


def _between(column: int, middle: float, shown: Mapping[int, Look]) -> Field:
    left = max((other for other in shown if other < column), default=None)
    right = min((other for other in shown if other > column), default=None)
    if left is None or right is None:
        return Field(look=NOT_RUN, probed=False, rate=middle)
    if shown[left] is shown[right]:
        return Field(look=shown[left], probed=False, rate=middle)
    return Field(look=NOT_RUN, probed=False, rate=middle, edges=(shown[left], shown[right]))
