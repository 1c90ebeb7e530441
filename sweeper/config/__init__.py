"""Configuration: from files, environment and options to `Settings`.

Each field of `Settings` says everything about itself. `KEYS` follow from the fields; files, environment variables,
options, `sweeper init` and the documentation follow from the keys. The text of a value is the same everywhere.

>>> from pathlib import Path
>>> resolved = load_settings({"target": "train.py", "lr": "1e-4,1e-3"}, environ={}, cwd=Path("/"))
>>> resolved.settings.learning_rates
(0.0001, 0.001)
"""

from sweeper.config._keys import KEYS as KEYS
from sweeper.config._keys import Key as Key
from sweeper.config._keys import config_template as config_template
from sweeper.config._keys import key_tables as key_tables
from sweeper.config._load import FILE_NAME as FILE_NAME
from sweeper.config._load import Origin as Origin
from sweeper.config._load import Resolved as Resolved
from sweeper.config._load import load_settings as load_settings
from sweeper.config._verbs import BATCH as BATCH
from sweeper.config._verbs import LR as LR
from sweeper.config._verbs import PROBE as PROBE
from sweeper.config._verbs import Verb as Verb

__all__ = [
    "BATCH",
    "FILE_NAME",
    "KEYS",
    "LR",
    "PROBE",
    "Key",
    "Origin",
    "Resolved",
    "Verb",
    "config_template",
    "key_tables",
    "load_settings",
]
