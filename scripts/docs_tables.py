"""Writes the tables of docs/config.md, results.md and verdicts.md from the code: `python scripts/docs_tables.py`."""

from pathlib import Path

from sweeper.classify import CourseThresholds, VerdictThresholds
from sweeper.config import key_tables
from sweeper.recommend import FollowUpThresholds, RangeThresholds
from sweeper.results import results_tables
from sweeper.thresholds import ThresholdSet, described

DOCS = Path(__file__).parents[1] / "docs"
THRESHOLDS: dict[str, ThresholdSet] = {
    "Verdicts": VerdictThresholds(),
    "Logs of other programs": CourseThresholds(),
    "Safe ranges and recommendation": RangeThresholds(),
    "What follows the map": FollowUpThresholds(),
}
"""The numbers that rules decide by, under the headings of docs/verdicts.md."""


def main() -> None:
    """Replaces everything below the last words that are written by hand."""
    replace_from("config.md", "## Keys\n\n", "## Keys\n\n" + key_tables())
    replace_from("results.md", "## The document\n\n", results_tables())
    replace_from("verdicts.md", "### Verdicts\n\n", threshold_tables())


def threshold_tables() -> str:
    """A table of numbers for each part of the rules, as Markdown."""
    return "\n".join(f"### {title}\n\n{table(numbers)}" for title, numbers in THRESHOLDS.items())


def table(numbers: ThresholdSet) -> str:
    """Name, value, unit and reason of each number of a set, as Markdown."""
    rows = [f"| `{item.name}` | {item.value:g} | {item.unit} | {item.reason} |" for item in described(numbers)]
    return "\n".join(["| name | value | unit | reason |", "| --- | --- | --- | --- |", *rows, ""])


def replace_from(name: str, heading: str, text: str) -> None:
    """Replaces a heading in a file of docs and all below it."""
    file = DOCS / name
    above, _, _ = file.read_text(encoding="utf-8").partition(heading)
    file.write_text(above + text, encoding="utf-8")


if __name__ == "__main__":
    main()
