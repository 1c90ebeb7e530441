"""Curves that other programs wrote, and files that hold none."""

import gzip
import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.curve import same_numbers
from sweeper.readers import UnreadableCurves, read_curves


def write_lines(path, *rows):
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return path


def test_a_line_is_a_curve_and_null_is_a_loss_that_is_not_finite(tmp_path):
    row = {"id": "a/1", "steps": [0, 200, 400], "train_loss": [2.0, None, 1.0], "val_steps": [200], "val_loss": [1.5]}
    (found,) = read_curves(write_lines(tmp_path / "c.jsonl", row))
    assert (found.id, found.group) == ("a/1", "a")
    assert same_numbers(found.curve.train_loss, (2.0, math.nan, 1.0))
    assert (found.curve.val_steps, found.curve.val_loss) == ((2,), (1.5,))
    assert found.curve.first_nonfinite_loss == 2


def test_what_a_line_leaves_out_is_the_usual(tmp_path):
    rows = ({"train_loss": [1, 2], "val_loss": [3, 4]}, {"train_loss": [1.0], "set": "s", "id": 7})
    first, second = read_curves(write_lines(tmp_path / "c.jsonl", *rows))
    assert (first.id, first.curve.val_steps) == ("1", (1, 2))
    assert (second.id, second.group, second.curve.val_loss) == ("7", "s", ())


def test_compressed_lines_and_blank_ones_are_read(tmp_path):
    path = tmp_path / "c.jsonl.gz"
    path.write_bytes(gzip.compress(b'\n{"train_loss": [1, NaN]}\n\n'))
    assert len(read_curves(path)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1"),
        ("[1]", "no train_loss"),
        ('{"id": 1}', "no train_loss"),
        ('{"train_loss": []}', "no training loss"),
        ('{"train_loss": 3}', "train_loss is no list"),
        ('{"train_loss": [1, true]}', "True is no number"),
        ('{"train_loss": [1, "x"]}', "could not convert"),
        ('{"train_loss": [1, 2], "steps": [1]}', "1 steps and 2 training losses"),
        ('{"train_loss": [1, 2], "steps": [2, 1]}', "do not ascend"),
        ('{"train_loss": [1, 2], "val_loss": [1]}', "1 validation losses and 0 steps"),
        ("", "there is no curve in it"),
    ],
)
def test_a_line_that_is_no_curve_is_named_with_what_is_expected(tmp_path, text, words):
    path = tmp_path / "c.jsonl"
    path.write_text(text)
    with pytest.raises(UnreadableCurves, match=words) as raised:
        read_curves(path)
    assert str(path) in str(raised.value)


def test_a_path_that_cannot_be_read_is_said(tmp_path):
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name, words in (("nothing", "cannot be read"), ("bytes", "cannot be read"), (".", "without TensorBoard")):
        with pytest.raises(UnreadableCurves, match=words):
            read_curves(tmp_path / name)


def test_a_csv_log_is_one_curve(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch;loss;val_loss\n0;2.5;3\n1;nan;\n2;1e-1;2\n")
    (found,) = read_curves(path)
    assert same_numbers(found.curve.train_loss, (2.5, math.nan, 0.1))
    assert (found.curve.val_steps, found.curve.val_loss) == ((1, 3), (3.0, 2.0))


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "loss\nx\n", "loss\n"])
def test_a_csv_file_without_losses_is_refused(tmp_path, text):
    path = tmp_path / "history.csv"
    path.write_text(text)
    with pytest.raises(UnreadableCurves):
        read_curves(path)


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def event(step, tag, value, *, double=False):
    if double:
        number = field(8, b"\x08\x02" + field(4, struct.pack("<d", value)))
    else:
        number = varint(2 << 3 | 5) + struct.pack("<f", value)
    summary = field(1, field(1, tag.encode()) + number)
    data = b"\x09" + struct.pack("<d", 1.0) + b"\x10" + varint(step) + field(5, summary)
    return struct.pack("<Q", len(data)) + bytes(4) + data + bytes(4)


def test_scalars_of_both_kinds_make_a_curve_for_each_run(tmp_path):
    for run in ("a", "b"):
        for side, tag in (("train", "epoch_loss"), ("validation", "epoch_loss")):
            folder = tmp_path / run / side
            folder.mkdir(parents=True)
            records = [event(step, tag, 2.0 - step, double=step == 1) for step in (2, 0, 1, 300)]
            (folder / "events.out.tfevents.1.v2").write_bytes(b"".join([event(0, "epoch_accuracy", 0.5), *records]))
    first, second = read_curves(tmp_path)
    assert (first.id, second.id) == (str(tmp_path / "a"), str(tmp_path / "b"))
    assert first.curve.train_loss == (2.0, 1.0, 0.0, -298.0)
    assert (first.curve.val_steps, first.curve.val_loss) == ((1, 2, 3, 4), first.curve.train_loss)


def test_an_event_file_that_is_still_being_written_gives_what_is_whole(tmp_path):
    path = tmp_path / "events.out.tfevents.2"
    whole = event(0, "Loss/train", 2.0) + event(1, "Loss/train", 1.0) + event(1, "Loss/val", 1.5)
    path.write_bytes(whole + event(2, "Loss/train", 0.5)[:-9])
    (found,) = read_curves(path)
    assert (found.curve.train_loss, found.curve.val_loss, found.curve.val_steps) == ((2.0, 1.0), (1.5,), (2,))


@given(st.binary(max_size=200))
def test_damaged_events_are_an_error_and_nothing_else(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("events") / "events.out.tfevents.3"
    path.write_bytes(struct.pack("<Q", len(data)) + bytes(4) + data + bytes(4))
    with pytest.raises(UnreadableCurves):
        read_curves(path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Keras's TensorBoard callback with NumPy 2
def test_what_keras_writes_is_what_was_trained(tmp_path):
    import keras
    import numpy as np

    if keras.backend.backend() != "tensorflow":
        pytest.skip("the callback writes through TensorFlow")
    x = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    calls = [keras.callbacks.CSVLogger(tmp_path / "history.csv"), keras.callbacks.TensorBoard(tmp_path / "board")]
    history = model.fit(x, x[:, :1], epochs=4, validation_split=0.25, verbose=0, callbacks=calls).history
    for path in (tmp_path / "history.csv", tmp_path / "board"):
        (found,) = read_curves(path)
        assert found.curve.train_loss == pytest.approx(history["loss"], rel=1e-5)
        assert found.curve.val_loss == pytest.approx(history["val_loss"], rel=1e-5)
