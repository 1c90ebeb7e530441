"""A job's samples: taken once, kept, and given out in an order that a seed fixes."""

import json
import sys
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from sweeper.capture.data._columns import AbstractColumn, Indices, load_column
from sweeper.capture.data._sparse import load_sparse

Structure: TypeAlias = Any
"""Nested lists that say how leaves make up an element: see `flatten`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Samples of training or validation data.

    Where a pipeline's elements cannot be split into samples, a "sample" is one whole element.
    """

    structure: Structure
    columns: tuple[AbstractColumn, ...]
    whole_elements: bool = False
    """Whether a sample is one whole element (a ready batch) of the script's pipeline."""

    def __len__(self) -> int:
        return len(self.columns[0])

    @property
    def nbytes(self) -> int:
        """Bytes that all columns take."""
        return sum(column.nbytes for column in self.columns)

    def batch(self, indices: Indices) -> Any:
        """The samples at `indices` in the structure that fit gets."""
        leaves = [column.take(indices) for column in self.columns]
        if self.whole_elements:
            leaves = [leaf[0] for leaf in leaves]
        return unflatten(self.structure, leaves)

    def look(self, most: int) -> Any:
        """At most `most` samples as plain arrays; raises `ValueError` where elements are whole and no batches.

        Of whole elements it is the first one.
        """
        first = np.arange(1 if self.whole_elements else min(len(self), most), dtype=np.int64)
        leaves = [column.look(first) for column in self.columns]
        if self.whole_elements:
            leaves = [leaf[0] for leaf in leaves]
            if len({np.shape(leaf)[:1] for leaf in leaves}) != 1 or not np.ndim(leaves[0]):
                raise ValueError("an element of the pipeline cannot be split into samples")
        return unflatten(self.structure, leaves)

    def subset(self, indices: Indices) -> "Samples":
        """The samples at `indices` only."""
        return Samples(
            structure=self.structure,
            columns=tuple(column.subset(indices) for column in self.columns),
            whole_elements=self.whole_elements,
        )

    def save(self, folder: Path) -> None:
        """Writes the samples into a new folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, column in enumerate(self.columns):
            column.save(folder / f"column{number}")
        facts = {"structure": self.structure, "columns": len(self.columns), "whole_elements": self.whole_elements}
        (folder / "samples.json").write_text(json.dumps(facts))


def load_samples(folder: Path) -> Samples:
    """The samples that `Samples.save` wrote."""
    facts = json.loads((folder / "samples.json").read_text())
    return Samples(
        structure=facts["structure"],
        columns=tuple(_load(folder / f"column{number}") for number in range(facts["columns"])),
        whole_elements=facts["whole_elements"],
    )


def _load(stem: Path) -> AbstractColumn:
    sparse = load_sparse(stem)
    return load_column(stem) if sparse is None else sparse


def flatten(element: Any) -> tuple[Structure, list[Any]]:
    """The structure of a nested element and its leaves.

    Tuples, lists and dicts are nested; everything else is a leaf. The structure can be written as JSON:
    `["tuple", ...]`, `["list", ...]`, `["dict", [key, ...], ...]`, `["named", module, name, [field, ...], ...]` for a
    named tuple, `None`, or the number of a leaf.

    >>> flatten(({"a": 10, "b": 20}, None))
    (['tuple', ['dict', ['a', 'b'], 0, 1], None], [10, 20])
    """
    leaves: list[Any] = []

    def walk(part: Any) -> Structure:
        if part is None:
            return None
        if isinstance(part, dict):
            return ["dict", list(part), *[walk(item) for item in part.values()]]
        if isinstance(part, tuple) and hasattr(part, "_fields"):
            kind = type(part)
            return ["named", kind.__module__, kind.__qualname__, list(part._fields), *[walk(item) for item in part]]
        if isinstance(part, tuple | list):
            return ["tuple" if isinstance(part, tuple) else "list", *[walk(item) for item in part]]
        leaves.append(part)
        return len(leaves) - 1

    return walk(element), leaves


def unflatten(structure: Structure, leaves: list[Any]) -> Any:
    """The element that `flatten` took apart, with other leaves."""
    if structure is None:
        return None
    if isinstance(structure, int):
        return leaves[structure]
    kind, *parts = structure
    if kind == "dict":
        keys, *values = parts
        return {key: unflatten(value, leaves) for key, value in zip(keys, values, strict=True)}
    if kind == "named":
        module, name, fields, *values = parts
        return _named(module, name, tuple(fields))._make(unflatten(value, leaves) for value in values)
    items = (unflatten(part, leaves) for part in parts)
    make: Callable[[Any], Any] = tuple if kind == "tuple" else list
    return make(items)


@cache
def _named(module: str, name: str, fields: tuple[str, ...]) -> Any:
    """The class of named tuples with that name, or a new one like it where it cannot be found.

    Cached, since to TensorFlow's pipelines and to `keras.tree` two classes are two structures.
    """
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if isinstance(found, type) and issubclass(found, tuple) and getattr(found, "_fields", None) == fields:
        return found
    return namedtuple(name.rpartition(".")[2], fields, rename=True)  # noqa: PYI024  its fields are known at run time only
