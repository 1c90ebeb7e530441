"""Kills the driver or a worker with SIGKILL at random instants, resumes, and compares with an undisturbed run.

    python scripts/studies/kill_study.py --kills 20 --report reports/studies

A finished probe must be neither lost nor run again, and the results of a run that was killed again and again must equal
those of the undisturbed one, timings aside. Its Optuna study must hold the same probes, each once. One run after the
other is disturbed until enough kills have been sent.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
import psutil
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from sweeper.text import plural

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "digits.py"
OPTIONS = ["--optimizer", "script,momentum", "--lr", "1e-4:1:log:9", "--batch-size", "16,64", "--steps", "60", "-q"]
TIMINGS = {
    "seconds",
    "samples_per_second",
    "peak_memory_bytes",
    "created",
    "command",
    "run",
    "trace_seconds",
    "step_seconds",
    "engine_reason",
}


def command(*words: str) -> list[str]:
    """The command line of sweeper in this checkout."""
    return [sys.executable, "-m", "sweeper", *words]


def start(words: list[str]) -> subprocess.Popen[bytes]:
    """A driver in the background."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "2"}
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


def finished(run: Path) -> dict[str, tuple[int, int]]:
    """The outcome files with what shows that they were written once: inode and time."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (run / "probes").glob("*.json")}


def in_study(run: Path) -> list[str]:
    """The probes of the trials in the run's study."""
    (study,) = optuna.get_all_study_names(storage := JournalStorage(JournalFileBackend(str(run / "study.journal"))))
    return sorted(trial.user_attrs["probe"] for trial in optuna.load_study(study_name=study, storage=storage).trials)


def results_of(run: Path) -> Any:
    """The results of a run without timings."""
    return without_timings(json.loads((run / "results.json").read_text()))


def without_timings(tree: Any) -> Any:
    """The results without what differs between any two runs."""
    if isinstance(tree, dict):
        return {key: without_timings(value) for key, value in tree.items() if key not in TIMINGS}
    if isinstance(tree, list):
        return [without_timings(item) for item in tree if not _says_speed(item)]
    return tree


def _says_speed(item: Any) -> bool:
    """Whether an entry of the changes says how quick the engines were when one of them was chosen."""
    return isinstance(item, dict) and item.get("what") == "engine"


def first_differences(a: Any, b: Any, where: str = "results") -> list[str]:
    """Where two trees differ, at most a few places of them."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        found = [line for key in a for line in first_differences(a[key], b[key], f"{where}.{key}")]
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        found = [
            line for i, (x, y) in enumerate(zip(a, b, strict=True)) for line in first_differences(x, y, f"{where}[{i}]")
        ]
    else:
        found = [] if a == b else [f"{where}: {str(a)[:200]} / {str(b)[:200]}"]
    return found[:5]


def kill_something(driver: subprocess.Popen[bytes], chance: random.Random) -> str:
    """Sends SIGKILL to the driver or to one of its workers; says to which."""
    workers = psutil.Process(driver.pid).children()
    if workers and chance.choice((True, False)):
        chance.choice(workers).send_signal(signal.SIGKILL)
        return "worker"
    driver.kill()
    driver.wait()
    return "driver"


def disturbed(run: Path, kills: int, chance: random.Random, *, seconds: float) -> dict[str, int]:
    """A run that is killed again and again until it is complete; what happened, in numbers.

    `seconds` is what an undisturbed run takes: kills come at any moment of that.
    """
    seen = {"driver": 0, "worker": 0, "lost": 0, "repeated": 0}
    kept: dict[str, tuple[int, int]] = {}
    driver = start(command("probe", str(SCRIPT), *OPTIONS, "--out", str(run)))
    while driver.poll() is None or driver.returncode != 0:
        if driver.poll() is not None:
            words = command("resume", str(run), "-q") if (run / "run.json").exists() else None
            driver = start(words or command("probe", str(SCRIPT), *OPTIONS, "--out", str(run)))
        wait_until = time.monotonic() + chance.uniform(0.5, seconds)
        while time.monotonic() < wait_until and driver.poll() is None:
            time.sleep(0.05)
        if driver.poll() is None and seen["driver"] + seen["worker"] < kills:
            seen[kill_something(driver, chance)] += 1
        now = finished(run)
        seen["lost"] += len(kept.keys() - now.keys())
        seen["repeated"] += sum(now[name] != stamp for name, stamp in kept.items() if name in now)
        kept = now
    return seen


def main() -> int:
    """Runs the study; the exit status is 1 when something was lost, repeated or different."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--report", type=Path, help="folder for a dated result")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)  # noqa: S311  no secret
    seen: Counter[str] = Counter()
    differences: list[str] = []
    runs, same_study = 0, True
    with tempfile.TemporaryDirectory() as folder:
        calm = Path(folder) / "calm"
        began = time.monotonic()
        start(command("probe", str(SCRIPT), *OPTIONS, "--out", str(calm))).wait()
        seconds, probes, trials = time.monotonic() - began, len(finished(calm)), in_study(calm)
        while (left := arguments.kills - seen["driver"] - seen["worker"]) > 0:
            runs += 1
            run = Path(folder) / f"killed-{runs}"
            seen.update(disturbed(run, left, chance, seconds=seconds))
            differences += first_differences(results_of(calm), results_of(run))
            same_study &= in_study(run) == trials and len(set(trials)) == len(trials)
    equal = not differences
    sent = f"{seen['driver']} to the driver, {seen['worker']} to workers"
    lines = [
        f"SIGKILLs sent: {sent}, in {plural(runs, 'run')} of {probes} probes",
        f"finished probes lost: {seen['lost']}; repeated: {seen['repeated']}",
        f"results equal to those of the undisturbed run, timings aside: {equal}",
    ]
    lines.append(f"trials in each study: {len(trials)}; those of the undisturbed run, each once: {same_study}")
    lines += [f"difference at {line}" for line in differences[:5]]
    print("\n".join(lines))
    if arguments.report:
        arguments.report.mkdir(parents=True, exist_ok=True)
        file = arguments.report / f"{datetime.now().astimezone():%Y-%m-%d}-kills.md"
        file.write_text(
            "# Kills\n\n`python scripts/studies/kill_study.py`\n\n" + "".join(f"- {line}\n" for line in lines)
        )
    return 0 if equal and same_study and not seen["lost"] and not seen["repeated"] else 1


if __name__ == "__main__":
    sys.exit(main())
