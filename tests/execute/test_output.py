import pytest

from sweeper.execute._output import LAST_LINES, with_output
from sweeper.findings import Finding, Severity
from sweeper.protocol import Ending, Failed

LEFT = Finding(code="SW007", severity=Severity.ERROR, title="the script ended itself (exit status 2)", evidence="Seen.")
RAISED = Finding(code="SW001", severity=Severity.ERROR, title="the script failed: KeyError", evidence="Traceback")
WARNED = Finding(code="SW211", severity=Severity.WARNING, title="labels", evidence="Labels.")
USAGE = "usage: train.py [-h] --data DATA\ntrain.py: error: the following arguments are required: --data\n"


def shown(output, *findings, ending=Ending.LEFT):
    """The findings of a worker whose script has ended so, with what it printed."""
    return with_output(Failed(findings=findings, ending=ending), output).findings


def test_what_a_parser_of_arguments_printed_is_quoted_and_its_error_is_in_the_title():
    (finding,) = shown(USAGE, LEFT)
    assert finding.title.endswith("(exit status 2): train.py: error: the following arguments are required: --data")
    assert finding.evidence.splitlines() == [
        "Seen.",
        "It printed last:",
        "  usage: train.py [-h] --data DATA",
        "  train.py: error: the following arguments are required: --data",
    ]


def test_a_script_that_printed_nothing_is_said_to():
    (finding,) = shown(" \n\n", LEFT)
    assert (finding.title, finding.evidence) == (LEFT.title, "Seen.\nIt printed nothing.")


def test_the_traceback_of_a_script_that_raised_is_not_quoted_again():
    output = "reading x.csv\nTraceback (most recent call last):\n  File ...\nKeyError: 'x'\n"
    (finding,) = shown(output, RAISED, ending=Ending.RAISED)
    assert finding.title == RAISED.title
    assert finding.evidence == "Traceback\nIt printed last:\n  reading x.csv"


def test_a_script_that_left_after_it_printed_a_traceback_is_quoted_with_it():
    (finding,) = shown("Traceback (most recent call last):\n  File ...\nOSError: no disk\n", LEFT)
    assert finding.title.endswith(": OSError: no disk")


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-29 03:10:43.123456: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.",
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        "To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow.",
        "I0000 00:00:1764385843.123 service.cc:148] XLA service initialized",
    ],
)
def test_lines_of_librarys_logs_are_left_out(line):
    (finding,) = shown(f"no data\n{line}\n", LEFT)
    assert finding.title.endswith(": no data")
    assert line not in finding.evidence


def test_long_outputs_are_cut_to_their_last_lines_and_progress_bars_to_their_last_state():
    progress = "1%\r50%\r100% done\r\n"
    (finding,) = shown("".join(f"line {i}\n" for i in range(50)) + progress + "x" * 999, LEFT)
    lines = finding.evidence.splitlines()[2:]
    assert len(lines) == LAST_LINES
    assert lines[-2] == "  100% done"
    assert lines[-1] == "  " + "x" * 200


def test_warnings_beside_the_error_stay_as_they_are_and_without_an_error_nothing_is_added():
    assert shown("why", WARNED, LEFT)[0] is WARNED
    assert shown("why", WARNED) == (WARNED,)
    assert shown("why") == ()
