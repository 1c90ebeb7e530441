"""Runs code of the script, such as its callbacks, so that it changes no files and does not end the process.

Files that it writes go to a scratch folder, and are read again from there. Calls of `os` that would delete or move
files elsewhere do nothing. What native code would write (TensorBoard events, checkpoints, exported models) is not
written at all.
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

_PATH_FUNCTIONS = ("remove", "unlink", "rmdir", "mkdir", "rename", "replace", "truncate", "symlink", "link")
"""Functions of `os` that change the file system without opening a file."""


class ProcessEnded(BaseException):
    """The script's code called `os._exit` or `os.abort`; no `except Exception` of the script catches this."""


@contextlib.contextmanager
def no_side_effects() -> Iterator[None]:
    """Lets code of the script run in the block without changing the user's files or ending the process."""
    scratch_folder = tempfile.TemporaryDirectory(prefix="sweeper-", ignore_cleanup_errors=True)
    with warnings.catch_warnings(), scratch_folder as scratch:
        warnings.simplefilter("ignore")  # the script's own fit will give them again
        with replaced(_replacements(scratch)):
            overlay = Overlay(Path(scratch))
            overlay.install()
            try:
                yield
            finally:
                overlay.remove()


def _replacements(scratch: str) -> Iterator[tuple[Any, str, Any]]:
    """Replacements for functions that change files or end the process: owner, name and replacement."""
    for name in _PATH_FUNCTIONS:
        yield os, name, partial(_only_inside, os.path.realpath(scratch), getattr(os, name))
    yield os, "_exit", _ended
    yield os, "abort", _ended
    yield from _native_writers()
    # Temporary files and folders of libraries.
    yield tempfile, "tempdir", scratch


def _only_inside(scratch: str, original: Callable[..., Any], path: Any, *args: Any, **kwargs: Any) -> Any:
    """Calls `original`, a function of `os`, if its first path lies in the scratch folder; else does nothing."""
    is_inside = isinstance(path, str | os.PathLike) and os.path.realpath(os.fsdecode(path)).startswith(scratch)
    # With `dir_fd`, as `shutil.rmtree` uses it, the path is relative to an open folder: let through, wherever that is.
    return original(path, *args, **kwargs) if is_inside or kwargs.get("dir_fd") is not None else None


def _ended(status: int = 0) -> NoReturn:
    """Raises `ProcessEnded` in place of ending the process."""
    raise ProcessEnded(f"exit status {status}")


def _native_writers() -> Iterator[tuple[Any, str, Any]]:
    """Replacements for functions that write files other than by Python's `open`: owner, name and replacement."""
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
