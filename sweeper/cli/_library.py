"""The functions of sweeper that verbs call: the seam at which tests put their own."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sweeper.events import AbstractView
from sweeper.settings import Settings

if TYPE_CHECKING:
    from sweeper.sweep import Classified, FitsReport, Plan, Run


class Library(Protocol):
    """What verbs need of `sweeper.sweep`, which is one."""

    def probe(self, settings: Settings, *, command: tuple[str, ...], view: AbstractView) -> "Run":
        """Runs a sweep in a new run directory."""

    def newest(self) -> Path:
        """The run that was begun last."""

    def resume(
        self,
        directory: Path,
        *,
        force: bool,
        view: AbstractView,
        storage: str | None = None,
        budget_s: float | None = None,
        max_probes: int | None = None,
    ) -> "Run":
        """Goes on with a run."""

    def plan(self, settings: Settings, *, view: AbstractView) -> "Plan":
        """What `probe` would do."""

    def fits(self, settings: Settings, *, view: AbstractView) -> "FitsReport":
        """The fit calls that a target reaches."""

    def classify_files(
        self, paths: Sequence[Path], *, columns: Sequence[str], classes: int | None, prefix: float
    ) -> "tuple[Classified, ...]":
        """Verdicts on the curves in files."""

    def rebuild(self, directory: Path) -> "Run":
        """Makes results and report again from the record of a run."""


def sweep_library() -> Library:
    """The real one, imported when a verb needs it: it is slow to import."""
    import sweeper.sweep

    return sweeper.sweep
