"""Records goldens: `python -m tests.golden.record`, with names of kinds of run for those alone.

Record only where a change of results is intended, and read the differences that it prints: they are the change.
Outcomes that are recorded stay as they are. A probe that is asked for the first time is trained, and one that is no
longer asked for is dropped.
"""

import json
import sys

from tests.golden.classified import CURVES, VERDICTS, classified, write_curves
from tests.golden.differences import differences, laid_out
from tests.golden.kinds import KINDS
from tests.golden.recording import FOLDER, OUTCOMES, THRESHOLDS, Recording, file_of, play


def main(names: list[str]) -> int:
    """Records the kinds of run with these names; without any, all of them and the verdicts on curves of a file."""
    if unknown := [name for name in names if name not in KINDS]:
        _say(f"no such kind of run: {', '.join(unknown)}. There are: {', '.join(KINDS)}")
        return 2
    FOLDER.mkdir(exist_ok=True)
    thresholds = {}
    for name in names or KINDS:
        thresholds |= _record(name)
    if not names:
        if not CURVES.exists():
            write_curves()
        _keep(VERDICTS, classified())
        _keep(THRESHOLDS, thresholds)
        kept = {file_of(name, ending) for name in (*KINDS, VERDICTS, THRESHOLDS) for ending in (OUTCOMES, "json")}
        for file in set(FOLDER.iterdir()) - kept - {CURVES}:
            file.unlink()
    return 0


def _record(name):
    file = file_of(name, OUTCOMES)
    recording = Recording.read(file) if file.exists() else Recording()
    told = play(KINDS[name], recording, or_else=lambda what: _say(f"{name}: trains {what}"))
    told.used.write(file)
    _keep(name, told.run)
    return told.thresholds


def _keep(name, told):
    file = file_of(name, "json")
    found = list(differences(json.loads(file.read_text()), told)) if file.exists() else ["is new"]
    for line in found:
        _say(f"{name}: {line}")
    if found:
        file.write_text(laid_out(told) + "\n")


def _say(line):
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
