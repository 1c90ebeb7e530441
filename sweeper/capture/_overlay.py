"""Keeping what a script writes after a shortened fit away from the user's files.

To reach a later fit call, the earlier ones are cut short; what the script saves in between (a checkpoint, a
history, a picture) is worth nothing and must not replace the real thing. From the first shortened fit on, files
that are opened for writing go to a scratch folder, and files that are there are read from there, so that a
script that saves and loads again goes on. Covered are Python's `open` and h5py, with which Keras, numpy, pandas
and matplotlib write, and the renaming and removing of what they wrote; files that other native code opens by itself
are not.
"""

import builtins
import contextlib
import fcntl
import importlib
import importlib.util
import io
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

_WRITING = set("wax+")
_MOST_COPIED = 1 << 26
"""Bytes of a file that is open for writing up to which its copy has what was in it."""


class Overlay:
    """A scratch folder laid over the file system."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch.resolve()
        self._undo: list[Callable[[], None]] = []

    def place(self, path: Any, mode: str) -> Any:
        """Where a file is really opened."""
        if not isinstance(path, str | os.PathLike):
            return path
        real = os.path.abspath(os.fsdecode(path))  # noqa: PTH100  a link is kept as it is
        if real.startswith(("/dev/", "/proc/")) or self._holds(real):
            return path
        inside = self._scratch / real.lstrip(os.sep)
        if not _WRITING & set(mode):
            return str(inside) if inside.exists() else path
        inside.parent.mkdir(parents=True, exist_ok=True)
        if not inside.exists() and Path(real).is_file() and not {"w", "x"} & set(mode):
            inside.write_bytes(Path(real).read_bytes())
        return str(inside)

    def install(self) -> None:
        """Lays the folder over the file system; does nothing the second time."""
        if self._undo:
            return
        original_open = builtins.open

        def open_over(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            return original_open(self.place(file, mode), mode, *args, **kwargs)

        self._replace(builtins, "open", open_over)
        self._replace(io, "open", open_over)
        self._patch_numpy(open_over)
        for name in ("exists", "isfile"):
            self._patch_check(name)
        self._patch_stat()
        for name in ("rename", "replace"):
            self._patch_move(name)
        for name in ("remove", "unlink"):
            self._patch_removal(name)
        if "h5py" in sys.modules or importlib.util.find_spec("h5py"):
            self._patch_h5py()

    def _patch_check(self, name: str) -> None:
        original = getattr(os.path, name)

        def check(path: Any) -> bool:
            return bool(original(path) or original(self.place(path, "r")))

        self._replace(os.path, name, check)

    def _patch_stat(self) -> None:
        """`Path.exists` and the like ask `os.stat`."""
        original = os.stat

        def stat_over(path: Any, *args: Any, **options: Any) -> os.stat_result:
            return original(path if options.get("dir_fd") is not None else self.place(path, "r"), *args, **options)

        self._replace(os, "stat", stat_over)

    def _patch_move(self, name: str) -> None:
        """Has files renamed within the scratch folder only; a file of the user's own is copied there and stays."""
        original = getattr(os, name)

        def move(src: Any, dst: Any, **options: Any) -> None:
            source = self.place(src, "r")
            if options or not Path(os.fsdecode(source)).is_file():
                original(src, dst, **options)
            elif self._holds(source):
                original(source, self.place(dst, "w"))
            else:
                shutil.copyfile(source, self.place(dst, "w"))

        self._replace(os, name, move)

    def _patch_removal(self, name: str) -> None:
        original = getattr(os, name)

        def remove(path: Any, **options: Any) -> None:
            original(path if options else self.place(path, "r"), **options)

        self._replace(os, name, remove)

    def _holds(self, path: Any) -> bool:
        """Whether a path lies in the scratch folder."""
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        return Path(os.path.abspath(os.fsdecode(path))).is_relative_to(self._scratch)  # noqa: PTH100  a link is kept as it is

    def _patch_numpy(self, open_over: Any) -> None:
        """`numpy.savetxt` and `loadtxt` keep the `open` of the time when NumPy was imported."""
        openers: dict[str | None, Any] = importlib.import_module("numpy.lib._datasource")._file_openers._file_openers  # noqa: SLF001
        self._undo.append(partial(openers.update, {None: openers[None]}))
        openers[None] = open_over

    def _patch_h5py(self) -> None:
        h5py: Any = importlib.import_module("h5py")
        overlay, original = self, h5py.File

        class File(original):  # type: ignore[misc,valid-type]  # h5py has no types
            def __init__(self, name: Any, mode: str = "r", *args: Any, **kwargs: Any) -> None:
                super().__init__(overlay.place(name, mode), mode, *args, **kwargs)

        self._replace(h5py, "File", File)

    def _replace(self, owner: Any, name: str, replacement: Any) -> None:
        self._undo.append(partial(setattr, owner, name, getattr(owner, name)))
        setattr(owner, name, replacement)

    def redirect_open_files(self) -> None:
        """Has what is open for writing written to copies in the folder from now on; the process goes on as it is.

        Also what native code has opened; not the standard streams.
        """
        streams = [(found.st_dev, found.st_ino) for found in map(os.fstat, (1, 2))]
        for descriptor in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
            # Some are closed by now: that of the list itself, for one.
            with contextlib.suppress(OSError):
                found = os.fstat(descriptor)
                flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
                written = stat.S_ISREG(found.st_mode) and flags & os.O_ACCMODE != os.O_RDONLY
                if written and (found.st_dev, found.st_ino) not in streams:
                    self._redirect(descriptor, flags, found.st_size)

    def _redirect(self, descriptor: int, flags: int, size: int) -> None:
        real = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115  a deleted file has no path
        if self._holds(real) or not Path(real).is_file():
            return
        inside = self._scratch / real.lstrip(os.sep)
        inside.parent.mkdir(parents=True, exist_ok=True)
        if size <= _MOST_COPIED:
            shutil.copyfile(real, inside)
        else:
            inside.touch()
        copy = os.open(inside, flags & ~(os.O_CREAT | os.O_TRUNC | os.O_EXCL))
        os.lseek(copy, os.lseek(descriptor, 0, os.SEEK_CUR), os.SEEK_SET)
        os.dup2(copy, descriptor, inheritable=False)
        os.close(copy)

    @contextlib.contextmanager
    def removed(self) -> Iterator[None]:
        """Takes the folder away in the block, for what sweeper writes in between."""
        self.remove()
        try:
            yield
        finally:
            self.install()

    def remove(self) -> None:
        """Takes the folder away again: the script goes no further, and what sweeper writes is meant to stay."""
        while self._undo:
            self._undo.pop()()
