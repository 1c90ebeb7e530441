"""TensorBoard event files, read without TensorFlow: scalar summaries named after a loss.

A file is a chain of records: length (8 bytes, little-endian), a checksum of it (4), the data, a checksum of that (4).
The data is a protocol buffer, `Event` in TensorFlow's event.proto; of it step, tags and scalar values are read. A file
that is still being written may end in the middle of a record: what is whole counts.
"""

import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from sweeper.readers._base import ReadCurve, UnreadableCurves, curve_of

_HEAD, _CHECKSUM = 12, 4
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_EVENT_STEP, _EVENT_SUMMARY, _SUMMARY_VALUE = 2, 5, 1
_TAG, _SIMPLE_VALUE, _TENSOR = 1, 2, 8
_TENSOR_DTYPE, _TENSOR_CONTENT, _TENSOR_FLOAT, _TENSOR_DOUBLE = 1, 4, 5, 6
_NUMBERS = {1: "<f", 2: "<d"}
"""Formats of the tensor types that losses have: float32 and float64."""
_SIDES = {"train": "train", "training": "train", "validation": "val", "valid": "val", "val": "val"}
"""Folders of one run that hold a side of it, as Keras's TensorBoard callback makes them."""
_BEST_FIRST = ("batch_loss", "train_loss_step", "train_loss", "loss", "epoch_loss", "train_loss_epoch")

Field: TypeAlias = tuple[int, int, int | bytes]
Scalars: TypeAlias = dict[str, dict[int, float]]
"""Value by step, by tag."""


def has_events(folder: Path) -> bool:
    """Whether there is a TensorBoard event file anywhere in a folder."""
    return next(folder.rglob("*tfevents*"), None) is not None


def read_events(path: Path, columns: Sequence[str] = ()) -> tuple[ReadCurve, ...]:
    """The curves of a folder or file of TensorBoard events: for each run its loss, and the validation loss if any.

    `columns` are tags that were asked for, each as TRAIN or TRAIN,VAL.
    """
    files = sorted(path.rglob("*tfevents*")) if path.is_dir() else [path]
    runs: dict[Path, dict[str, Scalars]] = defaultdict(lambda: {"train": {}, "val": {}, "": {}})
    for file in files:
        side = _SIDES.get(file.parent.name.lower(), "")
        scalars = runs[file.parent.parent if side else file.parent][side]
        for tag, step, value in _scalars(file.read_bytes()):
            scalars.setdefault(tag, {})[step] = value
    curves = [_curve(run, sides, asked) for asked in columns or ("",) for run, sides in sorted(runs.items())]
    found = tuple(curve for curve in curves if curve is not None)
    if not found:
        tags = sorted({tag for sides in runs.values() for scalars in sides.values() for tag in scalars})
        what = (
            f"no scalar in it is named {' or '.join(columns)}" if columns else "no scalar in it is named after a loss"
        )
        raise UnreadableCurves(f"{path}: {what} (scalars: {', '.join(tags) or 'none'})")
    return found


def _curve(run: Path, sides: dict[str, Scalars], asked: str) -> ReadCurve | None:
    both = sides["train"] | sides[""]
    if asked:
        wanted, _, wanted_val = (part.strip() for part in asked.partition(","))
        train, val = both.get(wanted, {}), (both | sides["val"]).get(wanted_val, {})
    else:
        train = _best({tag: points for tag, points in both.items() if not _is_val(tag)})
        val = _best(sides["val"]) or _best({tag: points for tag, points in both.items() if _is_val(tag)})
    if not train:
        return None
    first = min(train)
    late = {step: value for step, value in val.items() if step >= first}
    curve = curve_of(sorted(train), [train[s] for s in sorted(train)], sorted(late), [late[s] for s in sorted(late)])
    name = f"{run} ({asked})" if asked else str(run)
    return ReadCurve(id=name, group=str(run.parent), curve=curve, metric=asked or "train_loss")


def _best(scalars: Scalars) -> dict[int, float]:
    """The points of the loss that has most of them; on a tie, of the commoner name."""
    losses = {tag: points for tag, points in scalars.items() if "loss" in tag.lower()}
    return max(losses.items(), key=lambda item: (len(item[1]), -_rank(item[0])), default=("", {}))[1]


def _rank(tag: str) -> int:
    name = tag.lower().replace("/", "_")
    return _BEST_FIRST.index(name) if name in _BEST_FIRST else len(_BEST_FIRST)


def _is_val(tag: str) -> bool:
    return any(word in tag.lower() for word in ("val", "eval", "test"))


def _scalars(data: bytes) -> Iterator[tuple[str, int, float]]:
    """Tag, step and value of every scalar in the bytes of an event file."""
    for event in _records(data):
        step, summaries = 0, []
        for name, _, value in _fields(event):
            if name == _EVENT_STEP and isinstance(value, int):
                step = value
            elif name == _EVENT_SUMMARY and isinstance(value, bytes):
                summaries.append(value)
        for summary in summaries:
            for name, _, value in _fields(summary):
                if name == _SUMMARY_VALUE and isinstance(value, bytes):
                    tag, scalar = _value(value)
                    if scalar is not None:
                        yield tag, step, scalar


def _records(data: bytes) -> Iterator[bytes]:
    place = 0
    while place + _HEAD <= len(data):
        (length,) = struct.unpack_from("<Q", data, place)
        end = place + _HEAD + length + _CHECKSUM
        if end > len(data):
            return
        yield data[place + _HEAD : place + _HEAD + length]
        place = end


def _value(data: bytes) -> tuple[str, float | None]:
    """The tag of a summary value in an event file, and its number if it is a scalar."""
    tag, scalar = "", None
    for name, wire, value in _fields(data):
        if name == _TAG and isinstance(value, bytes):
            tag = value.decode(errors="replace")
        elif name == _SIMPLE_VALUE and wire == _FIXED32 and isinstance(value, bytes):
            scalar = struct.unpack("<f", value)[0]
        elif name == _TENSOR and isinstance(value, bytes):
            scalar = _tensor(value)
    return tag, scalar


def _tensor(data: bytes) -> float | None:
    """The number in the bytes of a tensor proto that holds a single one."""
    kind, raw = 0, b""
    for name, _, value in _fields(data):
        if name == _TENSOR_DTYPE and isinstance(value, int):
            kind = value
        elif name in {_TENSOR_CONTENT, _TENSOR_FLOAT, _TENSOR_DOUBLE} and isinstance(value, bytes):
            raw = value
    form = _NUMBERS.get(kind)
    return struct.unpack(form, raw)[0] if form is not None and len(raw) == struct.calcsize(form) else None


def _fields(data: bytes) -> Iterator[Field]:
    """Number, wire type and value of each field of a protocol buffer; raises `UnreadableCurves` for other bytes."""
    place = 0
    try:
        while place < len(data):
            key, place = _varint(data, place)
            wire = key & 7
            if wire == _VARINT:
                value, place = _varint(data, place)
                yield key >> 3, wire, value
                continue
            if wire == _BYTES:
                length, place = _varint(data, place)
            else:
                length = {_FIXED64: 8, _FIXED32: 4}[wire]
            if place + length > len(data):
                raise IndexError  # noqa: TRY301  a message that ends too early
            yield key >> 3, wire, data[place : place + length]
            place += length
    except (IndexError, KeyError) as error:
        raise UnreadableCurves("an event file is damaged: a record in it is no TensorFlow event") from error


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  the last byte has no continuation bit
            return value, place
        shift += 7
