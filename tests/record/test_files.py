import subprocess
import sys

import pytest

from sweeper.errors import MachineError
from sweeper.record import write_atomic

WRITES_TOO_MUCH = """
import resource, sys
from pathlib import Path
from sweeper.errors import MachineError
from sweeper.record import write_atomic

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomic(Path(sys.argv[1]), "x" * 5000, next_step="Free some space.")
except MachineError as error:
    print(error)
"""


def test_text_is_written_as_utf_8(tmp_path):
    write_atomic(tmp_path / "a", "größer")
    assert (tmp_path / "a").read_bytes() == "größer".encode()


def test_bytes_replace_what_was_there_and_nothing_else_is_left(tmp_path):
    (tmp_path / "a").write_text("old")
    write_atomic(tmp_path / "a", b"\x00new")
    assert (tmp_path / "a").read_bytes() == b"\x00new"
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_write_that_finds_no_room_says_so_and_leaves_the_old_file(tmp_path):
    (tmp_path / "a").write_text("old")
    command = [sys.executable, "-c", WRITES_TOO_MUCH, str(tmp_path / "a")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"cannot write {tmp_path / 'a'}: File too large (")
    assert said.rstrip().endswith("B free there). Free some space.")
    assert (tmp_path / "a").read_text() == "old"
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(MachineError, match="cannot write .*/gone/a: No such file or directory. Choose another"):
        write_atomic(tmp_path / "gone" / "a", "")
