from pathlib import Path

import jsonschema
import pytest

from sweeper.memory import Goal, MemoryKind, Stage
from sweeper.probe import OutcomeKind
from sweeper.ranges import EdgeKind, Standing
from sweeper.report import SCHEMA_VERSION, results_schema
from sweeper.run import RunState
from sweeper.verdict import Label

SCHEMA = results_schema()
DOCS = (Path(__file__).parents[2] / "docs" / "results.md").read_text()
OBJECTS = {"the document": SCHEMA, **SCHEMA["$defs"]}


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_is_of_the_version_that_is_written():
    assert SCHEMA["properties"]["schema"]["const"] == SCHEMA_VERSION


def test_choices_are_those_of_the_code():
    definitions = SCHEMA["$defs"]
    probe = definitions["probe"]["properties"]
    assert probe["outcome"]["enum"] == list(OutcomeKind)
    assert set(probe["verdict"]["enum"]) == {*Label, None}
    assert set(definitions["cell"]["properties"]["verdict"]["enum"]) == {*Label, None}
    assert definitions["edge"]["properties"]["kind"]["enum"] == list(EdgeKind)
    assert definitions["script"]["properties"]["standing"]["enum"] == list(Standing)
    assert definitions["environment"]["properties"]["state"]["enum"] == list(RunState)
    trial = definitions["trial"]["properties"]
    assert trial["goal"]["enum"] == list(Goal)
    assert trial["stage"]["enum"] == list(Stage)
    assert trial["outcome"]["enum"] == list(OutcomeKind)
    assert definitions["memory"]["properties"]["limit_kind"]["enum"] == list(MemoryKind)


@pytest.mark.parametrize("name", OBJECTS)
def test_docs_explain_every_key_in_the_words_of_the_schema(name):
    section = DOCS.split(f"\n## {name[0].upper() + name[1:] if ' ' in name else name}\n")[-1]
    section = DOCS.split("## The document")[1] if " " in name else section
    for key, described in OBJECTS[name]["properties"].items():
        row = next(line for line in section.splitlines() if line.startswith(f"| `{key}` |"))
        assert row.endswith(f"| {described['description']} |")
