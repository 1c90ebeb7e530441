"""How the driver's seconds and memory grow with the number of probes: workers are played by a function."""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark_parts import process
from benchmark_parts.words import page, table

AXES = {100: (5, 1), 1_000: (25, 2), 10_000: (50, 10)}
"""Rates and seeds for each number of probes; five optimizers and four batch sizes come on top."""
PHASES = ("plan", "record", "half", "resume", "report", "classify")
"""Each in a fresh process. `resume` goes on with what `half` left; the last two read what `record` wrote."""
INTRO = """`python scripts/benchmarks/benchmark.py --scale`

The driver alone, through the functions that the command line calls; a function that returns made-up curves of 200 steps
stands in for the workers, and its time is taken off. Each phase runs in a fresh process.

- plan: `sweeper probe --plan`
- record: a whole run: every outcome kept, judged, shown and added to the Optuna study; then results and report
- resume: half of the probes are there; the time until the run goes on, and all of it
- report: `sweeper report`: every curve read and judged, results and report written
- classify: the verdicts alone, on curves in memory"""
HEADS = (
    *("probes", "plan s", "record s", "report at its end s", "resume: until it goes on s", "resume: whole s"),
    *("report s", "classify s", "highest peak MiB", "results.json MB", "report.html MB"),
)


def measured(cores: int, *, quick: bool) -> tuple[dict[str, Any], str]:
    """The growth as data and as a page."""
    sizes = [100] if quick else list(AXES)
    document: dict[str, Any] = {"facts": process.machine(cores), "sizes": {}}
    for size in sizes:
        document["sizes"][size] = _phases(size)
    rows = [_row(size, found) for size, found in document["sizes"].items()]
    return document, page("Scale", INTRO, document["facts"], [table(HEADS, rows)])


def _phases(size: int) -> dict[str, Any]:
    found = {}
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        for phase in PHASES:
            words = (phase, str(size))
            found[phase] = process.python("benchmark_parts.scale_child", *words, folder=Path(name))
            print(f"{size} probes, {phase}: {found[phase]}", file=sys.stderr, flush=True)
    return found


def _row(size: int, found: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    def seconds(phase: str, figure: str) -> str:
        one = found[phase]
        return f"{one[figure]:.1f}" if figure in one else "failed"

    def megabytes(figure: str) -> str:
        return f"{found['report'][figure] / 1e6:.1f}" if figure in found["report"] else "none"

    return (
        f"{size:,}",
        seconds("plan", "total_s"),
        seconds("record", "probes_s"),
        seconds("record", "report_s"),
        seconds("resume", "until_s"),
        seconds("resume", "total_s"),
        seconds("report", "total_s"),
        seconds("classify", "total_s"),
        f"{max(one.get('peak_mib', 0.0) for one in found.values()):.0f}",
        megabytes("results_bytes"),
        megabytes("page_bytes"),
    )
