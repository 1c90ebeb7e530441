"""The commented config file that `sweeper init` writes."""

import textwrap
from itertools import groupby

from sweeper.config._key import Key
from sweeper.config._keys import KEYS

_WIDTH = 100

_HEAD = """\
# Configuration of sweeper. Every key is optional; remove the # in front of the ones that you need.
# It is read from the folder in which sweeper is started; paths are relative to that folder.
# Stronger than this file: variables such as SWEEPER_LR, and options such as --lr.
# Weaker: [tool.sweeper] in pyproject.toml, with the same keys.
"""


def config_template() -> str:
    """The text of a sweeper.toml in which every key is explained and commented out."""
    sections = [
        "\n\n".join([f"## {topic}", *(_entry(key) for key in keys)])
        for topic, keys in groupby(KEYS, key=lambda key: key.topic)
    ]
    return "\n\n".join([_HEAD.rstrip(), *sections]) + "\n"


def _entry(key: Key) -> str:
    text = f"{key.help} Default: {key.default}."
    comment = textwrap.fill(text, width=_WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    return f"{comment}\n# {key.name} = {key.example}"
