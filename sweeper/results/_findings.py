"""What to know before the long job, and the numbers that decided."""

from sweeper.findings import Severity
from sweeper.results._base import Part, ThresholdValue


class Finding(Part):
    """Something wrong with script, data, model or set-up."""

    code: str
    """Stable name, such as `SW001`."""
    severity: Severity
    """How much it matters."""
    title: str
    """One line."""
    evidence: str
    """What was seen; may have several lines."""
    location: str
    """`file:line` in the person's own code; empty when unknown."""
    remedy: str
    """The next step."""


class Threshold(Part):
    """One number that a verdict, an edge or a recommendation used."""

    name: str
    """Its name."""
    value: ThresholdValue
    """Its value."""
    unit: str
    """The unit of the value."""
    reason: str
    """Why this value."""
