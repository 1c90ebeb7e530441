"""The tables of docs/results.md, made from the schema of the results."""

from collections.abc import Iterator
from typing import Any

from sweeper.results._schema import results_schema

_PLURALS = {"string": "strings", "number": "numbers", "integer": "integers"}


def results_tables() -> str:
    """What docs/results.md says of the document and of each of its parts."""
    schema = results_schema()
    parts = (_section(name, [part["description"], ""], part) for name, part in schema["$defs"].items())
    return "\n\n".join([_section("The document", [], schema), *parts]) + "\n"


def _section(title: str, above: list[str], part: dict[str, Any]) -> str:
    return "\n".join([f"## {title}", "", *above, *_table(part)])


def _table(part: dict[str, Any]) -> Iterator[str]:
    yield "| key | type | meaning |"
    yield "| --- | --- | --- |"
    for key, value in part["properties"].items():
        yield f"| `{key}` | {_type(value)} | {value['description']} |"


def _type(value: dict[str, Any]) -> str:
    """The type of a value in words, with a link to the part that it is."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "anyOf" in value:
        return " or ".join(map(_type, value["anyOf"]))
    if "const" in value:
        return str(value["const"])
    if "enum" in value:
        return r" \| ".join("null" if choice is None else f"`{choice}`" for choice in value["enum"])
    if value["type"] == "array":
        kind = _type(value["items"])
        return f"list of {_PLURALS.get(kind, kind)}"
    types = value["type"]
    return types if isinstance(types, str) else " or ".join(types)
