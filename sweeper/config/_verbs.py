"""The settings that each verb with a sweep sets by itself."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A verb with its own values of settings, by key name."""

    name: str
    """The verb as it is typed, `sweeper lr`; the origin of these values."""
    defaults: dict[str, str] = field(default_factory=dict)
    """Values that every file, variable and option may replace."""
    fixed: dict[str, str] = field(default_factory=dict)
    """Values that nothing can replace."""


PROBE = Verb(name="sweeper probe")
LR = Verb(
    name="sweeper lr",
    # All rates in common use; the search extends the range where an edge lies beyond it.
    defaults={"lr": "1e-6:1"},
    fixed={"optimizer": "script", "batch_size": "script"},
)
BATCH = Verb(
    name="sweeper batch",
    # Fewer updates than elsewhere, since large batches take long and their losses vary little.
    defaults=LR.defaults | {"steps": "100"},
    fixed={"optimizer": "script", "batch_size": "recommended"},
)
