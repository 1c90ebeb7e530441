"""Tries `sweeper probe` with a small space on every script of a folder, and tabulates what came of it.

    python scripts/studies/try_scripts.py FOLDER [--only WORD] [--plain] [--in-place]
                                     [--save trials.json] [-- PROBE OPTIONS]

Scripts are the `*.py` directly in FOLDER. A `manifest.toml` in it, like that of tests/scripts, says more: entries
`[[script]]` with `file`, and where needed `args`, `cwd`, `env`, `data` and `requires`; entries `[[failing]]` are
expected to end with the finding `code`. Each script runs in a copy of FOLDER unless --in-place is given, and files
that appear in its working directory are listed: a script that was taken over at its fit writes nothing after it.
--plain runs `python SCRIPT` instead, to see which scripts run at all. The exit status is 0 when at least
95% of the scripts that should give a map give one.
"""

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SPACE = ("--lr", "1e-4,1e-3,1e-2", "--optimizer", "script", "--steps", "20", "--workers", "1")
PASS_SHARE = 0.95
"""Share of scripts that must give a map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One script to try, as a manifest entry says."""

    file: str
    args: tuple[str, ...] = ()
    cwd: str = "."
    env: dict[str, str] = field(default_factory=dict)
    data: str | None = None
    requires: tuple[str, ...] = ()
    code: str = ""
    """The finding that is expected instead of a map."""
    before: tuple[str, ...] = ()
    """Arguments of runs of the script itself that come first, such as one that a later run resumes."""

    def missing(self) -> list[str]:
        """The packages that it needs and that are not here."""
        return [package for package in self.requires if importlib.util.find_spec(package) is None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of one script."""

    name: str
    result: str
    """`map`, the code of a finding, `exit N`, `timeout` or `skipped`."""
    good: bool | None
    """Whether that was expected; None when it was skipped."""
    seconds: float
    detail: str
    written: tuple[str, ...] = ()
    """Files that appeared in the working directory."""


def main() -> int:
    """The exit status."""
    arguments = parse_arguments()
    folder: Path = arguments.folder.resolve()
    trials = []
    print(f"{'':4} {'result':8} {'seconds':>8}  script")
    for script in scripts_in(folder):
        if arguments.only in script.file:
            trials.append(attempt(script, folder, arguments))
            print_row(trials[-1])
    if arguments.save:
        arguments.save.write_text(json.dumps([asdict(trial) for trial in trials], indent=1), encoding="utf-8")
    judged = [trial for trial in trials if trial.good is not None]
    good = sum(bool(trial.good) for trial in judged)
    share = good / max(len(judged), 1)
    print(f"\n{good} of {len(judged)} as expected ({share:.0%}), {len(trials) - len(judged)} skipped")
    return 0 if share >= PASS_SHARE else 1


def parse_arguments() -> argparse.Namespace:
    """The command line; what follows -- replaces the default probe options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="only scripts whose path contains this word")
    parser.add_argument("--plain", action="store_true", help="run the scripts themselves, without sweeper")
    parser.add_argument("--in-place", action="store_true", help="work in the folder itself, not in a copy of it")
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds for each script")
    parser.add_argument("--save", type=Path, help="write the table as JSON, too")
    own, options = _split(sys.argv[1:])
    arguments = parser.parse_args(own)
    arguments.space = options or SPACE
    return arguments


def _split(words: Sequence[str]) -> tuple[Sequence[str], tuple[str, ...]]:
    at = words.index("--") if "--" in words else len(words)
    return words[:at], tuple(words[at + 1 :])


def scripts_in(folder: Path) -> Iterator[Script]:
    """The scripts of the manifest, or of the folder when it has none."""
    manifest = folder / "manifest.toml"
    if not manifest.is_file():
        yield from (Script(file=path.name) for path in sorted(folder.glob("*.py")))
        return
    entries = tomllib.loads(manifest.read_text(encoding="utf-8"))
    known = set(Script.__dataclass_fields__)
    for kind in ("script", "target", "failing"):
        for entry in entries.get(kind, ()):
            facts: dict[str, Any] = {name: value for name, value in entry.items() if name in known}
            yield Script(**facts)


def attempt(script: Script, folder: Path, arguments: argparse.Namespace) -> Trial:
    """What comes of one script."""
    if missing := script.missing():
        return Trial(name=script.file, result="skipped", good=None, seconds=0.0, detail=f"needs {', '.join(missing)}")
    with tempfile.TemporaryDirectory(prefix="try-") as scratch:
        here = folder if arguments.in_place else shutil.copytree(folder, Path(scratch, "scripts"))
        cwd = (here / script.cwd).resolve()
        before = _files(cwd)
        started = time.monotonic()
        ended = run_script(_command(script, Path(scratch), arguments), cwd, script.env, arguments.timeout)
        seconds = time.monotonic() - started
        written = tuple(sorted(_files(cwd) - before))
    result, detail = _plain_result(ended) if arguments.plain else _probe_result(ended)
    expected = "exit 0" if arguments.plain else script.code or "map"
    return Trial(
        name=script.file,
        result=result,
        good=None if arguments.plain and script.code else result == expected,
        seconds=round(seconds, 1),
        detail=detail,
        written=written,
    )


def _command(script: Script, scratch: Path, arguments: argparse.Namespace) -> list[str]:
    if arguments.plain:
        return [sys.executable, os.path.relpath(script.file, script.cwd), *script.args]
    return sweeper_command(script, "probe", *arguments.space, "--out", str(scratch / "run"), "--json", "--quiet")


def sweeper_command(script: Script, verb: str, *options: str) -> list[str]:
    """The command line of a verb on a script, as it is given in the script's working directory."""
    target = os.path.relpath(script.file, script.cwd)
    data = ["--data", script.data] if script.data else []
    own = ["--", *script.args] if script.args else []
    return [sys.executable, "-m", "sweeper", verb, target, *options, *data, *own]


def run_script(
    command: list[str], cwd: Path, env: dict[str, str], timeout_s: float
) -> subprocess.CompletedProcess[str] | None:
    """The ended process; None when it took too long."""
    root = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH")) if part)
    environment = {"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ, "PYTHONPATH": paths, **env}
    try:
        return subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None


def _files(folder: Path) -> set[str]:
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in files if "__pycache__" not in path.parts}


def _plain_result(ended: subprocess.CompletedProcess[str] | None) -> tuple[str, str]:
    if ended is None:
        return "timeout", ""
    lines = ended.stderr.strip().splitlines()
    return f"exit {ended.returncode}", lines[-1] if ended.returncode and lines else ""


def _probe_result(ended: subprocess.CompletedProcess[str] | None) -> tuple[str, str]:
    """`map` when every row of the results has a judged cell, and a word on it."""
    if ended is None:
        return "timeout", ""
    try:
        results = json.loads(ended.stdout)
    except json.JSONDecodeError:
        return f"exit {ended.returncode}", " ".join(ended.stderr.split()[-40:])
    cells = [cell for row in results["rows"] for cell in row["cells"]]
    if ended.returncode == 0 and cells and all(cell["verdict"] for cell in cells):
        job = results["target"]["job"]
        labels = " ".join(f"{cell['learning_rate']:g}:{cell['verdict']}" for cell in cells)
        return "map", f"{job['fit_site']} batch {job['batch_size']}, {labels}"
    errors = [finding for finding in results["findings"] if finding["severity"] == "error"]
    causes = [probe["cause"] for probe in results["probes"] if probe["cause"]]
    text = errors[0]["title"] if errors else next(iter(causes), "")
    return errors[0]["code"] if errors else f"exit {ended.returncode}", text


def print_row(trial: Trial) -> None:
    """Prints one script's row of the table, and the files that it left."""
    mark = {True: "ok", False: "NOT", None: "-"}[trial.good]
    print(f"{mark:4} {trial.result:8} {trial.seconds:8.1f}  {trial.name}: {trial.detail}", flush=True)
    if trial.written:
        print(f"{'':23} wrote {', '.join(trial.written[:6])}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
