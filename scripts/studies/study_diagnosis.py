"""How often `sweeper diagnose` names the right cause, and how often it alarms on sound scripts.

    python scripts/studies/study_diagnosis.py [--own] [--sound FOLDER]... [--pairs FOLDER]... [--join answers.json]...
                                      [--save answers.json] [--write reports/studies --date 2026-11-21]

--own diagnoses the programs with one fault each of tests/checks. --sound takes a folder of scripts that train, with
the manifest of `try_scripts.py` if it has one. --pairs takes a folder of posted programs: a subfolder each with
`bug.py`, `fixed.py` and `label.json`, which says as `right` the codes that name the true cause and was written without
a look at what sweeper says. Every script runs once, as a person would run it, one after the other; --join adds the
answers that earlier calls saved.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from study_parts.words import table
from try_scripts import Script, run_script, scripts_in, sweeper_command

from sweeper.codec import dump, load

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 300.0
FIRST = 3
"""Findings among which the right one may also stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What sweeper said of one script."""

    kind: str
    """`own`, `sound`, `bug` or `fixed`."""
    name: str
    right: tuple[str, ...]
    """Codes that name the true cause; empty for sound scripts and faults without a code."""
    codes: tuple[str, ...]
    """Codes of the findings, the likeliest cause first."""
    errors: int
    """Findings of severity error."""
    look_s: float
    """Seconds that the look before training took."""
    whole_s: float
    """Seconds of the whole command."""
    status: int
    titles: tuple[str, ...] = ()

    def right_within(self, count: int) -> bool:
        """Whether one of the first findings names the cause; where nothing is to be found, whether none is shown."""
        if not self.right:
            return not self.codes
        return bool(set(self.right) & set(self.codes[:count]))


def main() -> int:
    """Diagnoses, prints and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--own", action="store_true", help="the programs of tests/checks/diagnose")
    parser.add_argument("--sound", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--pairs", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--join", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--only", default="", help="only scripts whose name contains this word")
    parser.add_argument("--save", type=Path, help="every answer as JSON")
    parser.add_argument("--write", type=Path, help="folder for the dated result")
    parser.add_argument("--date", default=time.strftime("%Y-%m-%d"), help="date in the name of the result")
    arguments = parser.parse_args()
    answers = [one for file in arguments.join for one in load(tuple[Answer, ...], file.read_text(encoding="utf-8"))]
    for kind, script, folder, right in asked(arguments):
        if arguments.only in script.file:
            answers.append(answer(kind, script, folder, right))
            show(answers[-1])
    if arguments.save:
        arguments.save.write_text(dump(tuple(answers)), encoding="utf-8")
    lines = report(answers)
    print("\n".join(lines))
    if arguments.write:
        head = [f"# Findings of sweeper diagnose, {arguments.date}", ""]
        path = arguments.write / f"{arguments.date}-diagnosis.md"
        path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    return 0


def asked(arguments: argparse.Namespace) -> Iterator[tuple[str, Script, Path, tuple[str, ...]]]:
    """Kind, script, folder and right codes of everything to diagnose."""
    if arguments.own:
        sys.path.insert(0, str(ROOT / "tests" / "checks" / "diagnose"))
        from test_programs import EXPECTED, PROGRAMS  # type: ignore[import-not-found]  # found by the line above

        for name, expected in EXPECTED.items():
            yield "own", Script(file=f"{name}.py"), PROGRAMS, (expected[0],) if expected else ()
    for folder in arguments.sound:
        sound = (script for script in scripts_in(folder) if not script.code and not script.missing())
        yield from (("sound", script, folder, ()) for script in sound)
    for folder in arguments.pairs:
        for label in sorted(folder.glob("*/label.json")):
            right = tuple(json.loads(label.read_text(encoding="utf-8"))["right"])
            for kind in ("bug", "fixed"):
                if (label.parent / f"{kind}.py").is_file():
                    yield kind, Script(file=f"{label.parent.name}/{kind}.py", cwd=label.parent.name), folder, right


def answer(kind: str, script: Script, folder: Path, right: tuple[str, ...]) -> Answer:
    """Diagnoses one script in its own folder."""
    began = time.monotonic()
    command = sweeper_command(script, "diagnose", "--json")
    ended = run_script(command, (folder / script.cwd).resolve(), script.env, TIMEOUT_S)
    status, text = (ended.returncode, ended.stdout) if ended is not None else (124, "")
    document = _read(text)
    findings = document.get("findings", [])
    return Answer(
        kind=kind,
        name=script.file,
        right=right,
        codes=tuple(found["code"] for found in findings) if document else (f"exit {status}",),
        errors=sum(found["severity"] == "error" for found in findings),
        look_s=float(document.get("seconds", 0.0)),
        whole_s=round(time.monotonic() - began, 1),
        status=status,
        titles=tuple(found["title"] for found in findings),
    )


def _read(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def show(one: Answer) -> None:
    """One line for one script."""
    right = f" (right: {' '.join(one.right)})" if one.right else ""
    found = " ".join(one.codes) or "-"
    print(f"{one.kind:6}{one.look_s:6.2f}s{one.whole_s:7.1f}s {one.name}: {found}{right}", flush=True)


def report(answers: Sequence[Answer]) -> list[str]:
    """The shares, and every script that is not as it should be."""
    lines: list[str] = []
    for kind, title in (("own", "Programs with one fault each (tests/checks)"), ("bug", "Posted programs")):
        if several := [one for one in answers if one.kind == kind]:
            lines += [f"## {title}", "", *_found(several), ""]
    for kind, title in (("fixed", "Their fixed twins"), ("sound", "Sound scripts")):
        if several := [one for one in answers if one.kind == kind]:
            lines += [f"## {title}", "", *_quiet(several), ""]
    looks = [one.look_s for one in answers if one.look_s]
    if looks:
        middle, high, most = np.percentile(looks, [50, 90, 100])
        lines.append(
            f"The look before training took {middle:.2f} s in the median, {high:.2f} s at the 90th percentile, "
            f"{most:.2f} s at most ({len(looks)} scripts)."
        )
    return lines


def _found(answers: Sequence[Answer]) -> list[str]:
    named = [one for one in answers if one.right or one.kind == "own"]
    summary = (
        f"{_share(one.right_within(1) for one in named)} have the right finding first (or rightly none), "
        f"{_share(one.right_within(FIRST) for one in named)} among the first {FIRST}."
    )
    if without := len(answers) - len(named):
        summary += f" Faults that no finding is for are left out: {without}."
    wrong = [[one.name, " ".join(one.right), " ".join(one.codes[:5])] for one in named if not one.right_within(1)]
    return [summary, "", *(table(["not first", "right", "found"], wrong) if wrong else [])]


def _quiet(answers: Sequence[Answer]) -> list[str]:
    lines = [f"{_share(not one.errors and one.status in (0, 3) for one in answers)} show no finding of severity error."]
    named = [one for one in answers if one.right]
    if named:
        absent = _share(not set(one.right) & set(one.codes) for one in named)
        lines += ["", f"{absent} do not show the fault's finding."]
    loud = [
        [one.name, " ".join(one.right), " ".join(one.codes[:5])]
        for one in answers
        if one.errors or one.status not in (0, 3) or set(one.right) & set(one.codes)
    ]
    return [*lines, "", *(table(["not quiet", "of the fault", "found"], loud) if loud else [])]


def _share(facts: Iterable[bool]) -> str:
    several = list(facts)
    return f"{sum(several)} of {len(several)} ({sum(several) / max(len(several), 1):.0%})"


if __name__ == "__main__":
    sys.exit(main())
