"""Nested data, as fit takes it: its parts, some of its samples, and its values as arrays."""

from typing import Any


def parts_of(name: str, value: Any) -> list[tuple[str, Any]]:
    """The arrays of nested data with a name for each; plain lists of numbers are one part."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [part for key, item in value.items() for part in parts_of(f"{name}[{key!r}]", item)]
    if isinstance(value, tuple | list) and value and all(_is_array(item) or isinstance(item, dict) for item in value):
        return [part for number, item in enumerate(value) for part in parts_of(f"{name}[{number}]", item)]
    return [(name, value)]


def _is_array(item: Any) -> bool:
    return hasattr(item, "shape") and len(item.shape) > 0
