"""The parts of the results that hold findings and thresholds."""

from sweeper.findings import Severity
from sweeper.results._base import Part, ThresholdValue


class Finding(Part):
    """A problem with the script, the data, the model or the set-up."""

    code: str
    """Stable name, such as `SW001`."""
    severity: Severity
    """How serious it is."""
    title: str
    """The problem in one line."""
    evidence: str
    """What was seen; may have several lines."""
    location: str
    """`file:line` in the user's own code; empty when unknown."""
    remedy: str
    """What to do about it."""


class Threshold(Part):
    """One number that a verdict, an edge or a recommendation used."""

    name: str
    """Name of the threshold."""
    value: ThresholdValue
    """Value of the threshold."""
    unit: str
    """The unit of the value."""
    reason: str
    """Why this value."""
