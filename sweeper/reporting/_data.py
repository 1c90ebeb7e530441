"""What the script of a page needs to draw its figures, as JSON values."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sweeper.reporting._curves import PageCurve
from sweeper.reporting._looks import LOOKS, look_of_probe
from sweeper.reporting._map_rows import CellView
from sweeper.reporting._maps import MapView
from sweeper.reporting._overfit_figure import overfit_figure
from sweeper.reporting.figures import CONFIG, curve_figure, map_figure
from sweeper.results import Probe, Results
from sweeper.text import bytes_text, final_loss_text, number_text, plural, rate_text, seconds_text

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def page_data(
    results: Results,
    maps: Sequence[MapView],
    curves: Mapping[str, PageCurve],
    detailed: frozenset[str],
    *,
    memory: dict[str, Any] | None,
) -> dict[str, Any]:
    """Figures, that of `memory` included, cells, the probes in `detailed` and curves."""
    return {
        "config": CONFIG,
        "maps": {view.key: map_figure(view) for view in maps},
        "curve": curve_figure() if maps else None,
        "memory": memory,
        "overfit": overfit_figure(results.overfit, curves),
        "looks": [(look.name, look.glyph, look.title) for look in LOOKS],
        "titles": {view.key: view.title for view in maps},
        "rows": {view.key: [(row.batch_size, row.nulls[:1]) for row in view.rows] for view in maps},
        "cells": {
            cell.key: _cell(view, cell, place, column, detailed)
            for view in maps
            for place, row in enumerate(view.rows)
            for column, cell in enumerate(row.cells)
        },
        "first": _first_shown(maps),
        "probes": {
            probe.id: _probe(probe, number) for number, probe in enumerate(results.probes) if probe.id in detailed
        },
        "curves": {probe.id: _curve(curves[probe.id]) for probe in results.probes if probe.id in curves},
    }


def json_for_script(value: object) -> str:
    """The value as JSON that cannot end the script element that holds it."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return text


def _cell(view: MapView, cell: CellView, place: int, column: int, detailed: frozenset[str]) -> list[Any]:
    """Map, row, column, rate, look, agreement, notes and probes, without names: a large map has thousands of cells."""
    shown = column if view.raster is None else view.raster.column(cell.learning_rate)
    rate, look = rate_text(cell.learning_rate), LOOKS.index(cell.look)
    probes = [name for name in cell.probes if name in detailed]
    return [view.key, place, shown, rate, look, cell.agreement, cell.notes, probes, len(cell.probes) - len(probes)]


def _curve(curve: PageCurve) -> dict[str, Any]:
    every_step = curve.steps == tuple(range(1, len(curve.steps) + 1))
    return {
        "steps": None if every_step else curve.steps,
        "train_loss": curve.train_loss,
        "val_steps": curve.val_steps,
        "val_loss": curve.val_loss,
        "nonfinite_step": curve.nonfinite_step,
    }


def _first_shown(maps: Sequence[MapView]) -> str | None:
    """The cell to open with: the recommended one, else the script's own, else the first one that has probes."""
    cells: list[CellView] = [cell for view in maps for row in view.rows for cell in row.cells]
    order = sorted(cells, key=lambda cell: (not cell.recommended, not cell.yours, not cell.probes))
    return order[0].key if order else None


def _probe(probe: Probe, number: int) -> dict[str, Any]:
    facts = [
        f"final loss {final_loss_text(probe.final_loss, probe.steps_run)}",
        plural(probe.steps_run, "step"),
        seconds_text(probe.seconds),
        f"{number_text(probe.samples_per_second)} samples/s" if probe.samples_per_second else "",
        bytes_text(probe.peak_memory_bytes) if probe.peak_memory_bytes else "",
    ]
    return {
        "row": f"probe{number}",
        "seed": probe.seed,
        "glyph": look_of_probe(probe).glyph,
        "look": look_of_probe(probe).name,
        "facts": " · ".join(fact for fact in facts if fact),
        "sentences": [item.sentence for item in probe.evidence] or [probe.cause],
    }
