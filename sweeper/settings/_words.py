"""Lists in text, and messages about unknown words."""

import difflib
import re
from collections.abc import Iterable, Mapping

_SEPARATORS = re.compile(r"""("(?:[^"\\]|\\.)*")|([(),])""")


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that is spelled most like `word`; None when none is similar."""
    spelled = {other.lower(): other for other in allowed}
    return next((spelled[near] for near in difflib.get_close_matches(word.lower(), spelled, n=1)), None)


def did_you_mean(word: str, suggestions: Mapping[str, str]) -> str:
    """A question to append to a message, "Did you mean ...?"; empty when no word is similar."""
    near = nearest(word, suggestions)
    return f" Did you mean {suggestions[near]!r}?" if near else ""


def unknown(what: str, word: str, allowed: Iterable[str]) -> str:
    """The message that `word` is not allowed, with the most similar allowed word and all of them."""
    words = list(allowed)
    hint = did_you_mean(word, {known: known for known in words})
    return f"unknown {what} {word!r}.{hint} Allowed: {', '.join(words)}"


def split_items(text: str) -> tuple[str, ...]:
    """The parts of a comma-separated list; commas inside parentheses or double quotes do not separate.

    Raises `ValueError` for an empty part and for parentheses that do not match.
    """
    parts, depth, start = [], 0, 0
    for match in _SEPARATORS.finditer(text):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if depth < 0:
            raise ValueError(f"{text!r} has a ')' without a '('")
        if match.group() == "," and depth == 0:
            parts.append(text[start : match.start()].strip())
            start = match.end()
    if depth:
        raise ValueError(f"{text!r} has a '(' without a ')'")
    parts.append(text[start:].strip())
    if "" in parts:
        raise ValueError(f"{text!r} has an empty item; separate the items by single commas")
    return tuple(parts)


def list_items(value: object) -> tuple[object, ...]:
    """The items of a list: of a comma-separated text, of a list of texts or values, or the value itself.

    Raises `ValueError` when there is none.
    """
    values = value if isinstance(value, list | tuple) else [value]
    items = [item for entry in values for item in (split_items(entry) if isinstance(entry, str) else (entry,))]
    if not items:
        raise ValueError("the list is empty; give at least one item or leave the key out")
    return tuple(items)
