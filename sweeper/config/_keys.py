"""The keys of the configuration, from the fields of `Settings`, with the config file and tables that list them."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import groupby, pairwise
from typing import Any, get_type_hints

from sweeper.settings import Form, Settings, Topic

_WIDTH = 100

_HEAD = """\
# Configuration of sweeper. Every key is optional; remove the # in front of the ones that you need.
# It is read from the folder in which sweeper is started; paths are relative to that folder.
# Stronger than this file: variables such as SWEEPER_LR, and options such as --lr.
# Weaker: [tool.sweeper] in pyproject.toml, with the same keys.
"""
_COLUMNS = ("key", "option", "meaning", "default", "example")
_INSTEAD_OF_OPTION = {"target": "argument", "script_args": "behind `--`"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key of the configuration."""

    name: str
    """Its name in files; `batch_size` is also the option `--batch-size` and the variable `SWEEPER_BATCH_SIZE`."""
    field: str
    """The field of `Settings` that it sets; keys with the same field exclude each other."""
    topic: Topic
    form: Form[Any]
    help: str
    """One or two sentences, without the default."""
    default: str
    """What happens without the key, in words or as text."""
    example: str
    """A TOML value."""
    is_option: bool
    """Whether there is an option of this name; the target and its arguments are not options."""
    also: tuple[str, ...]
    """Other names that people try first; only used to suggest this one."""

    @property
    def option(self) -> str:
        """The command-line option for the key."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable for the key."""
        return f"SWEEPER_{self.name.upper()}"


def config_template() -> str:
    """The text of a sweeper.toml in which every key is explained and commented out."""
    sections = [
        "\n\n".join([f"## {topic}", *map(_entry, keys)]) for topic, keys in groupby(KEYS, key=lambda key: key.topic)
    ]
    return "\n\n".join([_HEAD.rstrip(), *sections]) + "\n"


def _entry(key: Key) -> str:
    text = f"{key.help} Default: {key.default}."
    comment = textwrap.fill(text, width=_WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    return f"{comment}\n# {key.name} = {key.example}"


def key_tables() -> str:
    """The tables of docs/config.md, one for each topic."""
    head = [_row(_COLUMNS), _row(["---"] * len(_COLUMNS))]
    sections = [
        "\n".join([f"### {topic}", "", *head, *map(_key_row, keys)])
        for topic, keys in groupby(KEYS, key=lambda key: key.topic)
    ]
    return "\n\n".join(sections) + "\n"


def _key_row(key: Key) -> str:
    option = f"`{key.option}`" if key.is_option else _INSTEAD_OF_OPTION[key.name]
    return _row([f"`{key.name}`", option, key.help, key.default, f"`{key.example}`"])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _keys_of(owner: Any, topic: Topic) -> Iterator[Key]:
    """The keys for the fields of a class of settings; a topic holds until a field names another."""
    helps, types = _first_paragraphs(owner), get_type_hints(owner, include_extras=True)
    for field in fields(owner):
        kind = types[field.name]
        if is_dataclass(kind):
            yield from (_within(field.name, kind, part) for part in _keys_of(kind, topic))
            continue
        (setting,) = kind.__metadata__
        topic = setting.topic or topic
        yield Key(
            name=setting.name or field.name,
            field=field.name,
            topic=topic,
            form=setting.form,
            help=helps.get(field.name, ""),
            default=setting.unset or setting.form.show(field.default),
            example=setting.example,
            is_option=setting.is_option,
            also=tuple(setting.also.split()),
        )


def _within(field: str, kind: Any, part: Key) -> Key:
    """The key for a field of a value that is itself a field of `Settings`, such as the steps of its length."""
    form = replace(
        part.form,
        parse=lambda value: kind(**{part.field: part.form.parse(value)}),
        show=lambda value: part.form.show(getattr(value, part.field)),
    )
    return replace(part, field=field, form=form)


def _first_paragraphs(owner: Any) -> dict[str, str]:
    """The first paragraph of each field's docstring, from the source of a class; empty without source files."""
    try:
        module = ast.parse(inspect.getsource(sys.modules[owner.__module__]))
    except OSError:
        return {}
    body = next(node.body for node in module.body if isinstance(node, ast.ClassDef) and node.name == owner.__name__)
    return {
        ast.unparse(field.target): " ".join(ast.literal_eval(text.value).partition("\n\n")[0].split())
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr)
    }


KEYS = tuple(_keys_of(Settings, Topic.TARGET))
"""In the order in which they are listed everywhere."""
