"""Every key of the configuration."""

from sweeper.config._keys_how import MACHINE_KEYS, MEMORY_KEYS, RECORD_KEYS
from sweeper.config._keys_what import AXIS_KEYS, FOLLOWING_KEYS, TARGET_KEYS

KEYS = TARGET_KEYS + AXIS_KEYS + FOLLOWING_KEYS + MEMORY_KEYS + MACHINE_KEYS + RECORD_KEYS
"""In the order in which they are listed everywhere."""
