"""Settings that are whole numbers, parts, sizes and durations: `16`, `10%`, `512MiB`, `1e9`, `30s`, `1.5h`.

>>> BYTES.parse("512MiB"), SECONDS.parse("1h30m")
(536870912, 5400.0)
"""

import math
import re
from typing import Literal

from sweeper.settings._choices import AUTO, SCRIPT_BATCH_SIZE, BatchSearch, BatchSize
from sweeper.settings._setting import Form
from sweeper.settings._words import list_items

_NUMBER = r"[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?"
_SIZE = re.compile(rf"({_NUMBER})\s*([a-z]*)", re.IGNORECASE)
_SPAN = re.compile(rf"({_NUMBER})\s*([a-z]*)\s*", re.IGNORECASE)
_BYTES = {"": 1, "b": 1} | {
    unit: base**power
    for power, letter in enumerate("kmgt", start=1)
    for unit, base in ((f"{letter}b", 1000), (f"{letter}ib", 1024))
}
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_MOST_HEADROOM = 0.9
_FINEST, _COARSEST = 0.01, 2.0
"""Decades: finer, neighbouring rates differ by less than chance; coarser, a row has too few of them."""


def _text_of(value: object) -> str:
    """A text or number as text; empty for anything else, true and false included."""
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _number(value: object) -> float:
    """The number in a value; NaN where there is none."""
    try:
        return float(_text_of(value))
    except ValueError:
        return math.nan


def _is_auto(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower() == AUTO


def _parse_whole(value: object) -> int:
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]+", value.strip()) else value
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ValueError(f"{value!r} must be a whole number of at least 1")
    return number


def _parse_batch_sizes(value: object) -> tuple[BatchSize, ...] | BatchSearch:
    items = list_items(value)
    searches = [item for item in items if item in list(BatchSearch)]
    if not searches:
        return tuple(sorted({_parse_batch_size(item) for item in items}, key=_script_first))
    if len(items) > 1:
        raise ValueError(f"batch size {searches[0]!r} must stand alone: the sizes come from a memory search")
    return BatchSearch(str(searches[0]))


def _parse_batch_size(item: object) -> BatchSize:
    if item == SCRIPT_BATCH_SIZE:
        return SCRIPT_BATCH_SIZE
    try:
        return _parse_whole(item)
    except ValueError as error:
        raise ValueError(
            f"batch size {error}, or {SCRIPT_BATCH_SIZE} for the script's own, such as 16,64,256; "
            "or auto, up to the largest that fits"
        ) from None


def _script_first(size: BatchSize) -> int:
    return size if isinstance(size, int) else 0


def _show_batch_sizes(sizes: tuple[BatchSize, ...] | BatchSearch) -> str:
    return str(sizes) if isinstance(sizes, BatchSearch) else ",".join(map(str, sizes))


def _parse_warmup(value: object) -> int | Literal["auto"]:
    if _is_auto(value):
        return AUTO
    try:
        return _parse_whole(value)
    except ValueError as error:
        raise ValueError(f"{error}, or auto") from None


def _parse_clipnorm(value: object) -> float | Literal["auto"]:
    if _is_auto(value):
        return AUTO
    norm = _number(value)
    if not 0 < norm < math.inf:
        raise ValueError(f"{value!r} must be a norm above 0, such as 1.0, or auto")
    return norm


def _parse_epochs(value: object) -> float:
    number = _number(value)
    if not 0 < number < math.inf:
        raise ValueError(f"{value!r} must be a number above 0, such as 2 or 0.5")
    return number


def _parse_part(value: object) -> float:
    text = _text_of(value)
    part = _number(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    if not 0 <= part <= _MOST_HEADROOM:
        raise ValueError(f"{value!r} must be a part between 0 and {_MOST_HEADROOM}, such as 0.1 or 10%")
    return part


def _parse_decades(value: object) -> float:
    decades = _number(value)
    if not _FINEST <= decades <= _COARSEST:
        raise ValueError(f"{value!r} must be a number of decades from {_FINEST:g} to {_COARSEST:g}, such as 0.1")
    return decades


def _parse_bytes(value: object) -> int:
    match = _SIZE.fullmatch(_text_of(value))
    scale = _BYTES.get(match[2].lower()) if match else None
    number = match[1] if match else ""
    size = (int(number) if number.isdecimal() else float(number)) * scale if scale else math.nan
    if not math.isfinite(size) or size < 1:
        raise ValueError(f"{value!r} is not a size; write 512MiB, 4GiB, 500MB or a number of bytes such as 1e9")
    return int(size)


def _show_bytes(size: int) -> str:
    """The size in the largest unit that holds it evenly."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        scale = _BYTES[unit.lower()]
        if size % scale == 0:
            return f"{size // scale}{unit}"
    return str(size)


def _parse_amounts(value: object) -> tuple[int, ...]:
    return tuple(sorted({_parse_bytes(item) for item in list_items(value)}))


def _show_amounts(sizes: tuple[int, ...]) -> str:
    return ",".join(map(_show_bytes, sizes))


def _parse_seconds(value: object) -> float:
    text = _text_of(value)
    parts = [(match[1], match[2].lower()) for match in _SPAN.finditer(text)]
    whole = "".join(match[0] for match in _SPAN.finditer(text)) == text
    known = whole and all(unit in _SECONDS for _, unit in parts)
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts) if known else 0.0
    if not math.isfinite(seconds) or seconds <= 0:
        raise ValueError(f"{value!r} is not a duration; write 30s, 10m, 1.5h, 1h30m or a number of seconds")
    return seconds


def _show_seconds(seconds: float) -> str:
    """The duration in the largest unit that holds it evenly."""
    for unit in ("h", "m"):
        scale = _SECONDS[unit]
        if seconds % scale == 0:
            return f"{seconds / scale:.0f}{unit}"
    short = f"{seconds:g}"
    return f"{short if float(short) == seconds else seconds}s"


WHOLE = Form(metavar="N", parse=_parse_whole)
"""A whole number of at least 1."""
BATCH_SIZES = Form(metavar="SIZES", parse=_parse_batch_sizes, show=_show_batch_sizes, repeatable=True)
"""Batch sizes, ascending and without repeats, the script's own first; or a word for sizes from a memory search."""
WARMUP = Form(metavar="auto|STEPS", parse=_parse_warmup)
"""Updates of a warm-up, at least 1, or `auto`."""
CLIPNORM = Form(metavar="auto|NORM", parse=_parse_clipnorm)
"""A norm above 0, or `auto`."""
EPOCHS = Form(metavar="X", parse=_parse_epochs, show="{:g}".format)
"""A finite number above 0."""
PART = Form(metavar="PART", parse=_parse_part, show="{:g}".format)
"""A part of the memory, as 0.1 or 10%."""
DECADES = Form(metavar="DECADES", parse=_parse_decades, show="{:g}".format)
"""Decades between neighbouring rates."""
BYTES = Form(metavar="SIZE", parse=_parse_bytes, show=_show_bytes)
"""An amount of memory in bytes."""
AMOUNTS = Form(metavar="SIZES", parse=_parse_amounts, show=_show_amounts, repeatable=True)
"""Amounts of memory, ascending."""
SECONDS = Form(metavar="TIME", parse=_parse_seconds, show=_show_seconds)
"""A duration in seconds."""
