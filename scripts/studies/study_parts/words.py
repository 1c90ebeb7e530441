"""Tables and the command line of studies."""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sweeper.verdict import Label

OUTCOMES = ("diverged", "stalled", "progressed")


def share(part: int, whole: int) -> str:
    """A share as text; a dash when there is nothing to share."""
    return f"{part / whole:.3f}" if whole else "-"


def rates(pairs: Iterable[tuple[bool, bool]]) -> tuple[str, str]:
    """Recall and precision as text, from pairs of said and true."""
    counts = Counter(pairs)
    hits = counts[True, True]
    return share(hits, hits + counts[False, True]), share(hits, hits + counts[True, False])


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines] + [""]


def confusion(said: Sequence[tuple[Label, str]]) -> list[str]:
    """The confusion matrix of pairs of verdict and outcome, with recall and precision by outcome."""
    counts = Counter((verdict_class(label), outcome) for label, outcome in said)
    rows = []
    for name in (*OUTCOMES, "inconclusive"):
        pairs = ((verdict_class(label) == name, outcome == name) for label, outcome in said)
        scores = rates(pairs) if name in OUTCOMES else (share(sum(counts[name, o] for o in OUTCOMES), len(said)), "")
        rows.append([name, *(counts[name, outcome] for outcome in OUTCOMES), *scores])
    return table(["verdict", *(f"ended {outcome}" for outcome in OUTCOMES), "recall (or share)", "precision"], rows)


def verdict_class(label: Label) -> str:
    """The outcome that a label stands for."""
    return "progressed" if label in {Label.HEALTHY, Label.OVERFIT} else label.value


Study = Callable[[argparse.Namespace], list[str]]
"""From the folders that were named to lines of Markdown."""


def run(study: Study, *, doc: str | None, folders: Sequence[str], name: str, title: str) -> None:
    """Prints a study and writes it when asked to: the command line of studies. Each of `folders` is an option."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    for folder in folders:
        parser.add_argument(f"--{folder}", type=Path, metavar="FOLDER")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help=f"also write FOLDER/DATE-{name}.md")
    parser.add_argument("--date", default=time.strftime("%Y-%m-%d"))
    options = parser.parse_args()
    if all(getattr(options, folder) is None for folder in folders):
        parser.error(f"nothing to study: give {' or '.join(f'--{folder} FOLDER' for folder in folders)}")
    lines = study(options)
    print("\n".join(lines))
    if options.write is not None:
        options.write.mkdir(parents=True, exist_ok=True)
        head = [f"# {title}, {options.date}", ""]
        (options.write / f"{options.date}-{name}.md").write_text("\n".join([*head, *lines]), encoding="utf-8")
