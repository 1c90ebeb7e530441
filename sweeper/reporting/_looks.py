"""How each answer looks on a map: a letter and a colour, both of which tell it from the others.

The colours are those of Okabe and Ito (Color Universal Design, 2008), chosen to stay apart for colour-blind readers.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from sweeper.probes import OutcomeKind
from sweeper.ranges import CellLabel
from sweeper.results import Cell, Probe

T = TypeVar("T")

_BLACK = "#10151c"
_WHITE = "#ffffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One answer that a cell can give."""

    name: str
    """Also its class in the style sheet."""
    glyph: str
    title: str
    meaning: str
    colour: str
    ink: str = _BLACK
    """Colour of the letter."""


NOT_RUN: Final = Look(name="not-run", glyph="·", title="not run", meaning="no probe has ended here", colour="#8a94a1")

LOOKS: Final = (
    Look(
        name=CellLabel.HEALTHY,
        glyph="H",
        title="healthy",
        meaning="the loss fell by more than its noise",
        colour="#009e73",
    ),
    Look(
        name=CellLabel.TOO_SLOW,
        glyph="S",
        title="too slow",
        meaning="the rate is so low that the loss hardly falls in a probe",
        colour="#56b4e9",
    ),
    Look(
        name=CellLabel.BROKEN,
        glyph="B",
        title="broken",
        meaning="the rate is so high that training broke: the loss came to rest where the model no longer learns",
        colour="#882255",
        ink=_WHITE,
    ),
    Look(
        name=CellLabel.NO_PROGRESS,
        glyph="N",
        title="no progress",
        meaning="the loss does not fall, and nothing says that the rate is the reason",
        colour="#b9c7d9",
    ),
    Look(
        name=CellLabel.DIVERGED,
        glyph="D",
        title="diverged",
        meaning="the loss blew up or stopped being a number",
        colour="#d55e00",
    ),
    Look(
        name=CellLabel.UNRELIABLE,
        glyph="U",
        title="unreliable",
        meaning="it trained, but among rates that fail: another probe there would more probably fail",
        colour="#f0e442",
    ),
    Look(
        name=CellLabel.OVERFIT,
        glyph="O",
        title="overfit",
        meaning="the validation loss rose while the training loss fell",
        colour="#e69f00",
    ),
    Look(
        name=CellLabel.INCONCLUSIVE,
        glyph="?",
        title="inconclusive",
        meaning="the probe was too short or too noisy to say",
        colour="#a3adb9",
    ),
    Look(
        name=OutcomeKind.OOM,
        glyph="M",
        title="out of memory",
        meaning="the probe needed more memory than there was",
        colour="#cc79a7",
    ),
    Look(
        name=OutcomeKind.TIMEOUT,
        glyph="T",
        title="timed out",
        meaning="the probe took longer than allowed",
        colour="#0072b2",
        ink=_WHITE,
    ),
    Look(
        name="failed",
        glyph="X",
        title="crashed",
        meaning="the worker died or the training raised an error",
        colour="#4a525d",
        ink=_WHITE,
    ),
    NOT_RUN,
)
"""Every look, in the order of the legend."""

_BY_NAME: Final[Mapping[str, Look]] = {
    **{look.name: look for look in LOOKS},
    OutcomeKind.CRASHED: LOOKS[-2],
    OutcomeKind.ERROR: LOOKS[-2],
    OutcomeKind.CANCELLED: NOT_RUN,
}


def look_of(label: CellLabel | None, ended: OutcomeKind | None) -> Look:
    """The look of a label, or without one of how the probes ended."""
    return _BY_NAME.get(label or ended or NOT_RUN.name, NOT_RUN)


def look_of_cell(cell: Cell | None) -> Look:
    """The look of a cell of a row; None is a cell without probes."""
    return NOT_RUN if cell is None else look_of(cell.label, cell.failed)


def look_of_probe(probe: Probe) -> Look:
    """The look of a probe, which has either a label or a bad end."""
    return look_of(probe.label, probe.outcome)


_WORSE_FIRST: Final = (
    CellLabel.DIVERGED,
    CellLabel.BROKEN,
    CellLabel.UNRELIABLE,
    CellLabel.OVERFIT,
    CellLabel.TOO_SLOW,
    CellLabel.NO_PROGRESS,
    CellLabel.INCONCLUSIVE,
    CellLabel.HEALTHY,
    OutcomeKind.OOM,
    OutcomeKind.TIMEOUT,
    "failed",
    "not-run",
)


def badness(look: Look) -> int:
    """Orders looks, the worst first: which one stands for several where only one can be shown."""
    return _WORSE_FIRST.index(look.name)


def worst(items: Iterable[T], *, look_of: Callable[[T], Look]) -> T:
    """The item with the worst look, the first of several; there must be one."""
    return min(items, key=lambda item: badness(look_of(item)))
