"""sweeper takes over the scripts of tests/scripts, unmodified, and finds in each what its manifest says."""

import importlib.util
import json
import math
import os
import shutil
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from sweeper.cli import main

TESTS = Path(__file__).resolve().parent
FOLDER = TESTS / "scripts"
MANIFEST = tomllib.loads((FOLDER / "manifest.toml").read_text(encoding="utf-8"))
RATES = (1e-4, 1e-2)
STEPS = 10


@dataclass(frozen=True, kw_only=True)
class Case:
    """One entry of the manifest; its comment explains the fields."""

    file: str
    notes: str
    cwd: str = "."
    args: list[str] = field(default_factory=list)
    data: str | None = None
    fits: list[int | str] = field(default_factory=list)
    at: int | None = None
    batch_size: int | None = None
    fixed: bool = False
    validation: str | None = None
    optimizer: str = ""
    rate: float | None = None
    schedule: str = ""
    only: bool = False
    writes: list[str] = field(default_factory=list)
    code: str = ""
    location: str = ""
    says: list[str] = field(default_factory=list)
    requires: list[str] = field(default_factory=list)
    cold: bool = False
    ci: bool = False

    @property
    def target(self) -> str:
        """The target as a person would type it in the working directory."""
        return os.path.relpath(self.file, self.cwd)

    @property
    def places(self) -> list[str]:
        """`file:line` of each fit call, from the working directory."""
        return [fit if isinstance(fit, str) else f"{self.target}:{fit}" for fit in self.fits]


def cases(kind: str) -> list[Case]:
    return [Case(**entry) for entry in MANIFEST[kind]]


def parameters(kind: str, *, least_fits: int = 0) -> list[Any]:
    return [
        pytest.param(
            case,
            id=f"{case.file} {' '.join(case.args)}".rstrip(),
            marks=pytest.mark.slow if case.ci else pytest.mark.collection,
        )
        for case in cases(kind)
        if len(case.fits) >= least_fits
    ]


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__", "manifest.toml"))


@pytest.fixture
def sweeper(copy, monkeypatch, capfd, warm):
    """Runs a `sweeper` command where the script expects to be run; returns its exit status and the JSON it prints."""

    def run(case: Case, *command: str) -> tuple[int, dict[str, Any]]:
        missing = [package for package in case.requires if importlib.util.find_spec(package) is None]
        if missing:
            pytest.skip(f"{case.file} needs {', '.join(missing)}")
        data = ["--data", case.data] if case.data else []
        own = ["--", *case.args] if case.args else []
        monkeypatch.chdir(copy / case.cwd)
        if not case.cold:
            monkeypatch.setattr("sweeper.sweep._run.make_launcher", lambda: warm)
        monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
        status = main([command[0], case.target, *command[1:], *data, "--json", "--quiet", *own])
        printed = capfd.readouterr()
        try:
            return status, json.loads(printed.out)
        except json.JSONDecodeError:
            pytest.fail(f"exit status {status}, no JSON: {printed.out[-1000:]}\n{printed.err[-3000:]}")

    return run


@pytest.fixture
def probe(sweeper, copy):
    rates = ",".join(str(rate) for rate in RATES)
    options = ["--lr", rates, "--optimizer", "script", "--steps", str(STEPS), "--workers", "1"]
    return lambda case: sweeper(case, "probe", *options, "--out", str(copy.parent / "run"))


@pytest.mark.parametrize("case", parameters("script") + parameters("target"))
def test_an_unmodified_script_gives_a_map(case, copy, probe):
    status, results = probe(case)

    assert status == 0, results["findings"]
    assert_probes_trained(results)
    assert_job_is_as_expected(results["target"]["job"], case)
    if case.fixed:
        assert [row["batch_size"] for row in results["rows"]] == [case.batch_size]
    left = [name for name in case.writes if (copy / case.cwd / name).exists()]
    assert not left, "written although the script's fit never returns"


def assert_probes_trained(results: dict[str, Any]) -> None:
    ends = {p["id"]: (p["outcome"], p["cause"]) for p in results["probes"] if p["outcome"] != "completed"}
    assert not ends
    assert "SW010" not in {finding["code"] for finding in results["findings"]}  # each of them trains well by itself
    assert results["rows"]
    assert all([cell["learning_rate"] for cell in row["cells"]] == list(RATES) for row in results["rows"])
    gentle = [p for p in results["probes"] if p["learning_rate"] == RATES[0]]
    assert all(p["final_loss"] is not None and p["steps_run"] == STEPS for p in gentle)


def assert_job_is_as_expected(job: dict[str, Any], case: Case) -> None:
    optimizer = job["optimizer"]
    if case.places:
        assert job["fit_site"] == case.places[0]
        assert job["fit_number"] == 1
    if case.batch_size is not None:
        assert job["batch_size"] == case.batch_size
        assert bool(job["batch_size_fixed"]) is (case.fixed or case.at is not None)
    if case.validation is not None:
        given = case.validation not in {"none", "none given"}
        kinds = ("held out", "none: the script gives none") if case.validation == "none given" else (case.validation,)
        assert job["val_source"].startswith(kinds)
        assert (job["val_samples"] > 0) is (given or job["val_source"] == "held out")
    assert optimizer["name"] == case.optimizer
    assert optimizer["schedule"] == case.schedule
    assert bool(optimizer["only"]) is case.only
    if case.rate is not None:
        assert math.isclose(optimizer["learning_rate"], case.rate, rel_tol=0.01)


@pytest.mark.parametrize("case", [one for one in parameters("loop") if not one.values[0].code])
def test_an_unmodified_loop_gives_a_map(case, copy, probe):
    status, results = probe(case)

    assert status == 0, results["findings"]
    assert_probes_trained(results)
    job = results["target"]["job"]
    assert_job_is_as_expected(job, replace(case, fixed=True))
    assert job["fit_site"] == f"{case.target}:{case.at}"
    assert job["val_samples"] == 0
    left = [name for name in case.writes if (copy / case.cwd / name).exists()]
    assert not left, "written although only probes train"


@pytest.mark.parametrize("case", parameters("script", least_fits=2))
def test_fits_lists_every_fit_call_in_the_order_in_which_it_is_reached(case, sweeper):
    status, listed = sweeper(case, "fits")

    assert status == 0, listed["findings"]
    assert [site["place"] for site in listed["fits"]] == case.places
    assert [site["number"] for site in listed["fits"]] == list(range(1, len(case.places) + 1))


@pytest.mark.parametrize("case", parameters("failing") + [one for one in parameters("loop") if one.values[0].code])
def test_a_script_that_cannot_be_probed_gets_a_finding(case, probe):
    status, results = probe(case)

    assert status == 5
    finding = results["findings"][0]
    assert finding["code"] == case.code, finding
    assert finding["severity"] == "error"
    assert finding["remedy"]
    if case.location:
        assert finding["location"] == case.location
    text = "\n".join((finding["title"], finding["evidence"], finding["remedy"]))
    assert [word for word in case.says if word not in text] == []


def test_every_script_of_the_folder_is_in_the_manifest():
    listed = {case.file.partition(":")[0] for kind in MANIFEST for case in cases(kind)}
    parts = {f.relative_to(FOLDER).as_posix() for f in FOLDER.glob("package_app/training/**/*.py")}
    there = {f.relative_to(FOLDER).as_posix() for f in FOLDER.rglob("*.py")} - parts

    assert listed == there


@pytest.mark.parametrize("case", [pytest.param(case, id=case.file) for case in cases("script")])
def test_each_place_in_the_manifest_is_a_fit_call(case):
    for place in case.places:
        file, _, line = place.rpartition(":")
        text = (FOLDER / case.cwd / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert ".fit(" in text or "tuner.search(" in text
