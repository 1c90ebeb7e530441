"""Running a script by itself and with sweeper, each in a fresh copy of its folder."""

import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from try_scripts import Script, sweeper_command

ROOT = Path(__file__).resolve().parents[3]
SITE = Path(__file__).resolve().parent / "site"
SEED = "7"
"""Seeds what a script leaves unseeded, in both processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how gently."""

    steps: int
    timeout_s: float
    niceness: int = 5
    options: tuple[str, ...] = ()
    """More options of `sweeper probe`."""


def truth(script: Script, folder: Path, cache: Path, limits: Limits, **switches: str) -> dict[str, Any]:
    """What the script's own fit shows; kept in `cache` under the script's text and the switches."""
    kept = cache / f"{slug(script)}-{_fingerprint(script, folder, limits, switches)}.json"
    if kept.is_file():
        found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return found
    with _copy(script, folder, limits) as (cwd, scratch):
        out = scratch / "truth.json"
        named = {f"FIDELITY_{name.upper()}": value for name, value in switches.items() if name != "again"}
        environment = {"FIDELITY_OUT": str(out), "FIDELITY_STEPS": str(limits.steps), **named}
        began = time.monotonic()
        ended = _run(_plain_command(script), cwd, script.env | environment, limits)
        document = json.loads(out.read_text(encoding="utf-8")) if out.is_file() else {"logs": [], "rates": []}
    if not document["logs"] and not document.get("error"):
        document["error"] = _last_words(ended)
    document["seconds"] = round(time.monotonic() - began, 1)
    cache.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(document), encoding="utf-8")
    return document


def probed(script: Script, folder: Path, rate: float, limits: Limits) -> dict[str, Any]:
    """What `sweeper probe` shows at one rate of the script's own optimizer and batch size."""
    with _copy(script, folder, limits) as (cwd, scratch):
        run = scratch / "run"
        setting = ("--lr", f"{rate:.6g}", "--optimizer", "script", "--batch-size", "script")
        length = ("--seeds", "1", "--steps", str(limits.steps), "--workers", "1")
        options = (*setting, *length, *limits.options, "--out", str(run), "--json", "--quiet")
        began = time.monotonic()
        ended = _run(sweeper_command(script, "probe", *options), cwd, script.env, limits)
        found = _read_run(run, ended)
    return found | {"rate": rate, "seconds": round(time.monotonic() - began, 1)}


def _read_run(run: Path, ended: "subprocess.CompletedProcess[str] | None") -> dict[str, Any]:
    document: dict[str, Any] = {}
    if (run / "results.json").is_file():
        document = json.loads((run / "results.json").read_text(encoding="utf-8"))
    losses = {"own": [], "null": []}
    for probe in document.get("probes", []):
        if probe["purpose"] in ("map", None) and probe["curve"]:
            curve = json.loads((run / probe["curve"]).read_text(encoding="utf-8"))
            losses["own" if probe["learning_rate"] else "null"] = _losses(curve)
    job = (document.get("target") or {}).get("job") or {}
    return {
        "status": ended.returncode if ended is not None else "timeout",
        "losses": losses["own"],
        "null": losses["null"],
        "job": job,
        "engine": (document.get("environment") or {}).get("engine"),
        "changes": [(change["what"], change["detail"]) for change in document.get("changes", [])],
        "findings": [
            (one["code"], f"{one['severity']}: {one['title']}. {' '.join(map(str, _texts(one)))}")
            for one in document.get("findings", [])
        ],
        "causes": [probe["cause"] for probe in document.get("probes", []) if probe["cause"]],
        "results": {key: document.get(key) for key in ("rows", "recommendation", "unresolved")},
        "words": "" if document else _last_words(ended),
    }


def _texts(finding: Mapping[str, Any]) -> list[Any]:
    return [finding.get(key) or "" for key in ("evidence", "remedy", "location")]


def _losses(curve: Mapping[str, Any]) -> list[float]:
    found = curve.get("train_loss") or (curve.get("curve") or {}).get("train_loss") or []
    return [float(value) if value is not None else math.nan for value in found]


def _plain_command(script: Script) -> list[str]:
    target = os.path.relpath(script.file, script.cwd)
    if ":" in target:
        return [sys.executable, str(SITE.parent / "run_function.py"), target, script.data or ""]
    return [sys.executable, target, *script.args]


@contextmanager
def _copy(script: Script, folder: Path, limits: Limits) -> Iterator[tuple[Path, Path]]:
    """The script's working directory in a fresh copy of its folder, and a place for output beside it."""
    with tempfile.TemporaryDirectory(prefix="fidelity-") as name:
        here = Path(shutil.copytree(folder, Path(name, "scripts"), symlinks=True))
        cwd = (here / script.cwd).resolve()
        for words in script.before:
            target = os.path.relpath(script.file, script.cwd)
            _run([sys.executable, target, *words.split()], cwd, script.env, limits)
        yield cwd, Path(name)


def _run(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], limits: Limits
) -> "subprocess.CompletedProcess[str] | None":
    paths = os.pathsep.join(part for part in (str(SITE), str(ROOT), os.environ.get("PYTHONPATH")) if part)
    fixed = {"PYTHONPATH": paths, "PYTHONHASHSEED": "0", "FIDELITY_SEED": SEED, "CUDA_VISIBLE_DEVICES": "-1"}
    try:
        return subprocess.run(
            ["nice", "-n", str(limits.niceness), *command],  # noqa: S607  wherever it is
            cwd=cwd,
            env={"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ, **fixed, **env},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limits.timeout_s,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None


def _last_words(ended: "subprocess.CompletedProcess[str] | None") -> str:
    if ended is None:
        return "took too long"
    lines = (ended.stderr or ended.stdout).strip().splitlines()
    return f"exit {ended.returncode}: " + " ".join(lines[-6:])[-600:]


def slug(script: Script) -> str:
    """A name of a script that may be that of a file."""
    return "".join(letter if letter.isalnum() else "_" for letter in script.file)


def _fingerprint(script: Script, folder: Path, limits: Limits, switches: Mapping[str, str]) -> str:
    file = folder / script.file.partition(":")[0]
    parts = [file.read_text(encoding="utf-8"), repr(script), limits.steps, sorted(switches.items())]
    parts.append((SITE / "truth.py").read_text(encoding="utf-8"))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:10]
