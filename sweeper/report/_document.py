"""The results document: everything that a run found.

It is the product; the page, the table on the terminal and the exports render it. docs/results.md explains it. The same
inputs give the same document, whatever order the probes ended in.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from sweeper.findings import Finding
from sweeper.followup import FollowUpsRead, Purpose, Remedy
from sweeper.job import JobInfo
from sweeper.memory import MemoryReport
from sweeper.probe import Outcome, Probe
from sweeper.ranges import (
    Cell,
    CellLabel,
    Chance,
    Comparison,
    Edge,
    Place,
    Recommendation,
    Row,
    SafeRange,
    Scaling,
    called,
)
from sweeper.report._memory import MemoryBand, memory_document
from sweeper.report._values import LOG_TAIL_CHARACTERS, json_value, picked
from sweeper.run import RunInfo
from sweeper.space import Space
from sweeper.verdict import Evidence, Judged, Verdict

SCHEMA_VERSION: Final = 1
"""Rises when a reader of the older document would misread the newer one."""

Thresholds: TypeAlias = Mapping[str, tuple[float | int | str, str, str]]
"""Name -> (value, unit, reason) of each number that a verdict, an edge or a recommendation used."""


_OVERFIT = "answer sentence optimizer learning_rate batch_size probe verdict steps passes best_step best_pass"


def results_document(
    *,
    run: RunInfo,
    job: JobInfo | None,
    space: Space | None,
    judged: Sequence[Judged],
    rows: Sequence[Row],
    recommendation: Recommendation | None,
    findings: Sequence[Finding],
    thresholds: Thresholds,
    scalings: Sequence[Scaling] = (),
    noise_scale: float | None = None,
    unresolved: Sequence[object] = (),
    memory: MemoryReport | None = None,
    memory_band: MemoryBand = (),
    follow_ups: FollowUpsRead | None = None,
) -> dict[str, Any]:
    """The results of a run, made of dicts, lists, strings, finite numbers, booleans and None.

    `noise_scale` is the gradient noise scale before any update, in samples; `unresolved` are the rows that a search
    leaves open, each with its optimizer, batch size, issue and what is open; `follow_ups` is what probes said that
    followed the map, and tells which they are; without it all are of the map. `memory_band` is what the fit of `memory`
    predicts, at sizes close enough to draw a line through them.
    A number that was not finite is None; the sentence beside it says what it was.
    """
    said = FollowUpsRead() if follow_ups is None else follow_ups
    kinds = None if follow_ups is None else follow_ups.purposes
    every_row = (*rows, *(remedy.row for remedy in said.remedies if remedy.row is not None))
    by_setting = {(row.optimizer, row.batch_size): row for row in every_row}
    document = {
        "schema": SCHEMA_VERSION,
        "sweeper": run.version,
        "target": _target(run, job),
        "environment": _environment(run, job),
        "space": None if space is None else _space(space),
        "probes": [_probe(item, kinds, by_setting) for item in _in_order(judged, space)],
        "rows": [_row(row) for row in rows],
        "scaling": [_scaling(scaling) for scaling in scalings],
        "noise_scale": noise_scale,
        "recommendation": None if recommendation is None else _recommendation(recommendation),
        "overfit": None if said.overfit is None else picked(said.overfit, _OVERFIT),
        "remedies": [_remedy(remedy) for remedy in said.remedies],
        "unresolved": [picked(item, "optimizer batch_size issue what") for item in unresolved],
        "memory": None if memory is None else memory_document(memory, memory_band),
        "findings": [picked(item, "code severity title evidence location remedy") for item in findings],
        "changes": [] if job is None else [picked(change, "what detail") for change in job.changes],
        "thresholds": [
            {"name": name, "value": value, "unit": unit, "reason": reason}
            for name, (value, unit, reason) in thresholds.items()
        ],
    }
    return {key: json_value(value) for key, value in document.items()}


def _target(run: RunInfo, job: JobInfo | None) -> dict[str, Any]:
    return {"path": run.target, "arguments": run.script_args, "job": None if job is None else _job(job)}


def _job(job: JobInfo) -> dict[str, Any]:
    own = job.optimizer
    return {
        **picked(job, "fit_site fit_number model parameters trainable_parameters"),
        "initial_weights": job.initial_weights and picked(job.initial_weights, "drawn constant kept"),
        "loss": job.loss,
        "optimizer": picked(own, "name learning_rate schedule only") | {"settings": dict(own.settings)},
        **picked(job, "batch_size batch_size_fixed epochs train_samples whole_elements train_samples_available"),
        **picked(job, "val_samples val_source sample_bytes rehearsal"),
    }


def _environment(run: RunInfo, job: JobInfo | None) -> dict[str, Any]:
    return {
        "run": run.name,
        "state": run.state,
        "command": run.command,
        "created": run.created,
        "seconds": run.seconds,
        "planned": run.planned,
        "limit": run.limit,
        "machine": dict(run.environment),
        "backend": None if job is None else job.backend,
        "engine": None if job is None else job.engine.text,
        "engine_reason": "" if job is None else job.engine.reason,
        "devices": () if job is None else job.devices,
        "versions": {} if job is None else dict(job.versions),
    }


def _space(space: Space) -> dict[str, Any]:
    choices = [
        {**picked(choice, "label name"), "options": dict(choice.options), **picked(choice, "warmup_steps")}
        for choice in space.optimizers
    ]
    return {"optimizers": choices, **picked(space, "learning_rates resolution batch_sizes seeds steps")}


def _in_order(judged: Sequence[Judged], space: Space | None) -> list[Judged]:
    labels = [] if space is None else [choice.label for choice in space.optimizers]

    def place(item: Judged) -> tuple[int, str, int, float, int, int]:
        probe = item.outcome.probe
        axis = labels.index(probe.optimizer) if probe.optimizer in labels else len(labels)
        return axis, probe.optimizer, probe.batch_size, probe.learning_rate, probe.seed, probe.steps

    return sorted(judged, key=place)


def _probe(judged: Judged, kinds: Mapping[str, Purpose] | None, rows: Mapping[tuple[str, int], Row]) -> dict[str, Any]:
    outcome, verdict = judged.outcome, judged.verdict
    evidence: tuple[Evidence, ...] = () if verdict is None else verdict.evidence
    return {
        "id": outcome.probe.id,
        "purpose": Purpose.MAP if kinds is None else kinds.get(outcome.probe.id),
        **picked(outcome.probe, "optimizer learning_rate batch_size seed steps"),
        "outcome": outcome.kind,
        "cause": outcome.cause,
        "log_tail": outcome.log_tail[-LOG_TAIL_CHARACTERS:],
        "label": None if verdict is None else _label(outcome.probe, verdict, rows),
        "verdict": None if verdict is None else verdict.label,
        "evidence": [picked(item, "code measured threshold step sentence") for item in evidence],
        **_measured(outcome),
    }


def _label(probe: Probe, verdict: Verdict, rows: Mapping[tuple[str, int], Row]) -> CellLabel:
    """What the map calls the curve of one probe."""
    row = rows.get((probe.optimizer, probe.batch_size))
    trains, fails = ((), None) if row is None else (row.trains, row.failing_rate)
    return called(verdict, probe.learning_rate, trains=trains, fails=fails)


def _measured(outcome: Outcome) -> dict[str, Any]:
    from sweeper.robust import tail_level  # NumPy: not needed for a schema or a run that trained nothing

    curve = outcome.curve
    return {
        "final_loss": None if curve is None else tail_level(curve.train_loss),
        "last_loss": curve.train_loss[-1] if curve is not None and curve.train_loss else None,
        "steps_run": 0 if curve is None else curve.steps,
        "stopped_early": None if curve is None else curve.stopped_early,
        "first_nonfinite_loss": None if curve is None else curve.first_nonfinite_loss,
        "first_nonfinite_weight": None if curve is None else curve.first_nonfinite_weight,
        **picked(outcome, "seconds samples_per_second peak_memory_bytes"),
        "curve": None if curve is None else f"probes/{outcome.probe.id}.json",
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "optimizer": row.optimizer,
        "batch_size": row.batch_size,
        **_ranges(row.well, row.safe),
        "reason": row.reason,
        **_fastest(row.fastest_learning_rate, row.safe),
        **picked(row, "recommended_learning_rate job_length"),
        "edges": [_edge(edge) for edge in row.edges],
        "noise": row.noise,
        "cells": [_cell(cell) for cell in row.cells],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "learning_rate": cell.learning_rate,
        "label": cell.called,
        "verdict": cell.label,
        **picked(cell, "agreeing judged failed score score_error compared"),
        "diverges": _chance(cell.diverges),
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {**picked(edge, "kind low high sentence"), "place": None if edge.place is None else _place(edge.place)}


def _place(place: Place) -> dict[str, Any]:
    return picked(place, "rate low high")


def _chance(chance: Chance | None) -> dict[str, Any] | None:
    return None if chance is None else picked(chance, "probability low high")


def _scaling(scaling: Scaling) -> dict[str, Any]:
    return {
        **picked(scaling, "optimizer exponent exponent_error expected rows fits"),
        "safe_end": [{"batch_size": one.batch_size, **_place(one.end)} for one in scaling.at],
    }


def _remedy(remedy: Remedy) -> dict[str, Any]:
    return {
        "kind": remedy.purpose,
        **picked(remedy, "value optimizer label batch_size edge_before edge_after gain"),
        **picked(remedy, "safe_before safe_after loss_before loss_after clipped helps sentence"),
        "row": None if remedy.row is None else _row(remedy.row),
    }


def _ranges(well: SafeRange | None, stable: SafeRange | None) -> dict[str, Any]:
    """The two ranges of a row, the second under its older name too."""
    ends = _ends(stable)
    return {"trains_well_learning_rate": _ends(well), "stable_learning_rate": ends, "safe_learning_rate": ends}


def _ends(rates: SafeRange | None) -> dict[str, float] | None:
    return None if rates is None else {"low": rates.low, "high": rates.high}


def _fastest(rate: float | None, stable: SafeRange | None) -> dict[str, Any]:
    is_stable = None if rate is None else stable is not None and stable.holds(rate)
    return {"fastest_learning_rate": rate, "fastest_is_stable": is_stable}


def _recommendation(recommendation: Recommendation) -> dict[str, Any]:
    return {
        "optimizer": recommendation.optimizer,
        "learning_rate": recommendation.learning_rate,
        "batch_size": recommendation.batch_size,
        **_ranges(recommendation.well, recommendation.safe),
        **_fastest(recommendation.fastest_learning_rate, recommendation.safe),
        "diverges": _chance(recommendation.diverges),
        "reason": recommendation.reason,
        "limit": recommendation.limit,
        "comparison": None if recommendation.comparison is None else _comparison(recommendation.comparison),
        "script": picked(recommendation.script, "optimizer learning_rate batch_size standing trains_well sentence"),
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    sizes = [picked(one, "batch_size optimizer learning_rate loss steps samples") for one in comparison.sizes]
    return {**picked(comparison, "measure growth"), "sizes": sizes, "sentence": comparison.sentence}
