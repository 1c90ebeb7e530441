"""Standard streams that survive a reader who leaves (`| head`) and letters that the terminal cannot show."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast


class TolerantStream:
    """A text stream that drops what can no longer be read instead of raising `BrokenPipeError`.

    A sweep that took minutes must not die, and must keep its exit status, because the reader of its output left.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes the text, replacing letters that the stream's encoding lacks."""
        with self._tolerating():
            try:
                self._stream.write(text)
            except UnicodeEncodeError:
                encoding = self._stream.encoding
                self._stream.write(text.encode(encoding, "replace").decode(encoding))
        return len(text)

    def flush(self) -> None:
        """Flushes the stream."""
        with self._tolerating():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextlib.contextmanager
    def _tolerating(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            self._discard_the_rest()

    def _discard_the_rest(self) -> None:
        """Points the stream's descriptor at the null device, so that nothing fails again, not even at exit."""
        with contextlib.suppress(io.UnsupportedOperation):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)


@contextlib.contextmanager
def tolerant_streams() -> Iterator[None]:
    """Replaces standard output and error by tolerant ones while the context lasts."""
    out, err = (cast("TextIO", TolerantStream(stream)) for stream in (sys.stdout, sys.stderr))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            yield
        finally:
            out.flush()
            err.flush()
