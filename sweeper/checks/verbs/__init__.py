"""The verbs `diagnose` and `doctor`."""

from collections.abc import Callable, Mapping
from typing import Any

from sweeper.checks.verbs._diagnose import diagnose
from sweeper.checks.verbs._doctor import doctor

VERBS: tuple[Callable[..., Any], ...] = (diagnose, doctor)
"""In the order of the help."""
EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "diagnose": (
        "sweeper diagnose train.py",
        "sweeper diagnose train.py --fail-on warning --ignore SW211 --json -- --data cifar10",
    ),
    "doctor": ("sweeper doctor", "sweeper doctor --json"),
}
"""What the help of each shows."""
