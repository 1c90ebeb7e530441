"""Tables and logs as other tools write them: what their cells, columns and sessions mean."""

import json
import math

import pytest

from sweeper.curve import same_numbers
from sweeper.readers import UnreadableCurves, read_curves


def read(folder, name, text, *columns):
    path = folder / name
    path.write_text(text)
    return read_curves(path, columns)


def rows(*lines):
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("nothing", ["NA", "", "nan", "None", "n/a", "No log"])
def test_a_validation_every_five_epochs_is_read_as_such(tmp_path, nothing):
    lines = [f"{e},{2 - e / 10:g},{1.5 - e / 20 if e % 5 == 4 else nothing}" for e in range(20)]
    (found,) = read(tmp_path, "history.csv", rows("epoch,loss,val_loss", *lines))
    assert found.curve.steps == 20
    assert found.curve.val_steps == (5, 10, 15, 20)
    assert found.curve.val_loss == pytest.approx((1.3, 1.05, 0.8, 0.55))
    assert found.curve.first_nonfinite_loss is None
    assert found.passes == 20


def test_a_loss_that_became_nan_stays_one(tmp_path):
    lines = ("epoch,loss,val_loss", "0,2,2", "1,9,8", "2,nan,nan", "3,nan,nan")
    (found,) = read(tmp_path, "history.csv", rows(*lines))
    assert same_numbers(found.curve.train_loss, (2.0, 9.0, math.nan, math.nan))
    assert same_numbers(found.curve.val_loss, (2.0, 8.0, math.nan, math.nan))


def test_a_validation_that_became_nan_between_others_that_were_due_stays_one(tmp_path):
    lines = [f"{e},{2 - e / 10:g},{'nan' if e % 2 == 0 or e == 7 else 1.5}" for e in range(12)]
    (found,) = read(tmp_path, "history.csv", rows("epoch,loss,val_loss", *lines))
    assert found.curve.val_steps == (2, 4, 6, 8, 10, 12)
    assert same_numbers(found.curve.val_loss, (1.5, 1.5, 1.5, math.nan, 1.5, 1.5))


@pytest.mark.parametrize(
    ("header", "good", "lost"),
    [
        (",loss,accuracy,val_loss,val_accuracy", "{i},2,0.5,2,0.5", "{i},,0.1,,0.1"),
        (",loss,val_loss", "{i},2,2", "{i},,"),
        ("epoch,loss", "{i},2", "{i},"),
    ],
)
def test_pandas_writes_nan_as_a_blank_cell(tmp_path, header, good, lost):
    lines = [(good if i < 3 else lost).format(i=i) for i in range(4)]
    (found,) = read(tmp_path, "history.csv", rows(header, *lines))
    assert same_numbers(found.curve.train_loss, (2.0, 2.0, 2.0, math.nan))
    assert found.curve.first_nonfinite_loss == 4


def test_training_and_validation_may_stand_in_rows_of_their_own(tmp_path):
    lines = [line for e in range(3) for line in (f"{e},{e * 10 + 9},{3 - e},", f"{e},{e * 10 + 9},,{4 - e}")]
    (found,) = read(tmp_path, "metrics.csv", rows("epoch,step,train_loss,val_loss", *lines))
    assert found.curve.train_loss == (3.0, 2.0, 1.0)
    assert (found.curve.val_steps, found.curve.val_loss) == ((1, 2, 3), (4.0, 3.0, 2.0))
    assert found.passes == 3


def test_of_step_and_epoch_the_column_with_more_points_is_read(tmp_path):
    lines = ("epoch,step,train_loss_epoch,train_loss_step,val_loss", "0,9,,2.0,", "0,19,,1.8,", "0,19,,,1.9")
    (found,) = read(tmp_path, "metrics.csv", rows(*lines, "0,19,1.9,,", "1,29,,1.5,", "1,39,,,1.6", "1,39,1.5,,"))
    assert found.curve.train_loss == (2.0, 1.8, 1.5)
    assert (found.curve.val_steps, found.curve.val_loss) == ((2, 3), (1.9, 1.6))


def test_each_run_of_an_exported_chart_is_a_curve_and_extremes_are_none(tmp_path):
    header = '"Step","a - loss","a - loss__MIN","a - loss__MAX","a - val_loss","b - loss","b - val_loss"'
    lines = ('"0","2","1","3","2.1","3",""', '"1","1","0","2","1.1","2.5","2"', '"2","","","","","2","1.9"')
    first, second = read(tmp_path, "export.csv", rows(header, *lines))
    assert (first.id, second.id) == (f"{tmp_path}/export.csv (a)", f"{tmp_path}/export.csv (b)")
    assert first.group == second.group
    assert (first.curve.train_loss, first.curve.val_loss) == ((2.0, 1.0), (2.1, 1.1))
    assert (second.curve.train_loss, second.curve.val_steps) == ((3.0, 2.5, 2.0), (2, 3))


def test_decimal_commas_come_with_semicolons(tmp_path):
    (found,) = read(tmp_path, "history.csv", rows("epoch;loss;val_loss", "0;2,5;1.002,5", "1;1,5;1e-1"))
    assert (found.curve.train_loss, found.curve.val_loss) == ((2.5, 1.5), (1002.5, 0.1))


@pytest.mark.parametrize("header", [(), ("epoch,loss",)])
def test_a_session_that_starts_again_is_a_curve_of_its_own(tmp_path, header):
    lines = ("epoch,loss", "0,2", "1,1.5", "2,1.2", *header, "0,2.1", "1,1.6", "2,1.3")
    first, second = read(tmp_path, "history.csv", rows(*lines))
    assert (first.curve.train_loss, second.curve.train_loss) == ((2.0, 1.5, 1.2), (2.1, 1.6, 1.3))
    assert [one.id for one in (first, second)] == [f"{tmp_path}/history.csv (session {n})" for n in (1, 2)]


@pytest.mark.parametrize("header", [(), ("epoch,loss,val_loss",)])
@pytest.mark.parametrize("counts", [(3, 4, 5), (0, 1, 2)])
def test_a_session_that_goes_on_is_part_of_the_curve(tmp_path, header, counts):
    later = [f"{e},{loss},{loss + 1}" for e, loss in zip(counts, (1.1, 1.0, 0.9), strict=True)]
    lines = ("epoch,loss,val_loss", "0,2,3", "1,1.5,2.5", "2,1.2,2.2", *header, *later)
    (found,) = read(tmp_path, "history.csv", rows(*lines))
    assert found.curve.train_loss == (2.0, 1.5, 1.2, 1.1, 1.0, 0.9)
    assert found.curve.val_steps == (1, 2, 3, 4, 5, 6)
    assert found.passes == 6


def test_what_is_made_again_from_a_checkpoint_counts_once(tmp_path):
    lines = ("epoch,loss,val_loss", "0,2,2", "1,1.5,1.6", "2,1.2,1.3", "3,9,9", "2,1.21,1.31", "3,1.0,1.1")
    (found,) = read(tmp_path, "history.csv", rows(*lines))
    assert found.curve.train_loss == (2.0, 1.5, 1.21, 1.0)
    assert found.curve.val_loss == (2.0, 1.6, 1.31, 1.1)
    assert found.passes == 4


@pytest.mark.parametrize(
    ("header", "train", "val"),
    [
        ("epoch,train_loss,valid_loss,accuracy", "train_loss", True),
        ("Step,Training Loss,Validation Loss", "training_loss", True),
        ("epoch,train/loss,val/loss,lr", "train_loss", True),
        ("epoch,trainLoss,valLoss", "train_loss", True),
        ("epoch,train_loss,eval_loss,eval_top1", "train_loss", True),
        ("iteration,total_loss,loss_cls,loss_box", "total_loss", False),
        ("epoch,loss,val_loss,a_loss,val_a_loss", "loss", True),
        ("epoch,loss,test_loss", "loss", True),
        ("epoch,mlm_loss,val_mlm_loss", "mlm_loss", True),
    ],
)
def test_losses_are_known_by_the_names_of_many_tools(tmp_path, header, train, val):
    number = len(header.split(",")) - 1
    lines = [",".join([str(e), str(3 - e), *[str(5 - e)] * (number - 1)]) for e in range(3)]
    (found,) = read(tmp_path, "log.csv", rows(header, *lines))
    assert found.metric == train
    assert found.curve.train_loss == (3.0, 2.0, 1.0)
    assert found.curve.val_loss == ((5.0, 4.0, 3.0) if val else ())


def test_a_column_can_be_named(tmp_path):
    text = rows("epoch, train/box_loss, train/cls_loss, val/box_loss, rmse", "0,1,2,3,4", "1,.5,1.5,2.5,3.5")
    (found,) = read(tmp_path, "results.csv", text, "train/box_loss,val/box_loss")
    assert (found.curve.train_loss, found.curve.val_loss) == ((1.0, 0.5), (3.0, 2.5))
    first, second = read(tmp_path, "results.csv", text, "train/cls_loss", "rmse")
    assert (first.curve.train_loss, second.curve.train_loss) == ((2.0, 1.5), (4.0, 3.5))
    assert first.id.endswith("results.csv (train/cls_loss)")
    with pytest.raises(UnreadableCurves, match="several columns may be.*train/box_loss, train/cls_loss.*--column"):
        read(tmp_path, "results.csv", text)
    with pytest.raises(UnreadableCurves, match=r"no column named mape \(columns: epoch, train/box_loss"):
        read(tmp_path, "results.csv", text, "mape")
    with pytest.raises(UnreadableCurves, match="no column is named after a training loss.*--column"):
        read(tmp_path, "other.csv", rows("epoch,accuracy", "0,0.5"))


def test_a_metric_can_be_named_for_every_run_of_a_table(tmp_path):
    text = rows("Step,a - mse,a - val_mse,b - mse,b - val_mse", "0,1,2,3,4", "1,.5,1.5,2.5,3.5")
    first, second = read(tmp_path, "export.csv", text, "mse,val_mse")
    assert (first.curve.train_loss, first.curve.val_loss) == ((1.0, 0.5), (2.0, 1.5))
    assert (second.curve.train_loss, second.curve.val_loss) == ((3.0, 2.5), (4.0, 3.5))


def test_the_log_of_the_trainer_of_transformers_is_read_without_its_summary(tmp_path):
    log = [{"loss": 2.0 - i / 10, "epoch": i / 2, "step": 10 * i, "learning_rate": 1e-4} for i in range(1, 5)]
    log[2:2] = [{"eval_loss": 1.9, "epoch": 1.0, "step": 20}]
    log += [{"eval_loss": 1.7, "epoch": 2.0, "step": 40}, {"train_loss": 1.8, "train_runtime": 3.0, "step": 40}]
    (found,) = read(tmp_path, "trainer_state.json", json.dumps({"epoch": 2.0, "log_history": log}, indent=2))
    assert found.curve.train_loss == pytest.approx((1.9, 1.8, 1.7, 1.6))
    assert (found.curve.val_steps, found.curve.val_loss) == ((2, 4), (1.9, 1.7))


@pytest.mark.parametrize("indent", [None, 1])
def test_a_history_by_column_is_read_and_a_shorter_column_is_spread(tmp_path, indent):
    history = {"loss": [2.0, 1.5, 1.2, 1.0], "val_loss": [1.6, 1.1], "accuracy": [0.1, 0.2, 0.3, 0.4]}
    (found,) = read(tmp_path, "history.json", json.dumps(history, indent=indent))
    assert found.curve.train_loss == (2.0, 1.5, 1.2, 1.0)
    assert (found.curve.val_steps, found.curve.val_loss) == ((2, 4), (1.6, 1.1))


def test_other_logs_in_json(tmp_path):
    by_row = {"loss": {"0": 2, "1": None}}
    (found,) = read(tmp_path, "pandas.json", json.dumps(by_row))
    assert same_numbers(found.curve.train_loss, (2.0, math.nan))
    steps = [{"env": "x"}, {"mode": "train", "iter": 10, "loss": 2.0}, {"mode": "train", "iter": 20, "loss": 1.0}]
    (found,) = read(tmp_path, "steps.json", "\n".join(map(json.dumps, steps)))
    assert found.curve.train_loss == (2.0, 1.0)
    (found,) = read(tmp_path, "list.json", json.dumps(steps[1:]))
    assert found.curve.train_loss == (2.0, 1.0)
    (found,) = read(tmp_path, "curves.jsonl", '{"id": "a", "loss": [2, 1], "dev": [3, 2]}\n', "loss,dev")
    assert (found.curve.train_loss, found.curve.val_loss) == ((2.0, 1.0), (3.0, 2.0))
    with pytest.raises(UnreadableCurves, match="no log was found"):
        read(tmp_path, "no.json", json.dumps({"a": {}, "b": []}))


def test_what_mlflow_keeps_is_read_from_folders_and_exports(tmp_path):
    for run, by in (("a", 1.0), ("b", 2.0)):
        folder = tmp_path / "mlruns" / "0" / run / "metrics"
        folder.mkdir(parents=True)
        (folder / "loss").write_text(f"1700 {2 * by} 0\n1701 {by} 1\n")
        (folder / "val_loss").write_text(f"1700 {3 * by} 0\n1701 {2 * by} 1\n")
    first, second = read_curves(tmp_path / "mlruns")
    assert (first.curve.train_loss, second.curve.val_loss) == ((2.0, 1.0), (6.0, 4.0))
    lines = ("r,loss,2,0,1", "r,loss,1,1,2", "r,val_loss,2.2,0,1", "r,val_loss,1.2,1,2")
    (found,) = read(tmp_path, "export.csv", rows("run_id,key,value,step,timestamp", *lines))
    assert (found.curve.train_loss, found.curve.val_loss) == ((2.0, 1.0), (2.2, 1.2))
    (folder / "loss").write_text("1 x\n")
    with pytest.raises(UnreadableCurves, match="line 1"):
        read_curves(tmp_path / "mlruns" / "0" / "b")
