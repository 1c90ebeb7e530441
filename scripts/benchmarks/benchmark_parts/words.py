"""The figures as Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark_parts.grid import Grid

OURS, ALONE = "sweeper", "sweeper-1"
NAMES = {
    OURS: "sweeper",
    ALONE: "sweeper, one worker",
    "keras-tuner": "KerasTuner GridSearch",
    "optuna": "Optuna GridSampler around fit",
    "loop": "hand-written loop over fit",
    "graph": "hand-written loop in the graph",
    "graph-xla": "the same with XLA",
}
COMPARED = (
    ("of_limit", "those of the loop in the graph, all that a probe does included"),
    ("stepping_of_limit", "the same, while stepping: without setting back, validation and reading out"),
    ("stepping_of_xla", "those of the loop compiled by XLA, compiling left out, while stepping"),
    ("of_warm_fit", "those of a fit that is traced already"),
)
HEADS = (
    *("", "probes", "start-up s", "s per probe", "s per probe with start-up", "whole map s", "first verdict s"),
    *("steps per s", "steps run", "peak MiB"),
)


def section(grid: Grid, found: Mapping[str, Any]) -> str:
    """What was found for one model."""
    title = (
        f"## {grid.model}: {grid.probes} probes x {grid.steps} steps "
        f"({len(grid.optimizers)} optimizers, {len(grid.batch_sizes)} batch sizes, {len(grid.rates)} rates)"
    )
    rows = [_row(name, found["contenders"][name]) for name in NAMES if name in found["contenders"]]
    failed = [f"{NAMES.get(name, name)}: {why}." for name, why in found["failed"].items()]
    return "\n\n".join([title, table(HEADS, rows), *_remarks(found), *failed])


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose first column is text and whose others are numbers."""
    lines = [heads, ("---", *("---:" for _ in heads[1:])), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    worker = one["worker_peak_mib"]
    memory = f"{one['peak_mib']:.0f} + {worker:.0f} a worker" if worker else f"{one['peak_mib']:.0f}"
    return (
        *(NAMES[name], str(one["probes"]), f"{one['start_s']:.1f}", f"{one['probe_s']:.3f}"),
        *(f"{one['probe_with_start_s']:.3f}", f"{one['map_s']:.1f}", f"{one['first_s']:.1f}"),
        *(f"{one['steps_per_s']:.0f}" if one["steps_per_s"] else "none", str(one["steps_run"]), memory),
    )


def _remarks(found: Mapping[str, Any]) -> list[str]:
    known = found["contenders"]
    lines = [
        f"- {known[rival]['probe_s'] / known[OURS]['probe_s']:.1f} times faster than {NAMES[rival]} for each probe, "
        f"{known[rival]['map_s'] / known[OURS]['map_s']:.1f} times for the whole map with start-up."
        for rival in ("keras-tuner", "optuna", "loop")
        if rival in known and OURS in known
    ]
    lines += [
        f"- Steps a second of one worker, compared with {what}: {spread(found[key])}."
        for key, what in COMPARED
        if found[key]
    ]
    if found["limit_of_warm_fit"]:
        lines.append(f"- The loop in the graph, as a multiple of traced fit: {spread(found['limit_of_warm_fit'])}.")
    if found["engine"]:
        lines.append(f"- Engine of sweeper: {found['engine']}.")
    if found["overhead_s"] is not None:
        lines.append(f"- Between two probes of one worker: {1000 * found['overhead_s']:.1f} ms.")
    if (same := found["agreement"]) is not None:
        apart = "; ".join(f"{pair}: {count}" for pair, count in same["apart"].items())
        apart = f" (apart, as sweeper / plain fit: {apart})" if apart else ""
        kind = "on the curves of plain fit, which takes the samples in another order"
        lines.append(f"- Verdicts as {kind}: {same['alike']} of {same['of']}{apart}.")
    return ["\n".join(lines)] if lines else []


def spread(ratios: Sequence[float]) -> str:
    """Median and least of ratios, ascending."""
    return f"median {ratios[len(ratios) // 2]:.2f}, least {ratios[0]:.2f}"


def page(title: str, intro: str, facts: Mapping[str, str], sections: Sequence[str]) -> str:
    """A whole page."""
    listed = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    return "\n\n".join([f"# {title}", intro.strip(), listed, *sections]) + "\n"
