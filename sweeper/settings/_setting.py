"""The description of a field of `Settings`, for files, environment, options and documentation."""

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sweeper.settings._words import unknown

_Value = TypeVar("_Value")
_Word = TypeVar("_Word", bound=str)


class Topic(StrEnum):
    """Headings under which settings are listed."""

    TARGET = "What is trained"
    AXES = "What is tried"
    AFTER = "What follows the map"
    MEMORY = "Batch size and memory"
    MACHINE = "Where it runs"
    RECORD = "What is kept"
    GATE = "Exit status"
    FINDINGS = "Findings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form(Generic[_Value]):
    """A way to write values: as text, which is the same everywhere, or as a TOML value."""

    metavar: str
    """Short form of a value for help, such as `RATES`."""
    parse: Callable[[object], _Value]
    """Function from text or TOML to the value; raises `ValueError` with a message for the user."""
    show: Callable[[_Value], str] = str
    """Function from the value to text that `parse` reads."""
    repeatable: bool = False
    """Whether an option may be given several times."""
    is_flag: bool = False
    """Whether an option stands alone, without a value; in files it is true or false."""


def one_of(what: str, words: Iterable[_Word], *, metavar: str = "") -> Form[_Word]:
    """The form of a closed choice of words; `what` names it in messages, and the metavar lists them by default."""
    allowed = {str(word): word for word in words}

    def parse(value: object) -> _Word:
        if value not in list(allowed):
            raise ValueError(unknown(what, str(value), allowed))
        return allowed[str(value)]

    return Form(metavar=metavar or "|".join(allowed), parse=parse)


@dataclass(frozen=True, slots=True)
class Setting:
    """How a field of `Settings` can be set; part of the field's annotation."""

    form: Form[Any]
    example: str
    """An example, as a TOML value."""
    _: KW_ONLY
    name: str = ""
    """The key in files, where it differs from the name of the field."""
    topic: Topic | None = None
    """The heading of this setting and of those after it, up to one that has a heading of its own."""
    unset: str = ""
    """What happens without the setting, in words, where its default is no value to show."""
    is_option: bool = True
    """Whether there is an option of this name; the target and its arguments are not options."""
    also: str = ""
    """Other names that people try first, separated by spaces; only used to suggest this one."""
