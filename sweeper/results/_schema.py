"""The JSON schema of the results, made from their models."""

import re
from typing import Any

from sweeper.results._results import Results

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/"


def results_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) that every results document of this version satisfies."""
    made = Results.model_json_schema(mode="serialization")
    models = made.pop("$defs")
    document = _object(made, models)
    parts: dict[str, Any] = {}
    _collect(document, models, parts)
    return {"$schema": _DIALECT, "title": "sweeper results", **document, "$defs": parts}


def _collect(described: dict[str, Any], models: dict[str, Any], parts: dict[str, Any]) -> None:
    """Adds the parts that an object uses, each where it is used first."""
    by_name = {_snake(name): model for name, model in models.items()}
    for name in re.findall(rf"{re.escape(_REF)}(\w+)", str(described)):
        if name not in parts:
            parts[name] = _object(by_name[name], models)
            _collect(parts[name], models, parts)


def _object(model: dict[str, Any], models: dict[str, Any]) -> dict[str, Any]:
    """One object with its keys."""
    return {
        "type": "object",
        "description": _line(model["description"]),
        "properties": {key: _key(value, models) for key, value in model["properties"].items()},
        "required": model["required"],
        "additionalProperties": False,
    }


def _key(node: dict[str, Any], models: dict[str, Any]) -> dict[str, Any]:
    """The value of one key, with its description: that of its type where the field has the same one."""
    of_type = models[node["$ref"].removeprefix(_REF)] if "$ref" in node else {}
    return _plain(node, models) | {"description": _line(node.get("description") or of_type["description"])}


def _plain(node: dict[str, Any], models: dict[str, Any]) -> dict[str, Any]:
    """The type of a value: choices stand where they are used, and null stands beside a simple type."""
    if "$ref" in node:
        name = node["$ref"].removeprefix(_REF)
        model = models[name]
        return {key: model[key] for key in ("type", "enum")} if "enum" in model else {"$ref": _REF + _snake(name)}
    if "anyOf" in node:
        return _either([_plain(option, models) for option in node["anyOf"]])
    kind = {key: value for key, value in node.items() if key not in {"title", "description"}}
    inner = (key for key in ("items", "additionalProperties") if isinstance(kind.get(key), dict))
    return kind | {key: _plain(kind[key], models) for key in inner}


def _either(options: list[dict[str, Any]]) -> dict[str, Any]:
    """One of several types: as a list of types where each is a simple one."""
    choices = next((option["enum"] for option in options if "enum" in option), None)
    if choices is not None:
        return {"enum": [*choices, None]}
    if any("type" not in option or "items" in option for option in options):
        return {"anyOf": options}
    limits = {key: value for option in options for key, value in option.items()}
    return limits | {"type": [option["type"] for option in options]}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _line(text: str) -> str:
    return " ".join(text.split())
