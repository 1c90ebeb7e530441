"""Starting a contender, and what is known of the machine."""

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmark_parts.grid import Grid

ROOT = Path(__file__).resolve().parents[3]
RESULT = "figures.json"
"""The file in which a process leaves its figures."""
LIMIT_S = 3600
"""Seconds after which a process is given up."""
PACKAGES = ("keras", "keras-tuner", "numpy", "optuna", "tensorflow")


def contender(name: str, grid: Grid, **settings: str) -> dict[str, Any]:
    """What a contender measured in a fresh process and an empty folder, with when the process began and ended."""
    words = [name, grid.dump(), *(f"{key}={value}" for key, value in settings.items())]
    return python("benchmark_parts.child", *words)


def python(module: str, *words: str, folder: Path | None = None) -> dict[str, Any]:
    """What a module wrote into the file `RESULT`, run in a fresh process; with `failed` when it did not end well."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        place = folder or Path(name)
        began = time.time()
        failed = _run([sys.executable, "-m", module, *words], place)
        frame = {"began": began, "exited": time.time()}
        if failed:
            return frame | {"failed": failed}
        return frame | json.loads((place / RESULT).read_text())


def _run(words: list[str], folder: Path) -> str:
    """Why a process failed; empty when it did not."""
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "scripts" / "benchmarks")))
    quiet = {"PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "TMPDIR": str(folder)}
    try:
        done = subprocess.run(
            words, cwd=folder, env={**os.environ, **quiet}, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not done after {LIMIT_S} s"
    if done.returncode == 0:
        return ""
    last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
    print(done.stderr[-3000:], file=sys.stderr)
    return last[0]


def use_cores(count: int) -> int:
    """Keeps this process and its children to so many cores; returns how many they have."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine(cores: int) -> dict[str, str]:
    """What the figures were taken on."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    return {
        "date": f"{datetime.now().astimezone():%Y-%m-%d %H:%M}",
        "machine": f"{_processor()}, {cores} cores used, {platform.system()}",
        "versions": f"Python {platform.python_version()}, {versions}",
    }


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def keep(folder: Path, kind: str, document: dict[str, Any], page: str) -> Path:
    """Writes the results with their date in their name, as Markdown and JSON; returns the page's place."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"{datetime.now().astimezone():%Y-%m-%d}-{kind}"
    stem.with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n")
    stem.with_suffix(".md").write_text(page)
    return stem.with_suffix(".md")
