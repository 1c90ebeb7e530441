import subprocess
import sys
from pathlib import Path

SCRIPT = """
import json, os, sys
from pathlib import Path
import h5py
import numpy as np
from sweeper.capture import Overlay

Overlay(Path(sys.argv[1])).install()
with open("model.json", "w") as file:
    json.dump({"new": True}, file)
with open("log.txt", "a") as file:
    file.write("new\\n")
np.save("weights.npy", np.arange(3))
np.savetxt("table.txt", np.arange(3))
with h5py.File("weights.h5", "w") as file:
    file["w"] = np.arange(4)
Path("history.txt").write_text("short")
assert json.load(open("model.json")) == {"new": True}
assert Path("log.txt").read_text() == "old\\nnew\\n"
assert np.load("weights.npy").tolist() == [0, 1, 2]
assert np.loadtxt("table.txt").tolist() == [0, 1, 2]
with h5py.File("weights.h5") as file:
    assert file["w"].shape == (4,)
Path("best.tmp").write_text("best")
os.replace("best.tmp", "model.json")
assert Path("model.json").read_text() == "best" and not os.path.exists("best.tmp")
os.remove("weights.npy")
assert not os.path.exists("weights.npy")
assert os.path.exists("history.txt") and os.path.isfile("weights.h5")
assert Path("history.txt").exists() and Path("history.txt").stat().st_size == 5
assert not Path("never.txt").exists() and Path("untouched.txt").exists()
assert Path("untouched.txt").read_text() == "as it was"
"""


def test_what_a_script_writes_goes_to_the_scratch_folder_and_is_read_from_there(tmp_path):
    work, scratch = tmp_path / "work", tmp_path / "scratch"
    work.mkdir()
    (work / "model.json").write_text("precious")
    (work / "log.txt").write_text("old\n")
    (work / "untouched.txt").write_text("as it was")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(scratch)],
        cwd=work,
        env={"PYTHONPATH": str(root), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (work / "model.json").read_text() == "precious"
    assert (work / "log.txt").read_text() == "old\n"
    assert sorted(path.name for path in work.iterdir()) == ["log.txt", "model.json", "untouched.txt"]
