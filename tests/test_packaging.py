import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import sweeper

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = {"requirements.lock": ("examples",), "requirements-dev.lock": ("examples", "dev")}


def locked(name):
    """Versions by package; a package may be locked in several versions, for several Pythons."""
    found = {}
    for package, version in re.findall(
        r"^([a-z0-9.-]+)==([^ ;\\]+)", (ROOT / "scripts" / "locks" / name).read_text(), re.MULTILINE
    ):
        found.setdefault(package, set()).add(version)
    return found


def wanted(extras):
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in PROJECT["optional-dependencies"][extra])]
    return [found for found in map(Requirement, lines) if found.name != "sweeper"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_package_with_a_hash_and_names_no_place_to_get_it(name):
    text = (ROOT / "scripts" / "locks" / name).read_text()
    entries = [entry for entry in re.split(r"\n(?=[a-z])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)) if entry]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash)", text, re.MULTILINE)


@pytest.mark.parametrize(("name", "extras"), LOCKS.items())
def test_a_lock_holds_what_the_project_asks_for(name, extras):
    versions = locked(name)
    for requirement in wanted(extras):
        pinned = versions[canonicalize_name(requirement.name)]
        assert all(map(requirement.specifier.contains, pinned)), (
            f"{requirement} is locked as {pinned}; run scripts/lock"
        )


def test_the_two_locks_agree():
    large = locked("requirements-dev.lock")
    assert {package: large.get(package) for package in locked("requirements.lock")} == locked("requirements.lock")


def test_what_builds_the_project_is_locked_because_set_up_builds_without_isolation():
    assert {"setuptools", "wheel"} <= locked("requirements.lock").keys()


@pytest.mark.parametrize("name", ["scripts/setup", "scripts/demo", "scripts/test", "scripts/lock", ".ci/run"])
def test_a_script_can_be_started_and_is_whole(name):
    assert (ROOT / name).stat().st_mode & 0o100
    subprocess.run(["bash", "-n", ROOT / name], check=True)


def test_the_package_says_that_it_is_typed():
    assert (Path(sweeper.__file__).parent / "py.typed").is_file()


@pytest.mark.slow
def test_the_example_trains_by_itself(tmp_path):
    command = [sys.executable, ROOT / "examples" / "digits.py", "--epochs", "3"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert re.search(r"test loss \d\.\d+, test accuracy [89]\d\.\d%", done.stdout)
    assert (tmp_path / "digits.keras").is_file()
