"""Attributes of classes and modules that are other ones for a while."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any


@contextlib.contextmanager
def replaced(replacements: Iterable[tuple[Any, str, Any]]) -> Iterator[None]:
    """Replaces attributes within the block: each entry is an owner, the name of its attribute and the replacement.

    A class that had inherited the attribute inherits it again afterwards.
    """
    with contextlib.ExitStack() as undo:
        for owner, name, instead in replacements:
            if isinstance(owner, type) and name not in vars(owner):
                undo.callback(delattr, owner, name)
            else:
                undo.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, instead)
        yield
