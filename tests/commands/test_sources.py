import math
import os

import pytest

from sweeper.commands._curve import Point, curve_of_points, how_it_broke
from sweeper.commands._sources import CurveFile, JsonLines, point_of
from sweeper.curve import StopReason
from tests.readers.test_readers import event


def losses(source, *, ended=False):
    return [point.loss for point in source.points(ended=ended)]


def append(path, text):
    with path.open("a") as file:
        file.write(text)


@pytest.mark.parametrize(
    ("line", "point"),
    [
        (b'{"step": 1, "loss": 0.5}', Point(loss=0.5)),
        (b'  {"loss": 2, "val_loss": 3}\r', Point(loss=2.0, val_loss=3.0)),
        (b'{"train_loss": 1e3}', Point(loss=1000.0)),
        (b'{"val_loss": 1.5}', Point(val_loss=1.5)),
        (b'{"loss": inf}', Point(loss=math.inf)),
        (b'{"loss":-Infinity}', Point(loss=-math.inf)),
        (b'{"accuracy": 0.5}', None),
        (b'{"loss": "low"}', None),
        (b'{"loss": 0.5', None),
        (b"{not json}", None),
    ],
)
def test_a_line_is_a_point_if_it_is_json_with_a_loss(line, point):
    assert point_of(line) == point


@pytest.mark.parametrize("word", [b"nan", b"-nan", b"NaN", b"null", b"nan(ind)"])
def test_a_loss_that_is_no_number_is_kept(word):
    assert math.isnan(point_of(b'{"loss": ' + word + b', "step": 3}').loss)


def test_lines_are_read_once_they_are_whole(tmp_path):
    file = tmp_path / "log"
    source = JsonLines(file, most=100)
    assert losses(source) == []
    append(file, 'epoch 1\n{"loss": 3}\n{"loss"')
    assert losses(source) == [3.0]
    append(file, ': 2}\n{"loss": 1}')
    assert losses(source) == [3.0, 2.0]
    assert losses(source, ended=True) == [3.0, 2.0, 1.0]


def test_a_table_that_grows_is_read_without_a_number_that_may_be_cut_off(tmp_path):
    file = tmp_path / "log.csv"
    source = CurveFile(file, None)
    assert losses(source) == []
    assert "was not written" in source.problem
    append(file, "step,loss,val_loss\n1,3.0,\n2,2.0,2.5\n3,1.")
    assert source.points(ended=False) == (Point(loss=3.0), Point(loss=2.0, val_loss=2.5))
    append(file, "75,\n")
    assert losses(source) == [3.0, 2.0, 1.75]


def test_a_folder_of_tensorboard_events_is_read_while_it_grows(tmp_path):
    folder = tmp_path / "run"
    source = CurveFile(folder, "train/loss")
    assert losses(source) == []
    folder.mkdir()
    records = [event(step, "train/loss", 1.0 / step) for step in (1, 2, 4)]
    (folder / "events.out.tfevents.1").write_bytes(records[0] + records[1] + records[2][:9])
    assert losses(source) == [1.0, 0.5]
    (folder / "events.out.tfevents.1").write_bytes(b"".join(records))
    assert losses(source, ended=True) == [1.0, 0.5, 0.25]


def test_what_an_earlier_run_left_in_a_file_is_of_no_probe(tmp_path):
    file = tmp_path / "log.csv"
    file.write_text("step,loss\n1,9.0\n2,8.0\n")
    source = CurveFile(file, None)
    assert losses(source, ended=True) == []
    assert "has not changed" in source.problem
    file.write_text("step,loss\n1,3.0\n2,2.0\n3,1.0\n")
    assert losses(source) == [3.0, 2.0, 1.0]


def test_a_column_that_is_not_there_is_told(tmp_path):
    file = tmp_path / "log.csv"
    source = CurveFile(file, "objective")
    file.write_text("step,loss\n1,3.0\n2,2.0\n")
    os.utime(file)
    assert losses(source, ended=True) == []
    assert "no column named objective" in source.problem


def test_a_curve_ends_with_the_asked_steps():
    points = [Point(val_loss=5.0), *(Point(loss=float(i)) for i in range(4)), Point(val_loss=1.0), Point(loss=9.0)]
    curve, enough = curve_of_points(points, steps=4)
    assert enough
    assert curve.train_loss == (0.0, 1.0, 2.0, 3.0)
    assert (curve.val_steps, curve.val_loss) == ((0, 4), (5.0, 1.0))


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        ([math.nan] * 4, None),
        ([math.nan] * 5, StopReason.NON_FINITE),
        ([1e7] * 9, None),
        ([1e7] * 10, StopReason.BLOWN_UP),
    ],
)
def test_a_probe_is_over_when_nothing_more_can_be_learnt(tail, reason):
    curve, enough = curve_of_points([Point(loss=loss) for loss in [1.0, *tail]], steps=100)
    assert enough == (reason is not None)
    assert curve.stopped_early is reason


@pytest.mark.parametrize(
    ("end", "broke"), [(0.5, None), (1e6, None), (2e6, StopReason.BLOWN_UP), (math.nan, StopReason.NON_FINITE)]
)
def test_how_a_loss_broke_before_a_program_ended(end, broke):
    curve, _ = curve_of_points([Point(loss=1.0), Point(loss=end)], steps=100)
    assert how_it_broke(curve) is broke
