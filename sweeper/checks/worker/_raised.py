"""An exception of a script in plain facts."""

import linecache
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

from sweeper.capture import CallSite, headline, own_place, own_traceback, plain_message
from sweeper.checks.diagnose import Raised, Shape, Stage

_METHODS = ("fit", "predict", "evaluate", "predict_on_batch", "test_on_batch", "train_on_batch")
_MOST_MESSAGE = 20_000


def raised_facts(error: BaseException, *, stage: Stage, at: CallSite | None = None) -> Raised:
    """The facts of an exception; `at` is the user's call that led to it, for a traceback that does not show it."""
    place = own_place(error) or (at.place if at is not None else "")
    method, given, wanted = _through(error)
    return Raised(
        kinds=tuple(kind.__name__ for kind in type(error).__mro__ if kind not in {object, BaseException, Exception}),
        message=plain_message(error)[:_MOST_MESSAGE],
        stage=stage,
        traceback=own_traceback(error, at=at, message=headline(error)),
        location=place,
        source=_source(error, place),
        method=method,
        given=given,
        wanted=wanted,
    )


def _source(error: BaseException, place: str) -> str:
    if isinstance(error, SyntaxError):
        return (error.text or "").strip()
    file, _, line = place.rpartition(":")
    # The cells of a notebook are known by their whole path only.
    return linecache.getline(str(Path(file).absolute()), int(line)).strip() if line.isdecimal() else ""


def _through(error: BaseException) -> tuple[str, tuple[int, ...] | None, Shape | None]:
    """The method of a model that raised an exception, the shape of its inputs, and the shape that the model takes."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        model = frame.f_locals.get("self")
        name = frame.f_code.co_name
        if name in _METHODS and "keras" in frame.f_code.co_filename and hasattr(model, "inputs"):
            return name, _shape_given(frame), _shape_expected(model)
    return "", None, None


def _shape_given(frame: FrameType) -> tuple[int, ...] | None:
    shape = getattr(frame.f_locals.get("x"), "shape", None)
    try:
        return tuple(int(size) for size in shape) if shape is not None else None
    except (TypeError, ValueError):
        return None


def _shape_expected(model: Any) -> Shape | None:
    inputs = getattr(model, "inputs", None)
    if not inputs or len(inputs) != 1:
        return None
    return tuple(None if size is None else int(size) for size in inputs[0].shape)
