"""Checks the batch-size search against exhaustive bisection and against the algorithms of Lightning's Tuner.

    python scripts/studies/study_memory.py --report reports/studies
    python scripts/studies/study_memory.py --jobs cnn,lstm --repeats 1

For each script in scripts/studies/memory_jobs, under a limit on resident memory:

1. `sweeper batch --memory-only` searches: trials, out-of-memories, seconds, largest and recommended size.
2. Truth: the script itself, in plain Python without sweeper, one epoch with its validation in a fresh process for each
   size, bisected to 2% between sizes whose peak (`ru_maxrss`) is within the limit and sizes whose peak is over it.
3. Lightning: the rules of its power scaling and its binary search (start 2, at most 25 trials, 5% margin for the
   latter), on trials as sweeper runs them. A size that both ask for is run once and its seconds count for each.
4. The largest and the recommended size train two full epochs with validation in plain Python, some times over.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
JOBS = ROOT / "scripts" / "studies" / "memory_jobs"
MIB = 1 << 20
LIMITS = {
    "mlp": (1300, 16_000),
    "cnn": (2300, 2_000),
    "lstm": (2300, 3_600),
    "attention": (2800, 2_600),
    "embedding": (1500, 7_200),
    "optimizer_state": (1600, 4_800),
}
"""MiB of resident memory for each job, with room for some hundred to a few thousand samples, and its samples."""
HEADROOM = 0.1
RESOLUTION = 0.02
LIGHTNING_TRIALS = 25
LIGHTNING_START = 2
LIGHTNING_MARGIN = 0.05
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": "-1"}


@dataclass
class Tally:
    """What a search cost and found."""

    trials: int = 0
    failures: int = 0
    seconds: float = 0.0
    largest: int | None = None


@dataclass
class Job:
    """One script with its limit."""

    name: str
    limit_mib: int
    samples: int
    cache: dict[int, tuple[bool, float]] = field(default_factory=dict)

    @property
    def script(self) -> Path:
        """The script itself."""
        return JOBS / f"{self.name}.py"


def search(job: Job, folder: Path) -> tuple[Tally, dict[str, Any]]:
    """What `sweeper batch` finds."""
    out = folder / f"{job.name}-run"
    words = ["batch", str(job.script), "--memory-only", "--memory-limit", f"{job.limit_mib}MiB", "--json", "-q"]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "sweeper", *words, "--gpus", "none", "--out", str(out)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{job.name}: sweeper ended with {done.returncode}:\n{done.stderr[-3000:]}")
    memory = json.loads(done.stdout)["memory"]
    failures = sum(trial["outcome"] != "completed" for trial in memory["trials"])
    seconds = time.monotonic() - began
    return Tally(len(memory["trials"]), failures, seconds, memory["largest_that_fits"]), memory


def peak_of_script(job: Job, size: int, *, epochs: int) -> int:
    """Peak resident memory in MiB of the script itself at one batch size; raises when it fails."""
    words = [sys.executable, str(job.script), "--batch-size", str(size), "--epochs", str(epochs)]
    with subprocess.Popen(words, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        errors = process.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{job.name} at batch size {size} failed:\n{errors[-2000:]}")
    return usage.ru_maxrss // 1024


def truth(job: Job, start: int) -> int:
    """The largest size at which the script itself stays within the limit, to 2%."""
    low, high = 0, job.samples + 1
    size = max(1, start)
    while high - max(low, 1) > max(1, RESOLUTION * low):
        fits = peak_of_script(job, size, epochs=1) <= job.limit_mib
        print(f"  truth: {size} {'fits' if fits else 'does not fit'}", flush=True)
        low, high = (size, high) if fits else (low, size)
        bracketed = low > 0 and high <= job.samples
        size = (
            (low + high) // 2 if bracketed else min(job.samples, size * 5 // 4 + 1) if fits else max(1, size * 4 // 5)
        )
        if low == job.samples:
            break
    return low


def run_size(job: Job, size: int) -> tuple[bool, float]:
    """Whether one trial, as sweeper runs it, passes at a size, and its seconds."""
    if size not in job.cache:
        job.cache[size] = _trial(job, size)
    return job.cache[size]


def _trial(job: Job, size: int) -> tuple[bool, float]:
    from sweeper.batch_size.driver import TrialOrder, TrialRunner, host_limit
    from sweeper.batch_size.values import Trial
    from sweeper.execute import LocalLauncher, StopLevel, Timeouts, make_slots
    from sweeper.protocol import Start
    from sweeper.settings import EarlierFits
    from sweeper.trial import Goal, TrialRequest

    limit = host_limit(job.limit_mib * MIB)
    with tempfile.TemporaryDirectory() as name:
        runner = TrialRunner(
            LocalLauncher(),
            slot=make_slots(workers=1, gpus="none", backend=None, environ=os.environ)[0],
            logs=Path(name),
            timeouts=Timeouts(start=600, probe=None),
            host=limit,
            stop_level=lambda: StopLevel.RUN,
            note=print,
        )
        start = Start(
            target=str(job.script),
            script_args=(),
            fit=None,
            data=None,
            earlier_fits=EarlierFits.SHORT,
            scratch=f"{name}/scratch",
        )
        request = TrialRequest(batch_size=size, goal=Goal.MEASURE)
        ended = runner.run(start, number=1, decide=lambda _: TrialOrder(request=request, limit=limit))
    assert isinstance(ended, Trial), ended
    return ended.passed, ended.seconds


def lightning(job: Job, *, mode: str) -> Tally:
    """Lightning's `scale_batch_size` in mode `power` or `binsearch`, on sweeper's trials."""
    tally = Tally()

    def passes(size: int) -> bool:
        fits, seconds = run_size(job, size)
        tally.trials += 1
        tally.failures += not fits
        tally.seconds += seconds
        return fits

    find: Callable[[], int] = {"power": lambda: _power(passes, job), "binsearch": lambda: _binsearch(passes, job)}[mode]
    tally.largest = find()
    return tally


def _power(passes: Callable[[int], bool], job: Job) -> int:
    size = LIGHTNING_START
    for _ in range(LIGHTNING_TRIALS):
        if not passes(size):
            return size // 2
        if size >= job.samples:
            break
        size = min(2 * size, job.samples)
    return size


def _binsearch(passes: Callable[[int], bool], job: Job) -> int:
    low, high, size = 1, None, LIGHTNING_START
    for _ in range(LIGHTNING_TRIALS):
        if passes(size):
            low = size
            if high is not None:
                if high - low <= 1:
                    break
                size = (low + high) // 2
            elif size >= job.samples:
                break
            else:
                size = min(2 * size, job.samples)
        else:
            high = size
            size = (low + high) // 2
            if high - low <= 1:
                break
    return max(1, int(low * (1 - LIGHTNING_MARGIN)))


def study(job: Job, *, repeats: int, rivals: bool, folder: Path) -> dict[str, Any]:
    """All measurements of one job."""
    print(f"{job.name}: limit {job.limit_mib} MiB", flush=True)
    tally, memory = search(job, folder)
    largest, recommended = tally.largest, memory["recommended"]
    print(f"  sweeper: {tally}, recommended {recommended}", flush=True)
    assert largest is not None
    peaks = {
        size: [peak_of_script(job, size, epochs=2) for _ in range(repeats)] for size in sorted({largest, recommended})
    }
    print(f"  two epochs: {peaks}", flush=True)
    true = truth(job, math.ceil(largest * 1.1))
    used = max(trial["peak_bytes"] for trial in memory["trials"] if trial["batch_size"] == largest) / MIB
    at_bound = largest == job.samples
    return {
        "job": job.name,
        "limit_mib": job.limit_mib,
        "samples": job.samples,
        "true_largest": true,
        "sweeper": vars(tally) | {"recommended": recommended, "knee": memory["knee"], "used_mib": round(used)},
        "trials": [(t["batch_size"], t["goal"], t["outcome"], t["peak_bytes"]) for t in memory["trials"]],
        "used_of_target": round(used / (job.limit_mib * (1 - HEADROOM)), 3),
        "at_bound": at_bound,
        "two_epochs_mib": {str(size): values for size, values in peaks.items()},
        "lightning": {mode: vars(lightning(job, mode=mode)) for mode in ("power", "binsearch")} if rivals else {},
    }


def table(results: list[dict[str, Any]]) -> str:
    """The results as Markdown."""
    heads = (
        *("job", "limit", "true largest", "sweeper: largest", "of target used", "trials", "failed", "seconds"),
        *("two epochs, worst peak", "power: found, trials, failed, seconds"),
        "binsearch: found, trials, failed, seconds",
    )
    lines = [f"| {' | '.join(heads)} |", "| --- |" + " ---: |" * (len(heads) - 1)]
    for found in results:
        ours, worst = found["sweeper"], max(max(values) for values in found["two_epochs_mib"].values())
        rivals = [
            "{largest}, {trials}, {failures}, {seconds:.0f}".format(**found["lightning"][mode])
            if found["lightning"]
            else "not run"
            for mode in ("power", "binsearch")
        ]
        bound = " (all samples)" if found["at_bound"] else ""
        lines.append(
            f"| {found['job']} | {found['limit_mib']} MiB | {found['true_largest']} | {ours['largest']}{bound} "
            f"| {found['used_of_target']:.0%} | {ours['trials']} | {ours['failures']} | {ours['seconds']:.0f} "
            f"| {worst} MiB | {' | '.join(rivals)} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Runs the study and writes its results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", default=",".join(LIMITS), help="names of scripts in scripts/studies/memory_jobs")
    parser.add_argument("--repeats", type=int, default=3, help="trainings of two epochs at each final size")
    parser.add_argument("--without-lightning", action="store_true", help="leave the other algorithms out")
    parser.add_argument("--report", type=Path, help="folder for the dated results")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.jobs.split(","):
            job = Job(name, *LIMITS[name])
            results.append(
                study(job, repeats=arguments.repeats, rivals=not arguments.without_lightning, folder=Path(folder))
            )
            print(json.dumps(results[-1]), flush=True)
    print(table(results))
    if arguments.report:
        arguments.report.mkdir(parents=True, exist_ok=True)
        stem = arguments.report / f"{datetime.now().astimezone():%Y-%m-%d}-memory"
        stem.with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n")
        stem.with_suffix(".md").write_text(f"# Batch-size search\n\n{(__doc__ or '').strip()}\n\n{table(results)}\n")


if __name__ == "__main__":
    main()
