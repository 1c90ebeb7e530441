"""What the documentation says of commands, options, keys and codes, against the code."""

import re
from pathlib import Path

import pytest

import sweeper
from sweeper.checks.diagnose import KINDS
from sweeper.cli._app import app
from sweeper.config import key_tables
from sweeper.errors import ExitStatus
from sweeper.optimizers import KNOWN_OPTIMIZERS
from sweeper.reporting import LOOKS
from sweeper.settings import FailOn
from sweeper.text import capital

DOCS = Path(__file__).parents[2] / "docs"
PACKAGE = Path(sweeper.__file__).parent
VERBS = [command.callback.__name__ for command in app.registered_commands]


def sections(name, level=2):
    """Text of each section of a document, by its title."""
    parts = re.split(rf"^{'#' * level} (.+)$", (DOCS / name).read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def options_of(verb):
    from typer.main import get_command

    return [name for parameter in get_command(app).commands[verb].params for name in parameter.opts if name[0] == "-"]


LIKE_PROBE = ("lr", "batch")
"""Verbs whose section says which options of `sweeper probe` they do not have."""


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in LIKE_PROBE])
def test_every_option_of_a_verb_is_in_its_section(verb):
    shared = {"-o", "-c", "-q"} if verb != "probe" else set()
    assert set(options_of(verb)) - shared <= named(sections("commands.md")[f"sweeper {verb}"])


@pytest.mark.parametrize("verb", LIKE_PROBE)
def test_a_section_names_what_a_verb_has_beside_the_options_of_probe_and_what_it_has_not(verb):
    own, _, missing = sections("commands.md")[f"sweeper {verb}"].partition("of `sweeper probe` except")
    assert set(options_of("probe")) - set(options_of(verb)) == named(missing)
    assert set(options_of(verb)) - set(options_of("probe")) <= named(own)


def named(text):
    return set(re.findall(r"(?<![\w-])-{1,2}[a-z][a-z-]*", text))


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_that_a_section_names_exists(verb):
    text = re.sub(r"(?s)```.*?```|behind `--`", "", sections("commands.md")[f"sweeper {verb}"])
    known = {option for other in VERBS for option in options_of(other)}
    assert set(re.findall(r"`(--[a-z][a-z-]*)", text)) <= known


def test_the_tables_of_keys_are_what_the_settings_say():
    written = (DOCS / "config.md").read_text().partition("## Keys\n\n")[2]
    assert written == key_tables(), "python scripts/docs_tables.py writes them again"


def test_every_optimizer_is_named():
    text = (DOCS / "config.md").read_text()
    assert [known.name for known in KNOWN_OPTIMIZERS if f"`{known.name}`" not in text] == []


def test_every_exit_status_condition_and_letter_is_explained():
    text = (DOCS / "commands.md").read_text()
    rows = re.findall(r"^\| `?([^`|]+?)`? \|", text, flags=re.MULTILINE)
    assert {str(int(status)) for status in ExitStatus} <= set(rows)
    assert {condition.value for condition in FailOn} <= set(rows)
    assert {look.glyph for look in LOOKS} <= set(rows)


def test_every_finding_has_a_section_under_its_title():
    titles = {code: re.match(r"\s*\*\*(.+?)\.?\*\*", text)[1] for code, text in sections("findings.md").items()}
    assert titles == {kind.code: title_of(kind, titles) for kind in KINDS}


def title_of(kind, titles):
    """The title of a finding as a section shows it: names such as `from_logits` begin a sentence as they are."""
    return kind.title if titles.get(kind.code) == kind.title else capital(kind.title)


def test_no_two_findings_share_a_code_and_every_one_is_in_the_catalogue():
    made = {found for path in PACKAGE.rglob("*.py") for found in re.findall(r'"(SW\d{3})"', path.read_text())}
    assert [kind.code for kind in KINDS] == sorted(made)


def test_a_finding_section_says_how_it_is_seen_what_it_means_and_what_to_do():
    for title, text in sections("findings.md").items():
        assert all(part in text for part in ("Seen how:", "What it means:", "What to do:")), title
