"""Commands with placeholders: split into words first, then filled word by word, so that no value is ever split.

No shell is involved: quotes group words as in a shell, and `$HOME`, `*`, `|` and `>` stand for themselves.

>>> parse_template("python train.py --lr {learning_rate} --name 'run {seed}'").filled(
...     {"learning_rate": 1e-05, "seed": 0}
... )
('python', 'train.py', '--lr', '1.0e-05', '--name', 'run 0')
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sweeper.errors import UsageError

Value: TypeAlias = float | int | str

RATE, BATCH_SIZE, OPTIMIZER, SEED, STEPS = "learning_rate", "batch_size", "optimizer", "seed", "steps"
PLACEHOLDERS = (RATE, BATCH_SIZE, OPTIMIZER, SEED, STEPS)
"""What a command may contain in braces."""
_PART = re.compile(r"\{\{|\}\}|\{(?P<name>[A-Za-z_][A-Za-z_0-9]*)(?::(?P<format>[^{}]*))?\}|[{}]")
_EXAMPLES: dict[str, Value] = {RATE: 0.001, BATCH_SIZE: 32, OPTIMIZER: "sgd", SEED: 0, STEPS: 100}


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text or command whose placeholders are known to be right."""

    words: tuple[str, ...]

    @property
    def placeholders(self) -> frozenset[str]:
        """The placeholders that are in it."""
        return frozenset(match["name"] for word in self.words for match in _PART.finditer(word) if match["name"])

    def filled(self, values: Mapping[str, Value]) -> tuple[str, ...]:
        """The words with the values in place of the placeholders."""
        return tuple(_filled(word, values) for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What `--command`, `--curve` and `--column` say: the program of a probe, and where its curve is."""

    text: str
    """As the user wrote it."""
    template: Template
    curve: Template | None = None
    """Path of the file or folder with the curve; None where the program reports it."""
    column: str | None = None
    """Name of the loss in that file; None where its name says that it is one."""

    def varies(self, placeholder: str) -> bool:
        """Whether the command has a placeholder."""
        return placeholder in self.template.placeholders

    @property
    def curves_apart(self) -> bool:
        """Whether no two probes write their curve to the same file, so that they may run at the same time."""
        needed = self.template.placeholders - {STEPS}
        return self.curve is None or needed <= self.curve.placeholders


def parse_template(text: str, *, option: str = "--command") -> Template:
    """The words of a command.

    Raises `UsageError` where quotes do not match, or for a placeholder that there is not; the message lists all.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r}: {error}. Quotes come in pairs, as in a shell") from None
    if not words:
        raise UsageError(f"{option}: it is empty. Give a program with its arguments: python train.py --lr {{{RATE}}}")
    for word in words:
        _check(word, option)
    return Template(words=tuple(words))


def parse_path(text: str, *, option: str) -> Template:
    """A path with placeholders, as one word."""
    _check(text, option)
    return Template(words=(text,))


def rate_text(rate: float) -> str:
    """A rate as programs read it: always with a point, since YAML takes 1e-05 for a text and 10 for a whole number."""
    digits, e, exponent = repr(float(rate)).partition("e")
    return f"{digits if '.' in digits else digits + '.0'}{e}{exponent}"


def _check(word: str, option: str) -> None:
    for match in _PART.finditer(word):
        name = match["name"]
        if name in PLACEHOLDERS:
            _check_format(match, option)
        elif match[0] not in {"{{", "}}"}:
            allowed = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            what = f"unknown placeholder {match[0]}" if name else f"a single {match[0]}"
            raise UsageError(
                f"{option}: {what} in {word!r}. Allowed: {allowed}; a brace itself is written {{{{ or }}}}"
            )


def _check_format(match: re.Match[str], option: str) -> None:
    try:
        _value_text(match, _EXAMPLES)
    except ValueError as error:
        raise UsageError(f"{option}: {match[0]}: {error}. A format is written as in Python: {{{RATE}:.8f}}") from None


def _filled(word: str, values: Mapping[str, Value]) -> str:
    return _PART.sub(lambda match: _value_text(match, values) if match["name"] else match[0][0], word)


def _value_text(match: re.Match[str], values: Mapping[str, Value]) -> str:
    value = values[match["name"]]
    if match["format"]:
        return format(value, match["format"])
    return rate_text(value) if isinstance(value, float) else str(value)
