"""The boundary search against the grid of the same resolution, on the digits MLP: probes, edges, seconds."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmark_parts import process
from benchmark_parts.figures import costs
from benchmark_parts.grid import GRIDS, SCRIPT, Grid, lattice
from benchmark_parts.words import page, table

RANGE = (1e-5, 10.0)
"""Rates of the grid; the boundary search begins with the same and goes beyond them if an edge lies there."""
OPTIMIZERS = (SCRIPT, "sgd", "momentum", "rmsprop", "adamw")
BATCH_SIZES = (16, 32, 64, 128)
INTRO = """`python scripts/benchmarks/benchmark.py --boundary`

A map of the digits MLP, once by sweeper's boundary search and once by its grid at the same resolution, over the same
rates. Probes do not include those without updates. Edges of a row are the same when they lie at most one step of the
resolution apart, or are missing in both; an edge that the boundary search finds beyond the grid's last rate counts as
the same as none in the grid."""


def measured(cores: int, *, resolution: float, quick: bool) -> tuple[dict[str, Any], str]:
    """The comparison as data and as a page."""
    grid = replace(GRIDS["mlp"], optimizers=OPTIMIZERS, batch_sizes=BATCH_SIZES, rates=lattice(*RANGE, resolution))
    if quick:
        resolution = 0.5
        grid = replace(grid, optimizers=OPTIMIZERS[:1], batch_sizes=(64,), rates=lattice(*RANGE, resolution), steps=50)
    document: dict[str, Any] = {"facts": process.machine(cores), "resolution": resolution, "grid": grid.dump()}
    search = {"search": "boundary", "resolution": f"{resolution:g}", "lr": ""}
    document["boundary"] = _run(grid, **search)
    document["full_grid"] = _run(grid)
    found = compared(document["boundary"], document["full_grid"], resolution=resolution, last=RANGE)
    document["figures"] = found
    return document, page("Boundary search", INTRO, document["facts"], [_section(grid, found)])


def _run(grid: Grid, **settings: str) -> dict[str, Any]:
    told = process.contender("sweeper", grid, **settings)
    if "failed" in told:
        raise SystemExit(f"sweeper failed: {told['failed']}")
    seconds = told["exited"] - told["began"]
    print(
        f"{settings.get('search', 'grid')}: {len(told['trials'])} probes in {seconds:.0f} s",
        file=sys.stderr,
        flush=True,
    )
    return told


def compared(
    boundary: Mapping[str, Any], grid: Mapping[str, Any], *, resolution: float, last: tuple[float, float]
) -> dict[str, Any]:
    """Probes, seconds and edges of both, and the rows whose edges differ."""
    theirs = {(row["optimizer"], row["batch_size"]): row for row in grid["rows"]}
    rows = [
        _row(row, theirs[row["optimizer"], row["batch_size"]], resolution=resolution, last=last)
        for row in boundary["rows"]
    ]
    return {
        "boundary": costs(boundary) | {"probes": len(boundary["trials"])},
        "full_grid": costs(grid) | {"probes": len(grid["trials"])},
        "rows": rows,
        "alike": sum(row["alike"] for row in rows),
    }


def _row(ours: Mapping[str, Any], theirs: Mapping[str, Any], **scale: Any) -> dict[str, Any]:
    edges = {
        kind: (edge_rate(ours["edges"], kind), edge_rate(theirs["edges"], kind)) for kind in ("learns", "diverges")
    }
    return {
        "row": f"{ours['optimizer']}, {ours['batch_size']}",
        **edges,
        "alike": all(same_edge(a, b, **scale) for a, b in edges.values()),
    }


def edge_rate(edges: Sequence[Mapping[str, Any]], kind: str) -> float | None:
    """The rate above which verdicts change at the edge of a kind; None when the row has no such edge."""
    return next((edge["high"] for edge in edges if edge["kind"] == kind), None)


def same_edge(ours: float | None, theirs: float | None, *, resolution: float, last: tuple[float, float]) -> bool:
    """Whether two edges are the same within the resolution; one beyond the grid's rates is none in the grid."""
    slack = 1.001 * resolution
    if theirs is None:
        low, high = (math.log10(rate) for rate in last)
        return ours is None or not low + slack < math.log10(ours) < high - slack
    return ours is not None and abs(math.log10(ours / theirs)) <= slack


def _section(grid: Grid, found: Mapping[str, Any]) -> str:
    ours, theirs, rows = found["boundary"], found["full_grid"], found["rows"]
    heads = ("row", "learns from: boundary", "grid", "diverges from: boundary", "grid", "the same")
    lines = [
        (row["row"], *(_rate(rate) for rate in (*row["learns"], *row["diverges"])), "yes" if row["alike"] else "no")
        for row in rows
    ]
    summary = (
        f"{len(grid.optimizers)} optimizers x {len(grid.batch_sizes)} batch sizes, {grid.steps} steps.\n\n"
        f"- boundary search: {ours['probes']} probes, {ours['map_s']:.0f} s with start-up\n"
        f"- grid: {theirs['probes']} probes, {theirs['map_s']:.0f} s with start-up\n"
        f"- probes of the boundary search as a part of the grid's: {ours['probes'] / theirs['probes']:.2f}\n"
        f"- rows with the same edges: {found['alike']} of {len(rows)}"
    )
    return f"{summary}\n\n{table(heads, lines)}"


def _rate(rate: float | None) -> str:
    return "none" if rate is None else f"{rate:.3g}"
