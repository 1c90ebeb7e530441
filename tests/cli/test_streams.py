"""What happens to output when nobody reads it, and in which terminals it is coloured."""

import io
import os
import subprocess
import sys

import pytest

from sweeper.cli._streams import TolerantStream


@pytest.mark.parametrize("call", ["schema | head -c 20 >/dev/null", "probe x.py --lr bad 2>&1 >/dev/null | true"])
def test_a_reader_that_leaves_does_no_harm(call):
    script = f"{sys.executable} -m sweeper {call}; exit ${{PIPESTATUS[0]}}"
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2 if "bad" in call else 0, "")


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colour_follows_the_environment(sweeper, monkeypatch, variables, coloured):
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    _, out, err = sweeper("probe", "train.py", "--fail-on", "unsafe", "-q")
    assert ("\x1b[1;31mgate failed" in err) is coloured
    assert ("48;5;" in out) is coloured
    assert "S" in out


def test_letters_that_the_encoding_lacks_are_replaced():
    raw = io.BytesIO()
    stream = TolerantStream(io.TextIOWrapper(raw, encoding="ascii"))
    stream.write("· not run\n")
    stream.flush()
    assert raw.getvalue() == b"? not run\n"
