"""The view for terminals: progress with the time left, and the map filling in."""

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from sweeper.cli._board import Board, look_of_judged
from sweeper.cli._map import legend_lines, map_lines
from sweeper.cli._plain_view import describe_job, describe_probe, describe_search
from sweeper.events import (
    AbstractView,
    Event,
    JobCaptured,
    MemorySearched,
    Note,
    ProbeDone,
    RunOpened,
    TrialBegun,
    TrialDone,
    Waiting,
)
from sweeper.probes import OutcomeKind
from sweeper.text import seconds_text

_LINES_ABOVE_MAP = 4
"""Progress, what is waited for, air, and the head of the map."""
_WIDEST_BAR = 40


class LiveView(AbstractView):
    """Redraws itself in place; `live` must be started and stopped by whoever makes the view."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._board = Board()
        self._waiting: Spinner | None = None

    def show(self, event: Event) -> None:
        """Takes in the event and redraws."""
        self._board.take(event)
        match event:
            case RunOpened():
                self._note(f"{'Resuming' if event.resumed else 'Run'} {event.directory}")
            case JobCaptured():
                self._note(describe_job(event.job))
                self._note(describe_search(event.space, event.planned))
                self._waiting = None
            case ProbeDone():
                self._waiting = None
                self._note_failure(event)
            case Waiting():
                self._wait_for(event.text)
            case TrialBegun():
                self._wait_for(event.text)
            case TrialDone():
                self._note(event.text)
                self._wait_for("starting the next trial")
            case MemorySearched():
                self._note(event.text)
                self._waiting = None
            case Note():
                self._note(event.text)
        self._live.update(self._drawing())

    def _wait_for(self, text: str) -> None:
        self._waiting = Spinner("dots", Text(text))

    def _note(self, text: str) -> None:
        self._live.console.print(Text(text, style="dim"))

    def _note_failure(self, event: ProbeDone) -> None:
        outcome = event.judged.outcome
        if outcome.kind is not OutcomeKind.COMPLETED:
            look = look_of_judged(event.judged)
            self._live.console.print(Text(f"{look.title}: {describe_probe(outcome.probe)}: {outcome.cause}"))

    def _drawing(self) -> RenderableType:
        parts: list[RenderableType] = []
        if self._board.planned:
            parts.append(self._progress())
        if self._waiting is not None:
            parts.append(self._waiting)
        return Group(*parts, *self._map(self._live.console))

    def _progress(self) -> RenderableType:
        board = self._board
        left = f"about {seconds_text(board.seconds_left)} left" if board.seconds_left else ""
        line = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=board.planned, completed=board.done, width=_WIDEST_BAR)
        line.add_row(bar, f"{board.done} of {board.planned} probes", left)
        return line

    def _map(self, console: Console) -> list[Text]:
        rows, rates = self._board.rows(width=console.width)
        if not rates:
            return []
        head, *lines = map_lines(rows, rates, width=console.width)
        legend = legend_lines([row.look_at(rate) for row in rows for rate in rates], width=console.width)
        return [Text(), head, *_fitting(lines, console.height - _LINES_ABOVE_MAP - len(legend)), *legend]


def _fitting(lines: list[Text], room: int) -> list[Text]:
    """As many of the lines as there is room for, the last of them saying how many are left out."""
    if len(lines) <= room:
        return lines
    shown = max(1, room - 1)
    return [*lines[:shown], Text(f"… and {len(lines) - shown} more rows")]
