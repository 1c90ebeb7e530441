"""What the parts of the results are made of."""

import math
from collections.abc import Iterable
from typing import Annotated, Any, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema


class Part(BaseModel):
    """A part of the results: frozen, and read from JSON or from the attributes of another object.

    The docstrings below its fields are the descriptions in the JSON schema and in docs/results.md. Keys that it does
    not know are ignored: they come with newer versions.
    """

    model_config = ConfigDict(
        frozen=True,
        from_attributes=True,
        populate_by_name=True,
        serialize_by_alias=True,
        use_attribute_docstrings=True,
        defer_build=True,  # most commands import the results and write none
    )

    @classmethod
    def of(cls, source: object) -> Self:
        """The part with the values of the attributes of `source` that are named as its fields."""
        return cls.model_validate(source)

    @classmethod
    def of_optional(cls, source: object | None) -> Self | None:
        """The part, or None where there is no source."""
        return None if source is None else cls.of(source)

    @classmethod
    def of_each(cls, sources: Iterable[object]) -> tuple[Self, ...]:
        """The parts of several sources, in their order."""
        return tuple(map(cls.of, sources))


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


# The limits stand in the schema only. Results are worth keeping even where one number is not what it should be.
Count: TypeAlias = Annotated[int, WithJsonSchema({"type": "integer", "minimum": 0})]
Size: TypeAlias = Annotated[int, WithJsonSchema({"type": "integer", "minimum": 1})]
Number: TypeAlias = Annotated[
    float, PlainSerializer(_finite, return_type=float | None), WithJsonSchema({"type": "number"})
]
Amount: TypeAlias = Annotated[Number, WithJsonSchema({"type": "number", "minimum": 0})]
Rate: TypeAlias = Annotated[Number, WithJsonSchema({"type": "number", "exclusiveMinimum": 0})]
Times: TypeAlias = Annotated[Number, WithJsonSchema({"type": "number", "minimum": 1})]
Share: TypeAlias = Annotated[Number, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
Measured: TypeAlias = Annotated[float | None, BeforeValidator(_finite)]
"""A number that may be missing; None too where it was not finite."""
OptionValue: TypeAlias = Annotated[
    float | int | bool | str | None,
    BeforeValidator(_finite),
    WithJsonSchema({"type": ["number", "boolean", "string", "null"]}),
]
"""A setting of an optimizer."""
ThresholdValue: TypeAlias = Annotated[
    float | int | str | None, BeforeValidator(_finite), WithJsonSchema({"type": ["number", "string", "null"]})
]
"""A number that decided, or a name."""


def _by_name(pairs: Any) -> Any:
    return dict(pairs)


Options: TypeAlias = Annotated[dict[str, OptionValue], BeforeValidator(_by_name)]
"""Settings of an optimizer by name; pairs of name and value become that."""
Texts: TypeAlias = Annotated[dict[str, str], BeforeValidator(_by_name)]
"""Texts by name; pairs of name and text become that."""
