"""Times the ways to put finished probes into an Optuna study.

    python scripts/benchmarks/benchmark_study_index.py --report reports/benchmarks
    python scripts/benchmarks/benchmark_study_index.py --probes 1000 --limit 60 --rounds 3

Each way gets the same trials, of curves of 200 steps, in a fresh file. The ways take turns, and the fastest round
counts. A way that is not done within the limit is stopped there, and its time for all trials is worked out from what it
took for the last ones: such figures have a ~.

- tables: rows written straight into Optuna's tables, as sweeper did up to commit 5b285e0 (read from git), 20 trials in
  one transaction
- database: `study.add_trials` into SQLite, with as many points of each curve as named, and once without waiting for the
  disk (`PRAGMA synchronous=OFF`)
- journal: `study.add_trials` into a journal file
- writer: what a sweep does: probes handed to the thread as fast as possible, then a wait for the end. "driver waits" is
  the time in `add`; the wait for the end comes after the report, and Ctrl-C ends it.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import optuna
from benchmark_parts import process, words
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial

from sweeper.curve import Curve
from sweeper.probes import Outcome, OutcomeKind
from sweeper.record import StudyWriter
from sweeper.record._trial import FEW_POINTS, MOST_POINTS, trial_of
from sweeper.space import OptimizerChoice, Space
from sweeper.verdict import Evidence, Judged, Label, Verdict

FORMER = "5b285e0:sweeper/record/_trials.py"
STEPS = 200
AT_ONCE = 20
"""Trials between two looks at the clock, and in one transaction of the former way."""
LAST = 5
"""Looks at the clock from which the time of what is missing is worked out."""
HEADS = ("way", "trials", "ms a trial", "CPU ms a trial", "all trials s", "driver waits s", "MB")

Way = Callable[[Path, int], tuple[Callable[[slice], None], Callable[[], None]]]
"""Given a folder and the number of trials: what adds some of them, and what ends it."""


def space_of(probes: int) -> Space:
    """A space with a cell for each probe: 50 rates, and as many seeds as that takes."""
    rates = tuple(10 ** (-5 + index / 10) for index in range(50))
    choice = OptimizerChoice(label="script", name="script")
    seeds = tuple(range(-(-probes // len(rates))))
    return Space(optimizers=(choice,), learning_rates=rates, batch_sizes=(32,), seeds=seeds, steps=(STEPS,))


def probes_of(space: Space, count: int) -> list[tuple[Judged, float]]:
    """Finished probes with the final loss of each."""
    evidence = Evidence(code="made_up", measured=1.0, threshold=2.0, step=None, sentence="the loss fell by half")
    verdict = Verdict(label=Label.HEALTHY, evidence=(evidence,))
    curve = Curve(train_loss=tuple(2.3 / (1 + 0.01 * step) for step in range(STEPS)))
    axes = [(rate, seed) for seed in space.seeds for rate in space.learning_rates][:count]
    probes = [space.probe(optimizer="script", learning_rate=rate, batch_size=32, seed=seed) for rate, seed in axes]
    outcomes = [Outcome(probe=probe, kind=OutcomeKind.COMPLETED, curve=curve, seconds=0.1) for probe in probes]
    return [(Judged(outcome=outcome, verdict=verdict), 0.77) for outcome in outcomes]


def trials_of(count: int, most_points: int) -> list[FrozenTrial]:
    """Finished probes as finished trials of a study."""
    space = space_of(count)
    return [
        trial_of(judged, final_loss=loss, space=space, run_id="run", most_points=most_points)
        for judged, loss in probes_of(space, count)
    ]


class NoWait(sqlite3.Connection):
    """A connection that lets the system decide when to write to the disk."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.execute("PRAGMA synchronous=OFF")


def opened(folder: Path, **options: Any) -> tuple[optuna.Study, RDBStorage]:
    """A new study in a SQLite file."""
    storage = RDBStorage(f"sqlite:///{folder / 'study.db'}", engine_kwargs={"connect_args": options})
    return optuna.create_study(storage=storage, study_name="study"), storage


def database(most_points: int, **options: Any) -> Way:
    """Optuna's functions on a SQLite file."""

    def way(folder: Path, count: int) -> tuple[Callable[[slice], None], Callable[[], None]]:
        study, storage = opened(folder, **options)
        trials = trials_of(count, most_points)
        return lambda some: study.add_trials(trials[some]), storage.engine.dispose

    return way


def journal(folder: Path, count: int) -> tuple[Callable[[slice], None], Callable[[], None]]:
    """Optuna's functions on a journal file."""
    storage = JournalStorage(JournalFileBackend(str(folder / "study.journal")))
    study = optuna.create_study(storage=storage, study_name="study")
    trials = trials_of(count, MOST_POINTS)
    return lambda some: study.add_trials(trials[some]), lambda: None


def former() -> ModuleType | None:
    """The module that wrote the tables; None where git does not have it."""
    command = ["git", "show", FORMER]
    found = subprocess.run(command, cwd=process.ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        return None
    module = ModuleType("former_trials")
    exec(compile(found.stdout, FORMER, "exec"), module.__dict__)  # noqa: S102  our own code
    return module


def tables(module: ModuleType) -> Way:
    """Writes trials with the tables' module of an earlier version."""

    def way(folder: Path, count: int) -> tuple[Callable[[slice], None], Callable[[], None]]:
        study, storage = opened(folder)
        trials = trials_of(count, MOST_POINTS)
        table = module.trials_of(study, storage)
        return lambda some: table.add(trials[some]), storage.engine.dispose

    return way


def writer(file: str) -> Way:
    """Writes trials as a sweep does."""

    def way(folder: Path, count: int) -> tuple[Callable[[slice], None], Callable[[], None]]:
        space = space_of(count)
        probes = probes_of(space, count)
        at = folder / file if file.endswith(".journal") else f"sqlite:///{folder / file}"
        adding = StudyWriter(at=at, name="study", run_id="run", space=space, tell=print)
        return lambda some: adding.add(probes[some]), lambda: adding.close(stopped=lambda: False, waits=lambda: None)

    return way


def ways() -> Iterator[tuple[str, Way]]:
    """Every way by its name."""
    if (module := former()) is not None:
        yield "tables", tables(module)
    yield f"database, {MOST_POINTS} points", database(MOST_POINTS)
    yield f"database, {FEW_POINTS} points", database(FEW_POINTS)
    yield f"database, {FEW_POINTS} points, no wait for the disk", database(FEW_POINTS, factory=NoWait)
    yield "journal", journal
    yield "writer, journal", writer("study.journal")


def measured(way: Way, count: int, limit_s: float) -> dict[str, float]:
    """The time that a way takes for a number of trials."""
    with tempfile.TemporaryDirectory(prefix="study-index-") as name:
        add, end = way(Path(name), count)
        cpu, began = time.process_time(), time.perf_counter()
        looks, done = [began], 0
        while done < count and looks[-1] - began < limit_s:
            add(slice(done, done + AT_ONCE))
            done = min(count, done + AT_ONCE)
            looks.append(time.perf_counter())
        end()
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        nbytes = sum(file.stat().st_size for file in Path(name).iterdir())
    last = looks[-LAST - 1 :]
    rate = (last[-1] - last[0]) / (AT_ONCE * (len(last) - 1))
    return {
        "trials": done,
        "all_s": took + (count - done) * rate,
        "waits_s": looks[-1] - began + (count - done) * rate,
        "ms": 1e3 * took / done,
        "cpu_ms": 1e3 * cpu / done,
        "bytes": nbytes,
    }


def row(name: str, count: int, one: dict[str, float]) -> tuple[str, ...]:
    """One line of the table."""
    about = "~" if one["trials"] < count else ""
    return (
        *(name, f"{one['trials']:,.0f}", f"{one['ms']:.1f}", f"{one['cpu_ms']:.1f}"),
        *(f"{about}{one['all_s']:,.1f}", f"{about}{one['waits_s']:,.2f}", f"{one['bytes'] / 1e6:.1f}"),
    )


def page_of(facts: dict[str, str], found: dict[int, dict[str, dict[str, float]]]) -> str:
    """The results in words."""
    _, _, intro = (__doc__ or "").partition("--rounds 3\n")
    sections = []
    for count, by_way in found.items():
        rows = [row(name, count, one) for name, one in by_way.items()]
        sections += [f"## {count:,} probes", words.table(HEADS, rows)]
    return words.page("The Optuna study of a run", intro, facts, sections)


def best(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    """The fastest round."""
    return min(rounds, key=lambda one: one["all_s"])


def main() -> None:
    """Measures, and writes it down if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probes", default="1000,10000")
    parser.add_argument("--limit", type=float, default=20.0, help="seconds for each way in each round")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--report", type=Path, help="folder for the dated results")
    asked = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    found: dict[int, dict[str, dict[str, float]]] = {}
    for count in map(int, asked.probes.split(",")):
        rounds: dict[str, list[dict[str, float]]] = {}
        for turn in range(asked.rounds):
            for name, way in ways():
                rounds.setdefault(name, []).append(measured(way, count, asked.limit))
                print(f"{count} probes, round {turn}: {name}: {rounds[name][-1]}", file=sys.stderr, flush=True)
        found[count] = {name: best(several) for name, several in rounds.items()}
    facts = process.machine(len(os.sched_getaffinity(0)))
    facts["load"] = f"{os.getloadavg()[-1]:.1f} processes at a time that wanted a core, in the last quarter of an hour"
    page = page_of(facts, found)
    print(page)
    if asked.report:
        print(process.keep(asked.report, "study-index", {"facts": facts, "probes": found}, page))


if __name__ == "__main__":
    main()
