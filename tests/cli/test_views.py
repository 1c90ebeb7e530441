import contextlib
import io
import os
import re
from dataclasses import replace

import pytest
from rich.console import Console
from rich.live import Live

from sweeper.cli._board import Board, look_of_judged
from sweeper.cli._live_view import LiveView
from sweeper.cli._plain_view import PlainView
from sweeper.cli.views import open_view
from sweeper.curve import Curve
from sweeper.events import AbstractView, JobCaptured, Note, ProbeDone, RunOpened, SilentView
from sweeper.probes import Outcome, OutcomeKind
from sweeper.ranges import CellLabel
from sweeper.recommend import build_map
from sweeper.reporting import look_of
from sweeper.settings import Settings
from sweeper.verdict import Evidence, Judged, Label, Verdict
from tests.cli.fake_library import FakeLibrary
from tests.recommend import test_rows as rows
from tests.reporting import samples


class Recorder(AbstractView):
    def __init__(self):
        self.events = []

    def show(self, event):
        self.events.append(event)


def events_of(sample):
    recorder = Recorder()
    FakeLibrary(sample=sample).probe(Settings(target="train.py"), command=(), view=recorder)
    return recorder.events


def lines_of(events):
    stream = io.StringIO()
    view = PlainView(stream, clock=lambda: "12:00:00")
    for event in events:
        view.show(event)
    return stream.getvalue().splitlines()


def drawn(events, *, width=80, height=24):
    """What the live view shows after the events."""
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, no_color=True)
    view = LiveView(Live(console=console, auto_refresh=False))
    for event in events:
        view.show(event)
    with console.capture() as capture:
        console.print(view._live.get_renderable())
    return re.sub(r"\x1b\[[0-9;]*m", "", capture.get())


def judged(label, *, rate=1e-3, seed=0, kind=OutcomeKind.COMPLETED):
    space = samples.usual().space
    probe = space.probe(optimizer="script", learning_rate=rate, batch_size=64, seed=seed)
    evidence = Evidence(code="made", measured=0.0, threshold=0.0, step=None, sentence="made")
    verdict = Verdict(label=label, evidence=(evidence,)) if label else None
    return Judged(outcome=Outcome(probe=probe, kind=kind, curve=Curve(train_loss=(1.0,)), cause="why"), verdict=verdict)


def done(one):
    return ProbeDone(judged=one, done=1, planned=10, seconds_left=None)


def captured():
    sample = samples.usual()
    return JobCaptured(job=sample.job, space=sample.space, planned=10)


def look_at(events, *, rate=1e-3):
    board = Board()
    for event in events:
        board.take(event)
    row = next(row for row in board.rows(width=80)[0] if (row.optimizer, row.batch_size) == ("script", 64))
    return row.look_at(rate).glyph


@contextlib.contextmanager
def on_a_terminal(kind, monkeypatch):
    """Puts standard error on a terminal; not a fixture, because pytest replaces the stream when a test begins."""
    monkeypatch.setenv("TERM", kind)
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as stream, contextlib.redirect_stderr(stream):
        yield
    os.close(ours)


def test_on_a_terminal_the_view_is_live(monkeypatch):
    with on_a_terminal("xterm-256color", monkeypatch), open_view(quiet=False) as view:
        assert isinstance(view, LiveView)


def test_on_a_terminal_that_cannot_move_its_cursor_the_view_is_plain(monkeypatch):
    with on_a_terminal("dumb", monkeypatch), open_view(quiet=False) as view:
        assert isinstance(view, PlainView)


@pytest.mark.parametrize(("quiet", "kind"), [(False, PlainView), (True, SilentView)])
def test_elsewhere_the_view_is_plain_or_silent_even_with_forced_colour(monkeypatch, quiet, kind):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with open_view(quiet=quiet) as view:
        assert isinstance(view, kind)


def test_the_plain_view_writes_a_few_lines_whatever_the_number_of_probes():
    few, many = lines_of(events_of(samples.several_seeds())), lines_of(events_of(samples.large()))
    assert len(many) <= 25
    assert all(line.startswith("12:00:00  ") for line in few + many)
    assert few[0] == "12:00:00  run runs/digits-1"


def test_the_plain_view_tells_every_probe_that_did_not_complete():
    text = "\n".join(lines_of(events_of(samples.usual())))
    assert "out of memory: adam, rate 1, batch size 256, seed 0: the worker ended by itself" in text
    assert "crashed: sgd" in text
    assert "timed out: sgd" in text


def test_the_plain_view_survives_a_run_without_probes():
    assert lines_of(events_of(samples.nothing_trained()))[0].endswith("run runs/digits-1")


def test_a_resumed_run_is_called_so():
    assert lines_of([RunOpened(directory="runs/a", resumed=True)]) == ["12:00:00  resuming runs/a"]


@pytest.mark.parametrize("sample", samples.every().values(), ids=samples.every())
@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (40, 8)])
def test_the_live_view_fits_the_terminal(sample, width, height):
    events = events_of(sample)
    lines = drawn(events, width=width, height=height).splitlines()
    assert all(len(line) <= width for line in lines)
    if width >= 80:
        assert len(lines) <= height


def test_the_live_view_shows_progress_and_the_map():
    text = drawn(events_of(samples.usual())[:60])
    assert "of 117 probes about" in text
    assert "optimizer  batch" in text
    assert "·  not run" in text


def test_the_live_view_says_how_many_rows_it_has_no_room_for():
    assert "… and 7 more rows" in drawn(events_of(samples.usual())[:60], height=9)


def test_a_note_of_the_live_view_stays_above_the_map():
    assert "optimizer" not in drawn([Note(text="a worker was replaced")])


def test_a_cell_shows_what_most_seeds_say():
    events = [captured(), *(done(judged(label)) for label in (Label.HEALTHY, Label.DIVERGED, Label.HEALTHY))]
    assert look_at(events) == "H"


def test_on_a_tie_a_cell_shows_the_worse():
    assert look_at([captured(), done(judged(Label.HEALTHY)), done(judged(Label.DIVERGED))]) == "D"


def test_a_cell_whose_probes_failed_shows_how():
    assert look_at([captured(), done(judged(None, kind=OutcomeKind.OOM))]) == "M"


def test_a_null_probe_has_a_look_of_its_own():
    null = judged(None, kind=OutcomeKind.OOM)
    null = replace(null, outcome=replace(null.outcome, probe=replace(null.outcome.probe, learning_rate=0.0)))
    assert look_of_judged(null).glyph == "M"


@pytest.mark.parametrize(
    "cells", [("S", "SH", "H", "HHD", "S"), ("S", "SM", "HM", "MH", "SB"), ("H", "S", "HHD", "D"), ("IS", "HO", "BD")]
)
def test_the_live_map_shows_a_rate_as_the_finished_map_does(cells):
    probes = [
        rows.judged(letter, rate=rate, seed=seed)
        for rate, letters in zip(rows.RATES, cells, strict=False)
        for seed, letter in enumerate(letters)
    ]
    axes = rows.space(seeds=(0, 1, 2))
    board = Board()
    for event in (JobCaptured(job=rows.job(), space=axes, planned=9), *(done(one) for one in probes)):
        board.take(event)
    (live,), _ = board.rows(width=80)
    for cell in build_map(axes, probes, ()).rows[0].cells:
        if cell.called is not CellLabel.UNRELIABLE:
            assert live.look_at(cell.learning_rate) is look_of(cell.called, cell.failed)


def test_a_cell_without_probes_is_not_run():
    assert look_at([captured()]) == "·"


def test_null_probes_are_no_part_of_the_map():
    null = judged(Label.STALLED)
    null = replace(null, outcome=replace(null.outcome, probe=replace(null.outcome.probe, learning_rate=0.0)))
    board = Board()
    board.take(captured())
    board.take(done(null))
    assert board.summary() == ""


@pytest.mark.parametrize("axes", [samples.followed().space, replace(samples.followed().space, resolution=0.5)])
def test_what_follows_the_map_is_counted_and_not_drawn_on_it(axes):
    sample = samples.followed()
    board, mapped = Board(), Board()
    for event in events_of(replace(sample, space=axes)):
        board.take(event)
        if not isinstance(event, ProbeDone) or axes.holds(event.judged.outcome.probe):
            mapped.take(event)
    shown, expected = (
        [(row.optimizer, row.batch_size, [row.look_at(rate) for rate in rates]) for row in rows]
        for rows, rates in (board.rows(width=80), mapped.rows(width=80))
    )
    assert shown == expected
    assert sum(board.counts().values()) == sum(mapped.counts().values()) + 1 + len(samples.RATES)
