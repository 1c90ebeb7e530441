"""What sweeper answers in situations that people report, and whether that is right.

    python scripts/studies/study_situations.py [FOLDER] [--only WORD] [--at-once 1] [--work FOLDER] [--keep]
                                       [--status FILE] [--write reports/studies --date 2026-11-29]

Each script of scripts/studies/situations is one situation; its manifest says what is right. A script is measured as in
study_fidelity.py: its own losses in plain Keras, and a probe at its own setting. An answer is right when

- the losses are the same, step by step (`need = "same"`), or at a constant rate where the script's rate moves and that
  is said; where a script draws new random numbers in every process, the same level is enough; or
- a change or finding says what differs, in words that match `says`, and the loss is at the script's level all the same
  (`need = "said"`: a loss at another level will do too, as long as those words are there before the map); unless order
  and bounds of batches are what the situation is about (`strict`), words that batches were shuffled, re-batched or
  padded will do; or
- the script cannot train and sweeper says why, in words that match `says` (`need = "refused"`).

`own_rate` is what the results must call the script's own learning rate. Words that match `names` must be there and
words that match `never` must not, however the losses compare: the recorder of a script's own losses resets metrics too.
"""

import argparse
import json
import re
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fidelity_parts.compare import Standing, whole_batches
from fidelity_parts.measure import measure
from fidelity_parts.runs import Limits, probed, slug
from fidelity_parts.verdict import Compared
from try_scripts import Script

FOLDER = Path(__file__).resolve().parent / "situations"
NEAR = 0.05
"""Part by which a peak that was read at some steps only may be off."""
RATE_SAID = r"schedule|learning rate|callback"
ALWAYS_SAID = "held out"
"""Words that explain a difference from a later step on, once samples that were set aside would come up."""
BATCHES_SAID = r"shuffl|re-?batch|padd|\border\b"
ANY_RATE = 1e-3
"""Rate to probe a script at that cannot train by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One script with the right answer."""

    script: Script
    right: str
    need: str
    says: str
    strict: bool
    names: str
    never: str
    own_rate: float | None
    fit: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What sweeper answered."""

    situation: Situation
    good: bool
    words: str


def main() -> int:
    """The exit status: 0 when every answer is right."""
    arguments = parse_arguments()
    limits = Limits(steps=arguments.steps, timeout_s=arguments.timeout)
    with ThreadPoolExecutor(arguments.at_once) as pool:
        asked = [one for one in situations(arguments.folder) if arguments.only in one.script.file]
        answers = []
        for one in as_completed([pool.submit(answer, one, limits, arguments) for one in asked]):
            answers.append(one.result())
            told = report(answers, arguments.folder)
            if arguments.status:
                arguments.status.write_text("\n".join(told) + "\n", encoding="utf-8")
    print("\n".join(told))
    if arguments.write:
        head = [f"# Situations that people report, {arguments.date}", "", *(__doc__ or "").strip().splitlines(), ""]
        path = arguments.write / f"{arguments.date}-situations.md"
        path.write_text("\n".join([*head, *told]) + "\n", encoding="utf-8")
    return int(any(not one.good for one in answers))


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, metavar="FOLDER")
    parser.add_argument("--only", default="", help="only scripts whose name contains this word")
    parser.add_argument("--steps", type=int, default=20, help="losses to compare")
    parser.add_argument("--at-once", type=int, default=1, help="scripts at a time")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for each process")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir(), "fidelity"), help="what is kept")
    parser.add_argument("--keep", action="store_true", help="measure no script again that sweeper has probed")
    parser.add_argument("--status", type=Path, help="write the table to this file as well")
    parser.add_argument("--write", type=Path, help="folder for the dated result")
    parser.add_argument("--date", default=time.strftime("%Y-%m-%d"), help="date in its name")
    return parser.parse_args()


def situations(folder: Path) -> Iterator[Situation]:
    """The situations of a manifest, in its order."""
    entries = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))["script"]
    for entry in entries:
        script = Script(
            file=entry["file"],
            args=tuple(entry.get("args", ())),
            env=entry.get("env", {}),
            requires=tuple(entry.get("requires", ())),
            before=tuple(entry.get("before", ())),
        )
        if not script.missing():
            yield Situation(
                script=script,
                right=entry["right"],
                need=entry.get("need", "same"),
                says=entry.get("says", ""),
                strict=entry.get("strict", False),
                names=entry.get("names", ""),
                never=entry.get("never", ""),
                own_rate=entry.get("own_rate"),
                fit=entry.get("fit", ""),
                options=tuple(entry.get("options", ())),
            )


def answer(situation: Situation, limits: Limits, arguments: argparse.Namespace) -> Answer:
    """Measures one situation and judges the answer."""
    folder, script = arguments.folder.resolve(), situation.script
    kept = arguments.work / folder.name / "probes" / f"{slug(script)}.json"
    limits = replace(limits, options=situation.options)
    switches = {"fit": situation.fit} if situation.fit else {}
    truths = arguments.work / folder.name / "truths"
    result = measure(script, folder, limits, truths, kept, keep=arguments.keep, switches=switches, seeded=True)
    if result.standing is Standing.NO_TRUTH and situation.need == "refused":
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(probed(script, folder, ANY_RATE, limits)), encoding="utf-8")
    shown = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    good, words = judged(situation, result, shown)
    print(f"{'ok' if good else 'WRONG':6} {script.file}: {words}", flush=True)
    return Answer(situation=situation, good=good, words=words)


def judged(situation: Situation, result: Compared, shown: dict[str, Any]) -> tuple[bool, str]:
    """Whether an answer is right, and the answer in words."""
    texts = [f"{what}: {detail}" for what, detail in shown.get("changes", [])]
    texts += [f"{code}: {text}" for code, text in shown.get("findings", [])]
    found = [text for text in texts if situation.says and re.search(situation.says, text, re.IGNORECASE)]
    if untrue := [text for text in texts if situation.never and re.search(situation.never, text)]:
        return False, f"not so: {_cut(untrue[0])}"
    if situation.names and not any(re.search(situation.names, text) for text in texts):
        return False, f"nothing said that matches {situation.names}"
    if situation.need == "refused":
        return bool(found) and not shown.get("losses"), _cut(found[0] if found else "a map, or another reason")
    if result.standing in (Standing.NO_TRUTH, Standing.REFUSED):
        return False, f"{result.standing}: {_cut(result.note)}"
    good, words = _trained(situation, result, found, texts, whole_batches(shown.get("job")))
    rate = ((shown.get("job") or {}).get("optimizer") or {}).get("learning_rate")
    if good and situation.own_rate is not None and not _is_rate(rate, situation.own_rate, found):
        return False, f"{words}; own rate {rate} in place of {situation.own_rate:g}"
    return good, words


def _trained(
    situation: Situation, result: Compared, found: list[str], texts: list[str], whole: int
) -> tuple[bool, str]:
    """Whether the losses, or what is said of them, are right; held-out samples explain nothing up to step `whole`."""
    if result.standing in (Standing.SAME, Standing.RANDOM):
        return True, f"{result.standing}{_of(result)}"
    if result.standing is Standing.CONSTANT:
        said = [text for text in texts if re.search(situation.says or RATE_SAID, text, re.IGNORECASE)]
        return bool(said), f"{result.standing}{_of(result)}; {_cut(said[0]) if said else 'not said'}"
    against = result.constant if result.constant is not None and result.constant.level else result.own
    level = "same level" if against.level else "other level"
    gap = f"differs from step {against.first} ({against.largest:.2g} at most), {level}"
    late = against.first is not None and against.first > whole > 0
    general = ALWAYS_SAID if late else "" if situation.strict else BATCHES_SAID
    found = found or [text for text in texts if against.level and general and re.search(general, text, re.IGNORECASE)]
    if not found:
        return False, f"{gap}, nothing said of it"
    return against.level or situation.need == "said", f"{gap}; said: {_cut(found[0])}"


def _of(result: Compared) -> str:
    return f" ({result.series})" if result.series not in ("", "loss") else ""


def _is_rate(rate: float | None, expected: float, found: list[str]) -> bool:
    """Whether the right rate is given, or none with the reason stated."""
    return abs(rate - expected) <= NEAR * expected if rate is not None else bool(found)


def _cut(text: str, most: int = 170) -> str:
    text = " ".join(text.split()).replace("|", "/")
    return text if len(text) <= most else text[: most - 3] + "..."


def report(answers: list[Answer], folder: Path) -> list[str]:
    """The table in Markdown, wrong answers first."""
    wrong = sum(not one.good for one in answers)
    lines = [f"{len(answers) - wrong} of {len(answers)} answers are right.", ""]
    lines += ["| | script | situation | right | answer |", "| --- | --- | --- | --- | --- |"]
    for one in sorted(answers, key=lambda one: (one.good, one.situation.script.file)):
        about = _cut(_docstring(folder / one.situation.script.file), 300)
        mark = "right" if one.good else "WRONG"
        lines.append(f"| {mark} | {one.situation.script.file} | {about} | {one.situation.right} | {one.words} |")
    return lines


def _docstring(file: Path) -> str:
    return file.read_text(encoding="utf-8").split('"""')[1]


if __name__ == "__main__":
    sys.exit(main())
