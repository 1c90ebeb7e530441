"""`sweeper diagnose` and `sweeper doctor`."""

import json

import pytest

from sweeper.errors import ExitStatus
from sweeper.findings import Finding, Severity


def finding(severity=Severity.ERROR, code="SW304"):
    return Finding(
        code=code,
        severity=severity,
        title="the outputs are plain numbers",
        evidence="Layer out has activation linear.",
        location="train.py:7",
        remedy="Take a sigmoid.",
    )


def test_a_sound_script_is_status_0(sweeper, library):
    status, out, _ = sweeper("diagnose", "train.py", "--", "--x")
    assert (status, library.asked["settings"].script_args) == (ExitStatus.DONE, ("--x",))
    assert "Nothing wrong was found at train.py:20" in out
    assert "1 check did not apply" in out


def test_what_stands_behind_two_dashes_is_for_the_script(sweeper, library):
    sweeper("diagnose", "train.py", "-q", "--", "--data", "x", "--", "-v")
    assert library.asked["settings"].script_args == ("--data", "x", "--", "-v")


def test_a_finding_is_printed_with_its_line_and_remedy(sweeper, library):
    library.findings = (finding(),)
    status, out, _ = sweeper("diagnose", "train.py")
    assert status == ExitStatus.GATE_FAILED
    assert "SW304 error: the outputs are plain numbers (train.py:7)" in out
    assert "Take a sigmoid." in out


@pytest.mark.parametrize(
    ("severity", "level", "status"),
    [
        (Severity.ERROR, "error", ExitStatus.GATE_FAILED),
        (Severity.WARNING, "error", ExitStatus.DONE),
        (Severity.WARNING, "warning", ExitStatus.GATE_FAILED),
        (Severity.NOTE, "warning", ExitStatus.DONE),
        (Severity.NOTE, "note", ExitStatus.GATE_FAILED),
        (Severity.ERROR, "never", ExitStatus.DONE),
    ],
)
def test_the_status_follows_the_level(sweeper, library, severity, level, status):
    library.findings = (finding(severity),)
    assert sweeper("diagnose", "train.py", "--fail-on", level)[0] == status


def test_a_level_that_is_none_is_refused_before_anything_runs(sweeper, library):
    status, _, err = sweeper("diagnose", "train.py", "--fail-on", "errors")
    assert (status, library.asked) == (ExitStatus.USAGE, {})
    assert "--fail-on: 'errors' must be one of error, warning, note, never" in err


def test_a_diagnosis_as_json(sweeper, library):
    library.findings = (finding(),)
    _, out, _ = sweeper("diagnose", "train.py", "--json", "-q")
    document = json.loads(out)
    assert set(document["findings"][0]) == {"code", "severity", "title", "evidence", "location", "remedy"}
    assert (document["fit_site"], document["seconds"]) == ("train.py:20", 0.071)
    assert document["skipped"][0]["why"] == "no input goes to an embedding"


def test_codes_to_ignore_are_settings(sweeper, library):
    sweeper("diagnose", "train.py", "--ignore", "sw203,SW211", "--ignore", "SW205")
    assert library.asked["settings"].ignore == ("SW203", "SW211", "SW205")


def test_a_code_that_is_none_is_refused(sweeper, library):
    status, _, err = sweeper("diagnose", "train.py", "--ignore", "unscaled")
    assert (status, library.asked) == (ExitStatus.USAGE, {})
    assert "is not the code of a finding" in err


def test_a_code_that_is_nearly_right_is_named(sweeper, library):
    _, _, err = sweeper("diagnose", "train.py", "--ignore", "SW0203")
    assert "did you mean SW203 (inputs are not scaled)?" in " ".join(err.split())


def test_the_doctor_says_what_is_there(sweeper, library):
    status, out, _ = sweeper("doctor")
    assert (status, library.asked["devices"]) == (ExitStatus.DONE, True)
    assert "NVIDIA L4, 24 GB, driver 550.54" in out
    assert "sees 0 GPUs; built for CUDA 12.5.1, cuDNN 9" in out


def test_the_doctor_without_devices_does_not_ask_for_them(sweeper, library):
    _, out, _ = sweeper("doctor", "--no-devices", "--json")
    assert library.asked["devices"] is False
    assert json.loads(out)["tensorflow"] is None


def test_an_error_of_the_machine_is_status_3(sweeper, library):
    library.findings = (finding(code="SW507"),)
    assert sweeper("doctor")[0] == ExitStatus.GATE_FAILED
