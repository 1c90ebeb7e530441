"""Runs code of the script, such as its callbacks, so that it changes no files and does not end the process.

Files that it writes go to a scratch folder, and are read again from there. Calls of `os` that would delete or change
files elsewhere do nothing. What native code would write (TensorBoard events, checkpoints, exported models) is not
written at all. What other programs do that the script starts is not held back.
"""

import contextlib
import importlib
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from sweeper.capture._overlay import Overlay
from sweeper.capture._replaced import replaced

_CHANGES = ("remove", "unlink", "rmdir", "truncate", "chmod", "chown", "utime", "rename", "replace")
"""Functions of `os` that change what their paths name; they fail where the first of these does not exist."""
_ADDS = {"mkdir": 0, "symlink": 1, "link": 1}
"""Functions of `os` that add something, with the position of its path."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class ProcessEnded(BaseException):
    """The script's code called `os._exit` or `os.abort`; no `except Exception` of the script catches this."""


@contextlib.contextmanager
def no_side_effects() -> Iterator[None]:
    """Lets code of the script run in the block without changing the user's files or ending the process."""
    scratch_folder = tempfile.TemporaryDirectory(prefix="sweeper-", ignore_cleanup_errors=True)
    with warnings.catch_warnings(), scratch_folder as scratch:
        warnings.simplefilter("ignore")  # the script's own fit will give them again
        folder = Path(scratch).resolve()
        overlay = Overlay(folder)
        originals = {name: getattr(os, name) for name in (*_CHANGES, *_ADDS, "open", "_exit", "abort")}
        with replaced(_replacements(folder, overlay)):
            overlay.install()
            try:
                with replaced(_imported_by_name({original: getattr(os, name) for name, original in originals.items()})):
                    yield
            finally:
                overlay.remove()


def _replacements(scratch: Path, overlay: Overlay) -> Iterator[tuple[Any, str, Any]]:
    """Replacements for functions that change files or end the process: owner, name and replacement."""
    for name in _CHANGES:
        yield os, name, partial(_change, scratch, getattr(os, name))
    for name, at in _ADDS.items():
        yield os, name, partial(_add, scratch, getattr(os, name), at)
    yield os, "open", partial(_open, overlay, os.open)
    yield os, "_exit", _ended
    yield os, "abort", _ended
    yield from _native_writers()
    # Temporary files and folders of libraries.
    yield tempfile, "tempdir", str(scratch)


def _imported_by_name(functions: Mapping[Callable[..., Any], Callable[..., Any]]) -> Iterator[tuple[Any, str, Any]]:
    """Replacements in modules that hold a function of `os` themselves, as after `from os import remove`."""
    replacements = {id(original): function for original, function in functions.items()}
    for module in [one for name, one in sys.modules.items() if name not in ("os", "posix", "nt")]:
        if isinstance(module, ModuleType):
            for name, value in list(vars(module).items()):
                if id(value) in replacements:
                    yield module, name, replacements[id(value)]


def _change(scratch: Path, original: Callable[..., Any], *paths: Any, **options: Any) -> Any:
    """Calls `original`, a function of `os`, if all its paths lie in the scratch folder or its first does not exist."""
    first, *more = paths or (options.get("path", options.get("src")),)
    more = [path for path in (*more, options.get("dst")) if isinstance(path, str | bytes | os.PathLike)]
    real = _real_path(first, options.get("dir_fd", options.get("src_dir_fd")))
    others = [_real_path(path, options.get("dst_dir_fd")) for path in more]
    if real is not None and not os.path.lexists(real):
        return original(*paths, **options)
    within = all(path is not None and path.is_relative_to(scratch) for path in (real, *others))
    return original(*paths, **options) if within else None


def _add(scratch: Path, original: Callable[..., Any], at: int, *paths: Any, **options: Any) -> Any:
    """Calls `original`, a function of `os`, if what it adds lies in the scratch folder; else does nothing."""
    path = paths[at] if len(paths) > at else options.get("dst", options.get("path"))
    real = _real_path(path, options.get("dir_fd", options.get("dst_dir_fd")))
    return original(*paths, **options) if real is not None and real.is_relative_to(scratch) else None


def _open(overlay: Overlay, original: Callable[..., int], path: Any, flags: int, *args: Any, **options: Any) -> int:
    """Opens a file as `os.open` does; one to be written, or that was written, is opened in the scratch folder."""
    real = _real_path(path, options.get("dir_fd"))
    if real is None or real.is_dir():
        return original(path, flags, *args, **options)
    options.pop("dir_fd", None)
    return original(overlay.place(real, "a" if flags & _WRITES else "r"), flags, *args, **options)


def _real_path(path: Any, folder: int | None) -> Path | None:
    """The path with all links followed, where it is relative to an open folder or not; None where that is not known."""
    if not isinstance(path, str | bytes | os.PathLike):
        return None
    try:
        within = Path() if folder is None else Path(f"/proc/self/fd/{folder}").readlink()
    except OSError:
        return None
    return (within / os.fsdecode(path)).resolve()


def _ended(status: int = 0) -> NoReturn:
    """Raises `ProcessEnded` in place of ending the process."""
    raise ProcessEnded(f"exit status {status}")


def stop_native_writers() -> None:
    """Makes native code write nothing any more: checkpoints, exported models, summaries for TensorBoard.

    A summary that was traced into a function before still goes to the writer that was open then.
    """
    for owner, name, instead in _native_writers():
        setattr(owner, name, instead)
    if "tensorflow" in sys.modules:
        summaries: Any = importlib.import_module("tensorflow.python.ops.summary_ops_v2")
        summaries.should_record_summaries = lambda: False


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
