from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

from sweeper.results import SCHEMA_VERSION, Chance, Change, results_schema, results_tables

SCHEMA = results_schema()
DOCS = (Path(__file__).parents[2] / "docs" / "results.md").read_text()


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_is_of_the_version_that_is_written():
    assert SCHEMA["properties"]["schema"]["const"] == SCHEMA_VERSION


def test_every_key_is_required_and_described():
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        assert part["required"] == list(part["properties"])
        assert part["additionalProperties"] is False
        assert all(value["description"] for value in part["properties"].values())


@pytest.mark.parametrize(
    ("part", "key", "said"),
    [
        ("environment", "state", {"type": "string", "enum": ["complete", "incomplete", "interrupted", "failed"]}),
        ("cell", "failed", {"enum": ["completed", "oom", "crashed", "timeout", "error", "cancelled", None]}),
        ("cell", "diverges", {"anyOf": [{"$ref": "#/$defs/chance"}, {"type": "null"}]}),
        ("row", "cells", {"type": "array", "items": {"$ref": "#/$defs/cell"}}),
        ("row", "batch_size", {"type": "integer", "minimum": 1}),
        ("row", "noise", {"type": ["number", "null"]}),
        ("trial", "peak_bytes", {"type": ["integer", "null"], "minimum": 0}),
        ("space", "learning_rates", {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}}),
        (
            "optimizer",
            "options",
            {"type": "object", "additionalProperties": {"type": ["number", "boolean", "string", "null"]}},
        ),
    ],
)
def test_a_key_has_its_type(part, key, said):
    found = dict(SCHEMA["$defs"][part]["properties"][key])
    del found["description"]
    assert found == said


def test_a_probe_by_itself_is_not_called_unreliable():
    assert "unreliable" in SCHEMA["$defs"]["cell"]["properties"]["label"]["enum"]
    assert "unreliable" not in SCHEMA["$defs"]["probe"]["properties"]["label"]["enum"]


def test_the_tables_of_the_docs_are_what_the_models_say():
    _, heading, below = DOCS.partition("## The document\n")
    assert heading + below == results_tables(), "python scripts/docs_tables.py writes them again"


def test_parts_are_frozen_and_know_only_their_fields():
    change = Change.model_validate({"what": "epochs", "detail": "fewer", "of a newer version": 1})
    assert change.model_dump() == {"what": "epochs", "detail": "fewer"}
    with pytest.raises(ValidationError, match="frozen"):
        change.what = "more"


def test_a_number_that_is_not_finite_is_null():
    chance = Chance(probability=float("nan"), low=0.0, high=float("inf"))
    assert chance.model_dump(mode="json") == {"probability": None, "low": 0.0, "high": None}
