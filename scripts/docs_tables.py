"""Writes the tables of docs/config.md and docs/results.md from the code: `python scripts/docs_tables.py`."""

from pathlib import Path

from sweeper.config import key_tables
from sweeper.results import results_tables

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """Replaces everything below the last words that are written by hand."""
    replace_from("config.md", "## Keys\n\n", "## Keys\n\n" + key_tables())
    replace_from("results.md", "## The document\n\n", results_tables())


def replace_from(name: str, heading: str, text: str) -> None:
    """Replaces a heading in a file of docs and all below it."""
    file = DOCS / name
    above, _, _ = file.read_text(encoding="utf-8").partition(heading)
    file.write_text(above + text, encoding="utf-8")


if __name__ == "__main__":
    main()
