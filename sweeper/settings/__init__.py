"""Settings: the options of a run, and how their values are written.

`_settings.py` has the settings, the files beside it the forms of their values.

>>> Settings(target="train.py", batch_sizes=(SCRIPT_BATCH_SIZE, 64)).length
Length(steps=200, epochs=None, seconds=None)
"""

from sweeper.settings._choices import AUTO as AUTO
from sweeper.settings._choices import SCRIPT_BATCH_SIZE as SCRIPT_BATCH_SIZE
from sweeper.settings._choices import BatchSearch as BatchSearch
from sweeper.settings._choices import BatchSize as BatchSize
from sweeper.settings._choices import EarlierFits as EarlierFits
from sweeper.settings._choices import FailOn as FailOn
from sweeper.settings._choices import RateRange as RateRange
from sweeper.settings._choices import Search as Search
from sweeper.settings._optimizers import make_choice as make_choice
from sweeper.settings._optimizers import parse_labels as parse_labels
from sweeper.settings._rates import format_rate as format_rate
from sweeper.settings._setting import Form as Form
from sweeper.settings._setting import Setting as Setting
from sweeper.settings._setting import Topic as Topic
from sweeper.settings._settings import DEFAULT_STEPS as DEFAULT_STEPS
from sweeper.settings._settings import Length as Length
from sweeper.settings._settings import Settings as Settings
from sweeper.settings._words import did_you_mean as did_you_mean

__all__ = [
    "AUTO",
    "DEFAULT_STEPS",
    "SCRIPT_BATCH_SIZE",
    "BatchSearch",
    "BatchSize",
    "EarlierFits",
    "FailOn",
    "Form",
    "Length",
    "RateRange",
    "Search",
    "Setting",
    "Settings",
    "Topic",
    "did_you_mean",
    "format_rate",
    "make_choice",
    "parse_labels",
]
