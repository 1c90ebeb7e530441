"""Whether probes of training loops without fit train as the scripts do, and what they cost.

    python scripts/studies/study_loops.py [--only WORD] [--work FOLDER] [--times 3] [--no-cost]
                                          [--write reports/studies]

Each script of tests/scripts/loops is run twice: by `sweeper lr SCRIPT --steps 60 --max-probes 3`, of which the probe at
the script's own rate and seed 0 counts, and by itself in plain TensorFlow (loops_parts/bare.py), where `LOOPS` says how
the losses seen there make those of updates. The largest relative difference over 60 steps is told. What a probe at
another rate costs is compared with as many updates of the bare loop, in turns. A FOLDER given with `--work` is kept,
and what it has is not run again.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "tests" / "scripts" / "loops"
BARE = Path(__file__).resolve().parent / "loops_parts" / "bare.py"
STEPS = 60
ALIKE = 1e-3
"""Largest relative difference of a loss that counts as the same training."""
TIMED_STEPS = 200
SETTLED_AFTER = 50
"""Updates of the bare loop after which its time counts."""
DEAREST = 1.2
"""Seconds of a probe to those of the bare loop that are taken to be no burden."""
LIMIT = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """How the losses that are seen in a script by itself make the loss of a step."""

    per_step: int = 1
    take: tuple[int, ...] = (0,)
    """Which of those of a step count."""
    mean: bool = False
    """Their mean counts, and not their sum."""
    divide: float = 1.0
    see: str = "targets"
    rate: float | None = None
    """The script's rate moves: the constant one at which both train, on other batches, so that only levels compare."""

    def losses(self, seen: list[float]) -> list[float]:
        """The losses of the first steps."""
        steps = [seen[at : at + self.per_step] for at in range(0, len(seen), self.per_step)]
        sums = [sum(step[number] for number in self.take) / self.divide for step in steps[:STEPS]]
        return [one / len(self.take) for one in sums] if self.mean else sums


LOOPS = {
    "accumulation_by_hand": Loop(per_step=4, take=(0, 1, 2, 3), mean=True),
    "accumulation_by_optimizer": Loop(per_step=4, take=(0, 1, 2, 3), mean=True),
    "compiled_step": Loop(see="returned"),
    "dqn": Loop(),
    "epoch_in_one_function": Loop(),
    "gan_train_on_batch": Loop(per_step=3, take=(1, 2), see="returned"),
    "gan_two_optimizers": Loop(per_step=2, take=(0, 1)),
    "keras_random": Loop(),
    "manual_warmup": Loop(rate=5e-3),
    "mirrored_strategy": Loop(),
    "mixed_precision": Loop(divide=2.0**15),
    "persistent_tape": Loop(per_step=2, take=(0, 1)),
    "raw_variables": Loop(),
    "schedule": Loop(rate=2e-3),
    "short_loop": Loop(),
    "step_with_signature": Loop(),
    "stops_at_nan": Loop(),
    "subclassed_batchnorm": Loop(),
    "train_on_batch": Loop(see="returned"),
    "trainer_class": Loop(),
    "tutorial_eager": Loop(),
    "two_losses_one_optimizer": Loop(per_step=2, take=(0, 1)),
    "vae": Loop(),
    "wgan_gp": Loop(per_step=6, take=(4, 5)),
}
TIMED = {
    "tutorial_eager": "eager-times",
    "step_with_signature": "times",
    "subclassed_batchnorm": "times",
    "train_on_batch": "times",
    "vae": "times",
    "gan_two_optimizers": "times",
}
"""The scripts whose cost is measured, each with what marks an update of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was found of one script."""

    name: str
    answer: str
    difference: float | None = None
    steps: int = 0


def run(words: list[str], *, cwd: Path, log: Path) -> int:
    """Runs a command on the CPU with this checkout of sweeper; its exit status."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    with log.open("w") as file:
        into = {"stdout": file, "stderr": subprocess.STDOUT}
        return subprocess.run(words, cwd=cwd, env=env, timeout=LIMIT, check=False, **into).returncode


def copied(name: str, work: Path) -> Path:
    """A folder with nothing but a copy of the script."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=work))
    shutil.copy(SCRIPTS / f"{name}.py", folder)
    return folder


def probed(name: str, work: Path, *options: str) -> Path:
    """The directory of a run of `sweeper lr`."""
    out = work / f"{name}.run"
    if not (out / "job.json").exists():
        shutil.rmtree(out, ignore_errors=True)
        words = [sys.executable, "-m", "sweeper", "lr", f"{name}.py", *options, "--out", str(out)]
        run(words, cwd=copied(name, work), log=work / f"{name}.txt")
    return out


def bare(name: str, work: Path, *, see: str, count: int, rate: float | None = None) -> list[float]:
    """What was seen of the script by itself."""
    out = work / f"{name}.bare.json"
    if not out.exists():
        words = [sys.executable, str(BARE), f"{name}.py", str(out), "--see", see, "--count", str(count)]
        words += [] if rate is None else ["--rate", str(rate)]
        run(words, cwd=copied(name, work), log=work / f"{name}.bare.txt")
    return json.loads(out.read_text()) if out.exists() else []


def outcomes(run_folder: Path) -> list[dict[str, Any]]:
    """The probes of a run in the order in which they ended."""
    files = sorted((run_folder / "probes").glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
    return [json.loads(file.read_text()) for file in files]


def compared(name: str, work: Path) -> Standing:
    """Holds the probe at the script's own rate against the script by itself."""
    loop = LOOPS[name]
    options = ["--max-probes", "3"] if loop.rate is None else ["--lr", f"{loop.rate:g}"]
    folder = probed(name, work, "--steps", str(STEPS), *options)
    if not (folder / "job.json").exists():
        return Standing(name=name, answer=f"not probed: {_last_line(work / f'{name}.txt')}")
    rate = loop.rate or json.loads((folder / "job.json").read_text())["job"]["optimizer"]["learning_rate"]
    own = [one for one in outcomes(folder) if (one["probe"]["learning_rate"], one["probe"]["seed"]) == (rate, 0)]
    if not own or not own[0].get("curve"):
        return Standing(name=name, answer=f"no probe at the script's own rate of {rate}")
    ours = own[0]["curve"]["train_loss"]
    truth = loop.losses(bare(name, work, see=loop.see, count=STEPS * loop.per_step, rate=loop.rate))
    count = min(len(ours), len(truth))
    if not count:
        return Standing(name=name, answer=f"the script by itself: {_last_line(work / f'{name}.bare.txt')}")
    if loop.rate is not None:
        off = abs(statistics.mean(ours[:count]) / statistics.mean(truth[:count]) - 1)
        return Standing(name=name, answer="level", difference=off, steps=count)
    off = max(abs(a - b) / max(abs(b), 1e-6) for a, b in zip(ours[:count], truth[:count], strict=True))
    return Standing(name=name, answer="same" if off <= ALIKE else "DIFFERENT", difference=off, steps=count)


def cost(name: str, work: Path, times: int) -> tuple[float, float, float] | None:
    """Median seconds of later probes, those of the bare loop, and the median of their ratios."""
    probe_seconds, bare_seconds = [], []
    for turn in range(times):
        here = work / f"timed-{turn}"
        here.mkdir(exist_ok=True)
        folder = probed(name, here, "--lr", "1e-5,2e-5,5e-5,1e-4", "--steps", str(TIMED_STEPS))
        seconds = [one["seconds"] for one in outcomes(folder) if one["kind"] == "completed"][1:]
        seen = bare(name, here, see=TIMED[name], count=SETTLED_AFTER + TIMED_STEPS + 1)
        if not seconds or len(seen) <= SETTLED_AFTER + TIMED_STEPS:
            return None
        probe_seconds.append(statistics.median(seconds))
        bare_seconds.append(seen[-1] - seen[SETTLED_AFTER])
    ratios = [ours / theirs for ours, theirs in zip(probe_seconds, bare_seconds, strict=True)]
    return statistics.median(probe_seconds), statistics.median(bare_seconds), statistics.median(ratios)


def _last_line(file: Path) -> str:
    lines = file.read_text().strip().splitlines() if file.exists() else []
    return lines[-1] if lines else "nothing was printed"


def report(standings: list[Standing], costs: dict[str, tuple[float, float, float] | None], times: int) -> str:
    """The study as a page."""
    lines = [
        "# Training loops without fit",
        "",
        f"{datetime.now().astimezone().date()}, `python scripts/studies/study_loops.py --times {times}`",
        "",
        "Losses of the probe at the script's own rate and seed 0 against the script by itself in plain TensorFlow,",
        f"over {STEPS} steps; the same up to {ALIKE:g}.",
        "`level`: the script moves its rate, so the probe trains at a constant one, on later batches, and mean losses",
        "are compared.",
        "",
        "| script | steps | largest relative difference | answer |",
        "| --- | --- | --- | --- |",
    ]
    for one in standings:
        off = "" if one.difference is None else f"{one.difference:.1e}"
        lines.append(f"| {one.name} | {one.steps or ''} | {off} | {one.answer} |")
    same = sum(one.answer == "same" for one in standings)
    lines += ["", f"{same} of {len(standings)} are the same."]
    if costs:
        lines += [
            "",
            "## Cost",
            "",
            f"Seconds of {TIMED_STEPS} steps: probes after the first, and the bare loop after its first",
            f"{SETTLED_AFTER} updates; medians of {times} turns. At most {DEAREST} is the aim.",
            "",
            "| script | probe | bare loop | ratio | |",
            "| --- | --- | --- | --- | --- |",
        ]
        for name, found in costs.items():
            if found is None:
                lines.append(f"| {name} | | | | not measured |")
            else:
                ours, theirs, ratio = found
                lines.append(f"| {name} | {ours:.2f} | {theirs:.2f} | {ratio:.2f} | {_judged(ratio)} |")
    return "\n".join(lines) + "\n"


def _judged(ratio: float) -> str:
    return "within the aim" if ratio <= DEAREST else "above"


def main() -> None:
    """Runs the study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="scripts whose name contains this")
    parser.add_argument("--work", type=Path, help="folder to work in, which is kept")
    parser.add_argument("--times", type=int, default=3, help="turns of the measurement of cost")
    parser.add_argument("--no-cost", action="store_true", help="compare losses only")
    parser.add_argument("--write", type=Path, help="folder for the report")
    given = parser.parse_args()
    work = (given.work or Path(tempfile.mkdtemp(prefix="loops-"))).resolve()
    work.mkdir(parents=True, exist_ok=True)
    names = [name for name in LOOPS if given.only in name]
    standings = []
    for name in names:
        standings.append(compared(name, work))
        print(standings[-1], flush=True)
    costs = {}
    for name in [] if given.no_cost else [name for name in TIMED if name in names]:
        costs[name] = cost(name, work, given.times)
        print(name, costs[name], flush=True)
    page = report(standings, costs, given.times)
    print(page)
    if given.write:
        (given.write / f"{datetime.now().astimezone().date()}-loops.md").write_text(page)
    if given.work is None:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
