import json
import os

import pytest

from sweeper.errors import RunError
from sweeper.record import newest_run


def begin(path, created):
    path.mkdir(parents=True)
    (path / "run.json").write_text(json.dumps({"created": created}))


def test_the_newest_run_is_the_one_that_was_begun_last_whatever_its_name_and_the_hour_of_its_clock(tmp_path):
    begin(tmp_path / "z", "2026-11-29T03:00:00+00:00")
    begin(tmp_path / "a", "2026-11-29T05:30:00+01:00")
    begin(tmp_path / "b", "2026-11-29T04:00:00+00:00")
    assert newest_run(tmp_path) == tmp_path / "a"


def test_of_two_runs_of_one_second_it_is_the_one_written_last(tmp_path):
    for name, seconds in (("train-1-2", 20), ("train-1", 10)):
        begin(tmp_path / name, "2026-11-29T03:00:00+00:00")
        os.utime(tmp_path / name / "run.json", (seconds, seconds))
    assert newest_run(tmp_path) == tmp_path / "train-1-2"


def test_damaged_records_and_other_folders_are_left_out(tmp_path):
    begin(tmp_path / "whole", "2026-11-29T03:00:00+00:00")
    for name, text in (("cut", '{"created": "2026-12'), ("list", "[]"), ("other", '{"created": 5}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(text)
    (tmp_path / "notes").mkdir()
    assert newest_run(tmp_path) == tmp_path / "whole"


@pytest.mark.parametrize("folder", [".", "runs"], ids=["empty", "not there"])
def test_without_a_run_it_says_what_to_name(tmp_path, folder):
    with pytest.raises(RunError, match=r"There is no run in .*sweeper resume RUN"):
        newest_run(tmp_path / folder)
