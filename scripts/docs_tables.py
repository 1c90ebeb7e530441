"""Writes the tables of docs/config.md again from the settings: `python scripts/docs_tables.py`."""

from pathlib import Path

from sweeper.config import key_tables

CONFIG = Path(__file__).parents[1] / "docs" / "config.md"
HEADING = "## Keys\n\n"


def main() -> None:
    """Replaces everything below the heading."""
    above, heading, _ = CONFIG.read_text(encoding="utf-8").partition(HEADING)
    CONFIG.write_text(above + heading + key_tables(), encoding="utf-8")


if __name__ == "__main__":
    main()
