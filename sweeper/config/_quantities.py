"""Whole numbers, sizes and durations as text: `16`, `512MiB`, `1e9`, `30s`, `1.5h`.

>>> parse_bytes("512MiB"), parse_seconds("1h30m")
(536870912, 5400.0)
"""

import math
import re
from typing import Literal

from sweeper.config._words import axis_items
from sweeper.settings import AUTO, AUTO_BATCH_SIZES, RECOMMENDED_BATCH_SIZE, SCRIPT_BATCH_SIZE
from sweeper.space import SCRIPT

_NUMBER = r"[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?"
_SIZE = re.compile(rf"({_NUMBER})\s*([a-z]*)", re.IGNORECASE)
_SPAN = re.compile(rf"({_NUMBER})\s*([a-z]*)\s*", re.IGNORECASE)
_BYTES = {"": 1, "b": 1} | {
    unit: base**power
    for power, letter in enumerate("kmgt", start=1)
    for unit, base in ((f"{letter}b", 1000), (f"{letter}ib", 1024))
}
_SEARCHED = {"auto": AUTO_BATCH_SIZES, "recommended": RECOMMENDED_BATCH_SIZE}
"""Words for a batch-size axis that a memory search finds."""
_MOST_HEADROOM = 0.9
_FINEST, _COARSEST = 0.01, 2.0
"""Decades: finer, neighbouring rates differ by less than chance; coarser, a row has too few of them."""
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def parse_whole(value: object) -> int:
    """A whole number of at least 1; raises `ValueError` with a message for the person."""
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]+", value.strip()) else value
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ValueError(f"{value!r} must be a whole number of at least 1")
    return number


def parse_batch_sizes(value: object) -> tuple[int, ...]:
    """Batch sizes, ascending and without repeats; `script` is the script's own (`SCRIPT_BATCH_SIZE`, so it is first).

    `auto` and `recommended` stand alone and leave the sizes to a memory search.

    Raises `ValueError` with a message for the person.
    """
    words = [item for item in axis_items(value) if item in _SEARCHED]
    if words:
        if len(axis_items(value)) > 1:
            raise ValueError(f"batch size {words[0]!r} must stand alone: the sizes come from a memory search")
        return (_SEARCHED[str(words[0])],)
    return tuple(sorted({_batch_size(item) for item in axis_items(value)}))


def format_batch_sizes(sizes: tuple[int, ...]) -> str:
    """The text that `parse_batch_sizes` reads as `sizes`."""
    words = {SCRIPT_BATCH_SIZE: SCRIPT, **{size: word for word, size in _SEARCHED.items()}}
    return ",".join(words.get(size, str(size)) for size in sizes)


def _batch_size(item: object) -> int:
    if item == SCRIPT:
        return SCRIPT_BATCH_SIZE
    try:
        return parse_whole(item)
    except ValueError as error:
        raise ValueError(
            f"batch size {error}, or {SCRIPT} for the script's own, such as 16,64,256; "
            "or auto, up to the largest that fits"
        ) from None


def parse_warmup(value: object) -> int | Literal["auto"]:
    """Updates of a warm-up, at least 1, or `auto`; raises `ValueError` with a message for the person."""
    if _is_auto(value):
        return AUTO
    try:
        return parse_whole(value)
    except ValueError as error:
        raise ValueError(f"{error}, or auto") from None


def parse_clipnorm(value: object) -> float | Literal["auto"]:
    """A norm above 0, or `auto`; raises `ValueError` with a message for the person."""
    if _is_auto(value):
        return AUTO
    text = str(value).strip() if _is_text_or_number(value) else ""
    norm = float(text) if re.fullmatch(_NUMBER, text, re.IGNORECASE) else math.nan
    if not 0 < norm < math.inf:
        raise ValueError(f"{value!r} must be a norm above 0, such as 1.0, or auto")
    return norm


def format_clipnorm(norm: float | Literal["auto"]) -> str:
    """The text that `parse_clipnorm` reads as `norm`."""
    return norm if norm == AUTO else repr(norm)


def _is_auto(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower() == AUTO


def parse_epochs(value: object) -> float:
    """A finite number above 0; raises `ValueError` with a message for the person."""
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number <= 0:
        raise ValueError(f"{value!r} must be a number above 0, such as 2 or 0.5")
    return number


def parse_bytes(value: object) -> int:
    """A size in bytes; raises `ValueError` with a message for the person."""
    match = _SIZE.fullmatch(str(value).strip()) if _is_text_or_number(value) else None
    scale = _BYTES.get(match[2].lower()) if match else None
    number = match[1] if match else ""
    size = (int(number) if number.isdecimal() else float(number)) * scale if scale else math.nan
    if not math.isfinite(size) or size < 1:
        raise ValueError(f"{value!r} is not a size; write 512MiB, 4GiB, 500MB or a number of bytes such as 1e9")
    return int(size)


def format_bytes(size: int) -> str:
    """The text that `parse_bytes` reads as `size`, in the largest unit that holds it evenly."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        scale = _BYTES[unit.lower()]
        if size % scale == 0:
            return f"{size // scale}{unit}"
    return str(size)


def parse_sizes_of_memory(value: object) -> tuple[int, ...]:
    """Amounts of memory, ascending; raises `ValueError` with a message for the person."""
    return tuple(sorted({parse_bytes(item) for item in axis_items(value)}))


def format_sizes_of_memory(sizes: tuple[int, ...]) -> str:
    """The text that `parse_sizes_of_memory` reads as `sizes`."""
    return ",".join(format_bytes(size) for size in sizes)


def parse_headroom(value: object) -> float:
    """A part of the memory, as 0.1 or 10%; raises `ValueError` with a message for the person."""
    text = str(value).strip() if _is_text_or_number(value) else ""
    percent = text.endswith("%")
    number = text.removesuffix("%").strip()
    part = float(number) / (100 if percent else 1) if re.fullmatch(_NUMBER, number) else math.nan
    if not 0 <= part <= _MOST_HEADROOM:
        raise ValueError(f"{value!r} must be a part between 0 and {_MOST_HEADROOM}, such as 0.1 or 10%")
    return part


def parse_resolution(value: object) -> float:
    """Decades between neighbouring rates; raises `ValueError` with a message for the person."""
    text = str(value).strip() if _is_text_or_number(value) else ""
    decades = float(text) if re.fullmatch(_NUMBER, text, re.IGNORECASE) else math.nan
    if not _FINEST <= decades <= _COARSEST:
        raise ValueError(f"{value!r} must be a number of decades from {_FINEST:g} to {_COARSEST:g}, such as 0.1")
    return decades


def parse_seconds(value: object) -> float:
    """A duration in seconds; raises `ValueError` with a message for the person."""
    text = str(value).strip() if _is_text_or_number(value) else ""
    parts = [(match[1], match[2].lower()) for match in _SPAN.finditer(text)]
    whole = "".join(match[0] for match in _SPAN.finditer(text)) == text
    known = whole and all(unit in _SECONDS for _, unit in parts)
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts) if known else 0.0
    if not math.isfinite(seconds) or seconds <= 0:
        raise ValueError(f"{value!r} is not a duration; write 30s, 10m, 1.5h, 1h30m or a number of seconds")
    return seconds


def format_seconds(seconds: float) -> str:
    """The text that `parse_seconds` reads as `seconds`, in the largest unit that holds it evenly."""
    for unit in ("h", "m"):
        scale = _SECONDS[unit]
        if seconds % scale == 0:
            return f"{seconds / scale:.0f}{unit}"
    short = f"{seconds:g}"
    return f"{short if float(short) == seconds else seconds}s"


def _is_text_or_number(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
