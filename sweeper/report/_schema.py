"""The JSON schema of the results document, as it is shipped."""

import json
from importlib.resources import files
from typing import Any


def results_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) that every results document of this version satisfies."""
    schema: dict[str, Any] = json.loads(files("sweeper.report").joinpath("results.schema.json").read_bytes())
    return schema
