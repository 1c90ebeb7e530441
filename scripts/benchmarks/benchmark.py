"""Compares sweeper with today's ways to make the same map, and with the limit.

    python scripts/benchmarks/benchmark.py --report reports/benchmarks
    python scripts/benchmarks/benchmark.py --models mlp --probes 54 --steps 200 --rounds 3
    python scripts/benchmarks/benchmark.py --boundary        the boundary search against the grid of the same resolution
    python scripts/benchmarks/benchmark.py --scale           the driver alone at 100, 1,000 and 10,000 probes

Each job of benchmark_jobs is mapped by every contender: the same optimizers, rates, batch sizes and steps, on
the same samples from the same first weights. Each contender runs in a fresh process, alone, in an order that moves on
from round to round. None of them keeps a metric. Sweeper does two things more than the others: it measures a validation
loss nine times in each probe, and it runs one probe without updates for each batch size; both count. It also ends a
probe early once its loss is lost, which the column "steps run" shows.

Start-up is everything until the first probe can begin (for sweeper, the capture of the job); tracing counts as part of
the probes, except sweeper's first, which is part of the capture. "s per probe" is wall time over probes, with all
workers at work; steps per second are those inside a probe, of the median optimizer and batch size.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from benchmark_parts import boundary, figures, process, scale, words
from benchmark_parts.grid import GRIDS, Grid, quick, sized

CONTENDERS = ("sweeper", "sweeper-1", "keras-tuner", "optuna", "loop", "graph", "graph-xla")
ONCE = "reference"


def arguments_of() -> argparse.Namespace:
    """What was asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=",".join(GRIDS), help=f"some of {', '.join(GRIDS)}")
    parser.add_argument("--contenders", default=",".join(CONTENDERS), help=f"some of {', '.join(CONTENDERS)}")
    parser.add_argument("--probes", type=int, help="probes of each map, about; each model has its own number")
    parser.add_argument("--steps", type=int, help="steps of a probe; each model has its own number")
    parser.add_argument("--rounds", type=int, default=1, help="times that everything runs; medians count")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="the least that shows whether it all works")
    parser.add_argument("--boundary", action="store_true", help="compare boundary search and grid instead")
    parser.add_argument("--resolution", type=float, default=0.1, help="decades, for --boundary")
    parser.add_argument("--scale", action="store_true", help="measure the driver alone instead")
    parser.add_argument("--report", type=Path, help="folder for the dated results")
    return parser.parse_args()


def measured(grid: Grid, contenders: list[str], rounds: int) -> dict[str, list[dict[str, Any]]]:
    """What each contender reported, one entry for each round."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in contenders}
    for turn in range(rounds):
        first = turn % len(contenders)
        for name in (*contenders[first:], *contenders[:first]):
            workers = {"workers": "1"} if name == "sweeper-1" else {}
            runs[name].append(process.contender(name, grid, **workers))
            _say(f"{grid.model}, {name}", runs[name][-1])
    runs[ONCE] = [process.contender(ONCE, grid)]
    _say(f"{grid.model}, {ONCE}", runs[ONCE][0])
    return runs


def _say(what: str, told: dict[str, Any]) -> None:
    how = told.get("failed") or told.get("given_up") or f"{len(told['trials'])} probes"
    print(f"{what}: {how} in {told['exited'] - told['began']:.1f} s", file=sys.stderr, flush=True)


def speed(asked: argparse.Namespace, cores: int) -> tuple[dict[str, Any], str]:
    """The comparison of all contenders, as data and as a page."""
    document: dict[str, Any] = {"facts": process.machine(cores), "models": {}}
    sections = []
    for name in asked.models.split(","):
        grid = sized(quick(GRIDS[name]) if asked.quick else GRIDS[name], probes=asked.probes, steps=asked.steps)
        runs = measured(grid, asked.contenders.split(","), asked.rounds)
        found = figures.compared(runs)
        document["models"][name] = {"grid": grid.dump(), "figures": found, "runs": _without_curves(runs)}
        sections.append(words.section(grid, found))
        print(sections[-1], flush=True)
    return document, words.page("Speed", _intro(), document["facts"], sections)


def _without_curves(runs: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The reports of the contenders without what would make the file large."""
    return {
        name: [{key: value for key, value in one.items() if key not in {"trials", "rows"}} for one in many]
        for name, many in runs.items()
    }


def _intro() -> str:
    _, _, prose = (__doc__ or "").partition("10,000 probes\n")
    return f"`python scripts/benchmarks/benchmark.py`\n{prose}"


def main() -> None:
    """Measures what was asked and writes it down."""
    asked = arguments_of()
    cores = process.use_cores(asked.cores)
    if asked.scale:
        kind, (document, page) = "scale", scale.measured(cores, quick=asked.quick)
    elif asked.boundary:
        kind = "boundary"
        document, page = boundary.measured(cores, resolution=asked.resolution, quick=asked.quick)
    else:
        kind, (document, page) = "speed", speed(asked, cores)
    if asked.report:
        print(process.keep(asked.report, kind, document, page))
    elif kind != "speed":
        print(page)


if __name__ == "__main__":
    main()
