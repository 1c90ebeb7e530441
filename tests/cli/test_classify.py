"""`sweeper classify` on logs of other programs."""

import json

import pytest

from sweeper.cli import main

EXPLODED = (588.4, 2.411, 2.445, 2.39, 2.372, 2.36, 2.351, 2.345, 2.34, 2.336, 2.333)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "results.csv"
    rows = "".join(f"{epoch},{loss},{loss / 2}\n" for epoch, loss in enumerate(EXPLODED))
    path.write_text("epoch,box_loss,cls_loss\n" + rows)
    return str(path)


def test_a_column_and_the_number_of_classes_can_be_given(log, capsys):
    assert main(("classify", log, "--column", "box_loss", "--classes", "10", "--json")) == 0
    (curve,) = json.loads(capsys.readouterr().out)["curves"]
    assert (curve["verdict"], curve["evidence"][0]["code"]) == ("stalled", "rests_untrained")
    assert main(("classify", log, "--column", "box_loss", "--column", "cls_loss", "--json")) == 0
    curves = json.loads(capsys.readouterr().out)["curves"]
    assert [one["verdict"] for one in curves] == ["inconclusive", "inconclusive"]


def test_what_cannot_be_read_says_which_columns_there_are(log, capsys):
    assert main(("classify", log)) == 2
    assert "box_loss, cls_loss" in capsys.readouterr().err


def test_one_class_is_refused(log, capsys):
    assert main(("classify", log, "--classes", "1")) == 2
    assert "--classes 1" in capsys.readouterr().err
