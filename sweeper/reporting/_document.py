"""The results document: everything that a run found.

It is the product; the page, the table on the terminal and the exports render it. docs/results.md explains it. The same
inputs give the same document, whatever order the probes ended in.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sweeper import results
from sweeper.findings import Finding
from sweeper.followup import FollowUpsRead, Purpose
from sweeper.job import JobInfo
from sweeper.probes import Probe
from sweeper.ranges import CellLabel, Row, called
from sweeper.recommendation import Recommendation, Scaling
from sweeper.results import SCHEMA_VERSION, Memory, Results
from sweeper.run import RunInfo
from sweeper.space import Space
from sweeper.thresholds import Threshold
from sweeper.verdict import Judged, Verdict

LOG_TAIL_CHARACTERS: Final = 2000
"""The end of a log that the document keeps; the probe's or the trial's own file has all that was recorded."""


def results_document(
    *,
    run: RunInfo,
    job: JobInfo | None,
    space: Space | None,
    judged: Sequence[Judged],
    rows: Sequence[Row],
    recommendation: Recommendation | None,
    findings: Sequence[Finding],
    thresholds: Sequence[Threshold],
    scalings: Sequence[Scaling] = (),
    noise_scale: float | None = None,
    unresolved: Sequence[object] = (),
    memory: Memory | None = None,
    follow_ups: FollowUpsRead | None = None,
) -> Results:
    """The results of a run.

    `noise_scale` is the gradient noise scale before any update, in samples; `unresolved` are the rows that a search
    leaves open, each with its optimizer, batch size, issue and what is open; `memory` is what a batch-size search
    found; `follow_ups` is what probes said that followed the map, and tells which they are; without it all are of the
    map.
    A number that was not finite is None; the sentence beside it says what it was.
    """
    said = FollowUpsRead() if follow_ups is None else follow_ups
    kinds = None if follow_ups is None else follow_ups.purposes
    every_row = (*rows, *(remedy.row for remedy in said.remedies if remedy.row is not None))
    by_setting = {(row.optimizer, row.batch_size): row for row in every_row}
    return Results(
        schema=SCHEMA_VERSION,
        sweeper=run.version,
        target=results.Target(path=run.target, arguments=run.script_args, job=results.Job.of_optional(job)),
        environment=_environment(run, job),
        space=results.Space.of_optional(space),
        probes=tuple(_probe(item, kinds, by_setting) for item in _in_order(judged, space)),
        rows=results.Row.of_each(rows),
        scaling=results.Scaling.of_each(scalings),
        noise_scale=noise_scale,
        recommendation=results.Recommendation.of_optional(recommendation),
        overfit=results.Overfit.of_optional(said.overfit),
        remedies=results.Remedy.of_each(said.remedies),
        unresolved=results.Unresolved.of_each(unresolved),
        memory=memory,
        findings=results.Finding.of_each(findings),
        changes=results.Change.of_each(() if job is None else job.changes),
        thresholds=results.Threshold.of_each(thresholds),
    )


def _environment(run: RunInfo, job: JobInfo | None) -> results.Environment:
    return results.Environment(
        run=run.name,
        state=run.state,
        command=run.command,
        created=run.created,
        seconds=run.seconds,
        planned=run.planned,
        limit=run.limit,
        machine=dict(run.environment),
        backend=None if job is None else job.backend,
        engine=None if job is None or job.is_command else job.engine.text,
        engine_reason="" if job is None else job.engine.reason,
        devices=() if job is None else job.devices,
        versions={} if job is None else dict(job.versions),
    )


def _in_order(judged: Sequence[Judged], space: Space | None) -> list[Judged]:
    labels = [] if space is None else [choice.label for choice in space.optimizers]

    def place(item: Judged) -> tuple[int, str, int, float, int, int]:
        probe = item.outcome.probe
        axis = labels.index(probe.optimizer) if probe.optimizer in labels else len(labels)
        return axis, probe.optimizer, probe.batch_size, probe.learning_rate, probe.seed, probe.steps

    return sorted(judged, key=place)


def _probe(judged: Judged, kinds: Mapping[str, Purpose] | None, rows: Mapping[tuple[str, int], Row]) -> results.Probe:
    from sweeper.robust import tail_level  # NumPy: not needed for a run that trained nothing

    outcome, verdict = judged.outcome, judged.verdict
    probe, curve = outcome.probe, outcome.curve
    return results.Probe(
        id=probe.id,
        purpose=Purpose.MAP if kinds is None else kinds.get(probe.id),
        optimizer=probe.optimizer,
        learning_rate=probe.learning_rate,
        batch_size=probe.batch_size,
        seed=probe.seed,
        steps=probe.steps,
        outcome=outcome.kind,
        cause=outcome.cause,
        log_tail=outcome.log_tail[-LOG_TAIL_CHARACTERS:],
        label=None if verdict is None else _label(probe, verdict, rows),
        verdict=None if verdict is None else verdict.label,
        evidence=() if verdict is None else results.Evidence.of_each(verdict.evidence),
        final_loss=None if curve is None else tail_level(curve.train_loss),
        last_loss=curve.train_loss[-1] if curve is not None and curve.train_loss else None,
        steps_run=0 if curve is None else curve.steps,
        stopped_early=None if curve is None else curve.stopped_early,
        first_nonfinite_loss=None if curve is None else curve.first_nonfinite_loss,
        first_nonfinite_weight=None if curve is None else curve.first_nonfinite_weight,
        seconds=outcome.seconds,
        samples_per_second=outcome.samples_per_second,
        peak_memory_bytes=outcome.peak_memory_bytes,
        curve=None if curve is None else f"probes/{probe.id}.json",
    )


def _label(probe: Probe, verdict: Verdict, rows: Mapping[tuple[str, int], Row]) -> CellLabel:
    """What the map calls the curve of one probe."""
    row = rows.get((probe.optimizer, probe.batch_size))
    trains, fails = ((), None) if row is None else (row.trains, row.failing_rate)
    return called(verdict, probe.learning_rate, trains=trains, fails=fails)
