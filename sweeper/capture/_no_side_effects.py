"""Runs the script's own callbacks without lasting effects: no file, no event, no end of the process.

What they write goes to a scratch folder, from where they read it again; what they delete stays; what native code would
write (events, checkpoints, exports) is not written at all.
"""

import contextlib
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from sweeper.capture._overlay import Overlay
from sweeper.capture._replaced import replaced

_ON_PATHS = ("remove", "unlink", "rmdir", "mkdir", "rename", "replace", "truncate", "symlink", "link")
"""Functions of `os` that change the file system without opening a file."""


class ProcessEnded(BaseException):
    """A callback ended the process; `BaseException` as nothing that a script catches shall hold it up."""


@contextlib.contextmanager
def no_side_effects() -> Iterator[None]:
    """Keeps what the script's code writes, deletes or ends within the block away from the person's files."""
    scratch_folder = tempfile.TemporaryDirectory(prefix="sweeper-", ignore_cleanup_errors=True)
    with warnings.catch_warnings(), scratch_folder as scratch:
        warnings.simplefilter("ignore")  # what Keras warns of, the script's own fit will warn of
        with replaced(_replacements(scratch)):
            overlay = Overlay(Path(scratch))
            overlay.install()
            try:
                yield
            finally:
                overlay.remove()


def _replacements(scratch: str) -> Iterator[tuple[Any, str, Any]]:
    """The functions that change or end something outside the scratch folder: owner, name and replacement."""
    for name in _ON_PATHS:
        yield os, name, partial(_only_inside, os.path.realpath(scratch), getattr(os, name))
    yield os, "_exit", _ended
    yield os, "abort", _ended
    yield from _native_writers()
    # Folders of their own that libraries make for a while.
    yield tempfile, "tempdir", scratch


def _only_inside(scratch: str, original: Callable[..., Any], path: Any, *args: Any, **kwargs: Any) -> Any:
    """Wraps a function so that it acts on paths of the scratch folder only."""
    inside = isinstance(path, str | os.PathLike) and os.path.realpath(os.fsdecode(path)).startswith(scratch)
    # A folder that is being removed bit by bit names its files by themselves.
    return original(path, *args, **kwargs) if inside or kwargs.get("dir_fd") is not None else None


def _ended(status: int = 0) -> NoReturn:
    raise ProcessEnded(f"exit status {status}")


def _native_writers() -> Iterator[tuple[Any, str, Any]]:
    """The functions that write without Python's `open`: owner, name and replacement."""
    import keras

    yield keras.Model, "export", lambda *_, **__: None
    if "tensorflow" not in sys.modules:
        return
    import tensorflow as tf

    yield tf.summary, "create_file_writer", lambda *_, **__: tf.summary.create_noop_writer()
    yield tf.saved_model, "save", lambda *_, **__: None
    for owner, name in ((tf.train.Checkpoint, "save"), (tf.train.Checkpoint, "write")):
        yield owner, name, lambda _, path, *__, **___: str(path)
    yield tf.train.CheckpointManager, "save", lambda *_, **__: None
