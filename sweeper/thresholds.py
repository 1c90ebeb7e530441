"""Thresholds: numbers that rules decide by, each with its unit and its reason.

A set of thresholds is a frozen dataclass whose fields carry `unit` and `reason` as metadata, so that the report
and the documentation print what the rules really use.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from typing import Any, ClassVar, Protocol


class ThresholdSet(Protocol):
    """A dataclass instance whose fields are numbers with `unit` and `reason` in their metadata."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A number that a rule decides by, with its unit and its reason."""

    name: str
    value: float
    unit: str
    reason: str


def why(unit: str, reason: str) -> Mapping[str, str]:
    """The metadata of a field that holds a threshold."""
    return {"unit": unit, "reason": reason}


def described(thresholds: ThresholdSet) -> tuple[Threshold, ...]:
    """Every threshold of a set, in the order of its fields."""
    return tuple(
        Threshold(
            name=field.name,
            value=getattr(thresholds, field.name),
            unit=field.metadata["unit"],
            reason=field.metadata["reason"],
        )
        for field in fields(thresholds)
    )
