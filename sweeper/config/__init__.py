"""Configuration: from files, environment and options to `Settings`.

Each key is declared once (`KEYS`); files, environment variables, options, `sweeper init` and the documentation
follow from that. Its text syntax is the same everywhere.

>>> from pathlib import Path
>>> resolved = load_settings({"target": "train.py", "lr": "1e-4,1e-3"}, environ={}, cwd=Path("/"))
>>> resolved.settings.learning_rates
(0.0001, 0.001)
"""

from sweeper.config._key import Key as Key
from sweeper.config._key import Topic as Topic
from sweeper.config._keys import KEYS as KEYS
from sweeper.config._optimizers import format_optimizers as format_optimizers
from sweeper.config._optimizers import make_choice as make_choice
from sweeper.config._optimizers import parse_optimizers as parse_optimizers
from sweeper.config._quantities import format_batch_sizes as format_batch_sizes
from sweeper.config._quantities import format_bytes as format_bytes
from sweeper.config._quantities import format_seconds as format_seconds
from sweeper.config._quantities import parse_batch_sizes as parse_batch_sizes
from sweeper.config._quantities import parse_bytes as parse_bytes
from sweeper.config._quantities import parse_seconds as parse_seconds
from sweeper.config._rates import format_rate as format_rate
from sweeper.config._rates import format_rates as format_rates
from sweeper.config._rates import parse_rates as parse_rates
from sweeper.config._resolve import Origin as Origin
from sweeper.config._resolve import Resolved as Resolved
from sweeper.config._resolve import load_settings as load_settings
from sweeper.config._sources import CONFIG_VARIABLE as CONFIG_VARIABLE
from sweeper.config._sources import FILE_NAME as FILE_NAME
from sweeper.config._template import config_template as config_template
from sweeper.config._texts import parse_fail_on as parse_fail_on

__all__ = [
    "CONFIG_VARIABLE",
    "FILE_NAME",
    "KEYS",
    "Key",
    "Origin",
    "Resolved",
    "Topic",
    "config_template",
    "format_batch_sizes",
    "format_bytes",
    "format_optimizers",
    "format_rate",
    "format_rates",
    "format_seconds",
    "load_settings",
    "make_choice",
    "parse_batch_sizes",
    "parse_bytes",
    "parse_fail_on",
    "parse_optimizers",
    "parse_rates",
    "parse_seconds",
]
