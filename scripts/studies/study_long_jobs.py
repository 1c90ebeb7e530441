"""Whether what `sweeper probe` calls safe and recommends holds in jobs twenty times as long as a probe.

    python scripts/studies/study_long_jobs.py --work FOLDER --report reports/studies [--peers PYTHON]
                                     [--jobs digits_mlp,...]

For each script in scripts/studies/study_jobs, all with the script's own batch size:

1. Dense: long jobs of every optimizer at 19 rates from 1e-5 to 10: what can be reached, and at which rate.
2. Probe: `sweeper probe --job-steps` as a person runs it: safe ranges, fastest and recommended rates.
3. Peers: ramps as fastai and Lightning make them, from the script's own weights and without smoothing; their own
   functions suggest rates (PYTHON has both packages; without --peers this is left out).
4. Long: long jobs at five rates across each safe range, at the recommended and fastest rates, at every suggestion and
   at Keras's default, each with two orders of the samples, the second of which no probe has seen.

A long job fails if a loss or weight is not finite, if it ends more than 2% above its start, or if it gave back more
than half of an improvement of more than 5%: a rule of its own, not sweeper's verdict. Regret is what is missing at the
end of the fall from the start to the best of all long jobs of the same optimizer, 0 to 1; a job that fails has lost it
all.

Scripts that load data with `keras.datasets` need it in KERAS_HOME. FOLDER keeps what is done: a second call goes on.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sweeper.curve import Curve
from sweeper.optimizers import known_optimizer
from sweeper.record import RunDirectory

ROOT = Path(__file__).resolve().parents[2]
JOBS = ROOT / "scripts" / "studies" / "study_jobs"
PARTS = ROOT / "scripts" / "studies" / "long_jobs_parts"
PROBE_STEPS = 200
LONG_STEPS = 20 * PROBE_STEPS
DENSE_RATES = "1e-5:10:log:19"
ACROSS = 5
"""Rates across a safe range, both ends included."""
SEEDS = 2
KERAS_DEFAULTS = {"SGD": 0.01}
"""Keras's own default rate where it is not 0.001."""
RISE, LOST, GAIN = 0.02, 0.5, 0.05
METHODS = (
    *("recommended", "fastest"),
    *("fastai valley", "fastai steep", "fastai slide", "fastai minimum", "Lightning", "Keras default"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a long job ended."""

    rate: float
    seed: int
    start: float
    """Loss before any update."""
    loss: float
    """Median of the last tenth of the training losses."""
    validation: float
    """The last validation loss; NaN without one."""
    failure: str
    """Why it failed; empty when it did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowStudy:
    """One optimizer of one script."""

    job: str
    optimizer: str
    probed: Mapping[str, Any]
    """The row of results.json."""
    methods: Mapping[str, float]
    """Suggested rate by method, those that suggest none left out."""
    across: tuple[float, ...]
    """Rates across the safe range."""
    dense: tuple[Ended, ...]
    long: tuple[Ended, ...]


def sweep(out: Path, script: Path, *words: str) -> dict[str, Any]:
    """The results of a run of `sweeper probe`, which is made, or gone on with where it was cut short."""
    results = out / "results.json"
    if not results.exists() or json.loads(results.read_text(encoding="utf-8"))["environment"]["state"] != "complete":
        new = ["probe", str(script), "--batch-size", "script", "--out", str(out), *words]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
        done = subprocess.run(
            [sys.executable, "-m", "sweeper", *(["resume", str(out)] if (out / "run.json").exists() else new)],
            env=environment | {"TF_CPP_MIN_LOG_LEVEL": "2"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{script.name}: sweeper ended with {done.returncode}:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    return found


def ended(run: Path) -> dict[str, list[Ended]]:
    """The long jobs of a run by optimizer."""
    outcomes = RunDirectory.open(run).outcomes()
    nulls = [outcome.curve for outcome in outcomes if outcome.probe.is_null and outcome.curve is not None]
    start = float(np.median(np.concatenate([np.asarray(null.train_loss) for null in nulls])))
    found: dict[str, list[Ended]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.probe.is_null or outcome.curve is None:
            continue
        curve, probe = outcome.curve, outcome.probe
        found[probe.optimizer].append(
            Ended(
                rate=probe.learning_rate,
                seed=probe.seed,
                start=start,
                loss=end_of(curve.train_loss),
                validation=curve.val_loss[-1] if curve.val_loss else math.nan,
                failure=failure(curve, start),
            )
        )
    return found


def end_of(losses: Sequence[float]) -> float:
    """The median of the last tenth of a curve."""
    return float(np.median(losses[-max(1, len(losses) // 10) :]))


def failure(curve: Curve, start: float) -> str:
    """Why a long job failed, by a rule that is not sweeper's; empty when it did not."""
    losses = np.asarray(curve.train_loss)
    if not np.isfinite(losses).all() or curve.first_nonfinite_weight is not None:
        return "not finite"
    if curve.stopped_early is not None:
        return "blown up"
    end = end_of(curve.train_loss)
    if end > start + RISE * abs(start):
        return "ends above its start"
    size = max(1, len(losses) // 20)
    best = min(float(np.median(losses[i : i + size])) for i in range(0, len(losses) - size + 1, size))
    if start - best > GAIN * abs(start) and end - best > LOST * (start - best):
        return "lost its progress"
    return ""


def ramps(work: Path, script: Path, optimizers: Sequence[Mapping[str, Any]], peers: str) -> dict[str, dict[str, float]]:
    """The rates that the peers suggest, by optimizer and rule."""
    kept = work / "ramps" / f"{script.stem}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        named = [f"{choice['label']}={keras_words(choice)}" for choice in optimizers]
        words = [sys.executable, str(PARTS / "ramp.py"), str(script), str(kept), *named]
        subprocess.run(words, check=True, capture_output=True, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"})
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    said = subprocess.run([peers, str(PARTS / "peers.py"), str(kept)], check=True, capture_output=True, env=plain)
    rules = json.loads(said.stdout)
    return {label: {rule: rate for rule, rate in of.items() if rate} for label, of in rules.items()}


def keras_words(choice: Mapping[str, Any]) -> str:
    """An optimizer of the axis as `ramp.py` takes it."""
    known = known_optimizer(choice["name"])
    if known is None:
        return "script"
    settings = dict(known.preset) | choice["options"]
    return known.keras_class + (json.dumps(settings) if settings else "")


def across(safe: Mapping[str, float] | None) -> tuple[float, ...]:
    """Rates across a safe range, evenly spaced in decades."""
    if safe is None:
        return ()
    rates = np.geomspace(safe["low"], safe["high"], ACROSS)
    return tuple(dict.fromkeys(min(safe["high"], max(safe["low"], float(f"{rate:.6g}"))) for rate in rates))


def study(script: Path, work: Path, peers: str | None) -> Iterator[RowStudy]:
    """Every optimizer of one script."""
    name, steps = script.stem, str(LONG_STEPS)
    sweep(work / "dense" / name, script, "--search", "grid", "--lr", DENSE_RATES, "--steps", steps, "--seeds", "1")
    dense = ended(work / "dense" / name)
    results = sweep(work / "probe" / name, script, "--job-steps", steps, "--steps", str(PROBE_STEPS))
    choices = results["space"]["optimizers"]
    suggested = ramps(work, script, choices, peers) if peers else {}
    for row, choice in zip(results["rows"], choices, strict=True):
        label = row["optimizer"]
        known = known_optimizer(choice["name"])
        keras_class = results["target"]["job"]["optimizer"]["name"] if known is None else known.keras_class
        methods = {
            "recommended": row["recommended_learning_rate"],
            "fastest": row["fastest_learning_rate"],
            **suggested.get(label, {}),
            "Keras default": KERAS_DEFAULTS.get(keras_class, 0.001),
        }
        methods = {method: float(f"{rate:.6g}") for method, rate in methods.items() if rate}
        rates = across(row["safe_learning_rate"])
        asked = ",".join(f"{rate:.6g}" for rate in sorted({*rates, *methods.values()}))
        out = work / "long" / f"{name}-{label}"
        words = ("--optimizer", label, "--search", "grid", "--lr", asked, "--steps", steps, "--seeds", str(SEEDS))
        sweep(out, script, *words)
        yield RowStudy(
            job=name,
            optimizer=label,
            probed=row,
            methods=methods,
            across=rates,
            dense=tuple(dense[label]),
            long=tuple(ended(out)[label]),
        )


def near(runs: Sequence[Ended], rate: float) -> list[Ended]:
    """The long jobs at a rate."""
    return [run for run in runs if math.isclose(run.rate, rate, rel_tol=1e-5)]


def best_of(row: RowStudy, key: str) -> float:
    """The lowest loss that any long job of a row reached."""
    values = [getattr(run, key) for run in (*row.dense, *row.long) if not run.failure]
    finite = [value for value in values if math.isfinite(value)]
    return min(finite, default=math.nan)


def regret(row: RowStudy, rate: float, key: str) -> float:
    """What is missing at the end, as a share of the whole fall; the mean over orders of the samples."""
    best = best_of(row, key)
    start = row.dense[0].start
    shares = [
        1.0 if run.failure else min(1.0, (getattr(run, key) - best) / (start - best)) for run in near(row.long, rate)
    ]
    return float(np.mean(shares)) if shares else math.nan


def safety(rows: Sequence[RowStudy]) -> tuple[list[str], dict[str, Any]]:
    """How many long jobs within safe ranges failed."""
    runs = [(row, run) for row in rows for rate in row.across for run in near(row.long, rate)]
    failed = [(row, run) for row, run in runs if run.failure]
    unseen = [(row, run) for row, run in runs if run.seed]
    ranges, scripts = sum(bool(row.across) for row in rows), len({row.job for row in rows})
    surprised = sum(bool(run.failure) for _, run in unseen)
    lines = [
        f"{len(runs)} long jobs at {ACROSS} rates across the {ranges} safe ranges of {scripts} scripts:",
        f"{len(failed)} failed.",
        f"Of the {len(unseen)} with an order of samples that no probe had seen, {surprised} failed.",
        "",
        *(
            f"- {row.job}, {row.optimizer}: {run.rate:.3g} (seed {run.seed}) {run.failure}; safe was "
            f"{row.probed['safe_learning_rate']['low']:.3g} to {row.probed['safe_learning_rate']['high']:.3g}"
            for row, run in failed
        ),
        "",
    ]
    return lines, {"runs": len(runs), "failed": len(failed)}


def regrets(rows: Sequence[RowStudy]) -> tuple[list[str], dict[str, Any]]:
    """Regret by method, over the rows with a safe range."""
    lines = [
        "| rate | rows | failed | training: median | 90th percentile | validation: median | 90th percentile |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    told: dict[str, Any] = {}
    rows = [row for row in rows if row.probed["safe_learning_rate"] is not None]
    for method in METHODS:
        having = [row for row in rows if method in row.methods]
        if not having:
            continue
        runs = [run for row in having for run in near(row.long, row.methods[method])]
        failed = sum(bool(run.failure) for run in runs) / len(runs)
        numbers = []
        for key in ("loss", "validation"):
            values = [regret(row, row.methods[method], key) for row in having]
            numbers += [float(f(values)) for f in (np.nanmedian, lambda v: np.nanpercentile(v, 90))]
        told[method] = {"rows": len(having), "failed": failed, "regret": numbers}
        texts = " | ".join(f"{number:.1%}" for number in numbers)
        lines.append(f"| {method} | {len(having)} | {failed:.1%} | {texts} |")
    return [*lines, ""], told


def each_row(rows: Sequence[RowStudy]) -> list[str]:
    """One line for each row."""
    lines = [
        "| script | optimizer | safe range | recommended | fastest | best long job | regret | validation |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        safe, rate = row.probed["safe_learning_rate"], row.probed["recommended_learning_rate"]
        best = min((run for run in (*row.dense, *row.long) if not run.failure), key=lambda run: run.loss, default=None)
        found = (
            ("none found", "-", "-")
            if safe is None
            else (
                f"{safe['low']:.2g} to {safe['high']:.2g}",
                f"{rate:.3g}",
                f"{row.probed['fastest_learning_rate']:.3g}",
            )
        )
        numbers = ("-", "-") if safe is None else (f"{regret(row, rate, key):.1%}" for key in ("loss", "validation"))
        reached = "-" if best is None else f"{best.loss:.3g} at {best.rate:.3g}"
        lines.append("| " + " | ".join((row.job, row.optimizer, *found, reached, *numbers)) + " |")
    return [*lines, ""]


def main() -> None:
    """Runs the study and writes what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="also write FOLDER/DATE-long-jobs.md and .json")
    parser.add_argument("--peers", metavar="PYTHON", help="a Python that has fastai and lightning")
    parser.add_argument("--jobs", help="names of scripts, by commas")
    parser.add_argument("--date", default=time.strftime("%Y-%m-%d"))
    options = parser.parse_args()
    names = options.jobs.split(",") if options.jobs else [path.stem for path in sorted(JOBS.glob("*.py"))]
    rows: list[RowStudy] = []
    for name in names:
        began = time.monotonic()
        rows += study(JOBS / f"{name}.py", options.work, options.peers)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    safe, safe_told = safety(rows)
    methods, methods_told = regrets(rows)
    head = f"Probes of {PROBE_STEPS} steps, long jobs of {LONG_STEPS:,}; the words are those of the script."
    lines = [f"# Long jobs, {options.date}", "", head, "", "## In the safe range", "", *safe]
    lines += ["## Regret", "", *methods, "## Rows", "", *each_row(rows)]
    print("\n".join(lines))
    if options.report is not None:
        options.report.mkdir(parents=True, exist_ok=True)
        stem = options.report / f"{options.date}-long-jobs"
        stem.with_suffix(".md").write_text("\n".join(lines), encoding="utf-8")
        told = {"date": options.date, "safe": safe_told, "methods": methods_told}
        stem.with_suffix(".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
