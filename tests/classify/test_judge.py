"""No rule is forgotten: each that is written is asked."""

import importlib
import inspect
import pkgutil
from typing import get_type_hints

from sweeper import classify
from sweeper.classify._case import Case
from sweeper.classify._judge import NOTES, RULES
from sweeper.verdict import Evidence


def is_rule(function):
    hints = get_type_hints(function)
    takes = [hints.get(name) for name in inspect.signature(function).parameters]
    return takes == [Case] and hints.get("return") == Evidence | None


def rules_written():
    for found in pkgutil.iter_modules(classify.__path__, f"{classify.__name__}."):
        module = importlib.import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == found.name and not name.startswith("_") and is_rule(function):
                yield function


def test_every_rule_is_asked_once():
    asked = [*(rule for _, rule in RULES), *NOTES]
    written = list(rules_written())
    assert len(written) > 20
    assert sorted(f"{rule.__module__}.{rule.__name__}" for rule in asked) == sorted(
        f"{rule.__module__}.{rule.__name__}" for rule in written
    )
