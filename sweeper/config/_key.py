"""What is declared about each key of the configuration, once for files, environment, options and documentation."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Topic(StrEnum):
    """Headings under which keys are listed."""

    TARGET = "What is trained"
    AXES = "What is tried"
    AFTER = "What follows the map"
    MEMORY = "Batch size and memory"
    MACHINE = "Where it runs"
    RECORD = "What is kept"
    GATE = "Exit status"
    FINDINGS = "Findings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of the configuration."""

    name: str
    """In files; `batch_size` is also the option `--batch-size` and the variable `SWEEPER_BATCH_SIZE`."""
    field: str
    """The field of `Settings` that it sets; keys with the same field exclude each other."""
    topic: Topic
    parse: Callable[[object], Any]
    """From text or TOML to the field's value; raises `ValueError` with a message for the person."""
    show: Callable[[Any], str] = str
    """From the field's value to text that `parse` reads."""
    metavar: str
    """Form of the value, such as `RATES`."""
    help: str
    """One or two sentences, without the default."""
    default: str
    """What happens without the key, in words or as text."""
    example: str
    """A TOML value."""
    repeatable: bool = False
    """Whether the option may be given several times."""
    is_flag: bool = False
    """Whether its option stands alone, without a value; in files it is true or false."""
    is_option: bool = True
    """Whether there is an option of this name; the target and its arguments are not options."""
    also: tuple[str, ...] = ()
    """Other names that people try first; only used to suggest this one."""

    @property
    def option(self) -> str:
        """The command-line option."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"SWEEPER_{self.name.upper()}"
