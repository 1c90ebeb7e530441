import io

import pytest
from rich.console import Console

from sweeper.batch_size.verbs.text import memory_lines, memory_parts, recommended_line
from tests.batch_size import memory_samples
from tests.reporting import samples

NONE = "\N{EN DASH}"
MEMORIES = {name: samples.batch_size_alone(name).results().memory for name in memory_samples.every()}


def printed(memory, *, width=80, colour=False):
    stream = io.StringIO()
    console = Console(file=stream, width=width, highlight=False, force_terminal=colour)
    for part in memory_parts(memory):
        console.print(part)
    return stream.getvalue()


@pytest.mark.parametrize("name", MEMORIES)
@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_longer_than_the_terminal_and_a_pipe_gets_no_codes(name, width):
    text = printed(MEMORIES[name], width=width)
    assert all(len(line) <= width for line in text.splitlines())
    assert "\x1b" not in text


def test_each_size_has_a_line():
    lines = [line.split() for line in printed(MEMORIES["usual"]).splitlines()]
    assert ["128", NONE, NONE, "2,038", "timed", "recommended"] in lines
    assert ["496", "3.79", "GB", "88%", "2,113", "fits", "largest"] in lines
    assert ["32", "851", "MB", "20%", "1,783", "fits", "yours"] in lines


def test_a_failed_size_says_how_and_where():
    text = " ".join(printed(MEMORIES["usual"], width=120).split())
    assert f"520 4.31 GB 100% {NONE} out of memory during batches of the largest samples" in text


def test_outcomes_have_colours_on_a_terminal():
    text = printed(MEMORIES["usual"], colour=True)
    assert "\x1b[32mfits" in text
    assert "\x1b[31mout of memory" in text


def test_limit_answer_and_what_else_was_asked_come_below():
    lines = dict(memory_lines(MEMORIES["usual"]))
    assert lines["limit"] == "4.29 GB (4 GiB), 10% kept free; from --memory-limit"
    assert lines["largest that fits"] == "496, 3.79 GB, 88% of the limit; upper end: memory"
    assert lines["recommended"] == "128"
    assert "8 steps of 128" in lines["effective batch 1,024"]
    assert lines["in 8.59 GB (8 GiB)"] == "1,088 (predicted, not tried)"
    assert lines["in 537 MB (512 MiB)"] == "nothing (predicted, not tried)"
    assert "mixed_float16" in lines


def test_the_reasons_follow_the_recommendation():
    names = [name for name, _ in memory_lines(MEMORIES["usual"])]
    at = names.index("recommended")
    assert names[at + 1 : at + 5] == [""] * 4


def test_nothing_that_fits_is_said_with_its_reason_once():
    lines = list(memory_lines(MEMORIES["nothing_fits"]))
    assert lines[-1] == ("largest that fits", "none; even batch size 1 did not pass: ended at 541 MB")


def test_the_causes_of_errors_are_told():
    assert ("batch size 32", "ValueError: Dimensions must be equal, but are 10 and 12") in list(
        memory_lines(MEMORIES["script_error"])
    )


def test_others_on_the_device_are_told():
    assert ("also used by", "process 4711 (python) uses 2.1 GB") in list(memory_lines(MEMORIES["compiled"]))


def test_control_characters_of_a_script_do_not_reach_the_terminal():
    memory = MEMORIES["usual"].model_copy(update={"limit_source": "\x1b[2Jgone"})
    assert "\x1b" not in printed(memory)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("usual", "recommended batch size: 128 (496 is the largest that fits)"),
        ("all_pass", "recommended batch size: 1,437 (the largest that fits)"),
        ("nothing_fits", "no batch size can be recommended"),
    ],
)
def test_the_last_line_names_the_size(name, line):
    assert recommended_line(MEMORIES[name]) == line
