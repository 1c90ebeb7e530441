"""Made-up but realistic values of one run: what the report stage gets from the stages before it.

The losses follow a simple model of training: below `learns` nothing moves within the noise, above `diverges` the loss
grows until it is no longer finite, in between it falls towards a floor. They stand for no real training.
"""

import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sweeper.batch_size.driver._results import memory_results
from sweeper.batch_size.values import MemoryReport
from sweeper.curve import Curve, StopReason
from sweeper.findings import Finding, Severity
from sweeper.followup import FollowUpsRead, OverfitAnswer, OverfitReport, Purpose, Remedy
from sweeper.job import Change, InitialWeights, JobInfo, OptimizerInfo
from sweeper.probes import NULL_RATE, Outcome, OutcomeKind, Probe
from sweeper.ranges import Cell, CellLabel, Chance, Edge, EdgeKind, RateEstimate, Row, SafeRange
from sweeper.recommendation import Recommendation, ScaledRate, Scaling, ScriptSetting, Standing
from sweeper.reporting import curves_for_page, report_page, results_document
from sweeper.results import Results
from sweeper.run import RunInfo, RunState
from sweeper.search import BoundarySearch, Unresolved, unresolved
from sweeper.space import OptimizerChoice, Space
from sweeper.thresholds import Threshold
from sweeper.verdict import Evidence, Judged, Label, Verdict
from tests.batch_size import memory_samples

RATES = (1e-6, 3.16228e-6, 1e-5, 3.16228e-5, 1e-4, 3.16228e-4, 1e-3, 3.16228e-3, 0.01, 0.0316228, 0.1, 0.316228, 1.0)
HOSTILE = "</script><img src=x onerror=alert(1)>"

THRESHOLDS = tuple(
    Threshold(name=name, value=value, unit=unit, reason=reason)
    for name, value, unit, reason in (
        ("blow_up_factor", 1e4, "times the first loss", "no run that rose this far came back within its probe"),
        ("noise_sigmas", 2.0, "standard deviations", "a change smaller than this also appears with no update at all"),
        ("overfit_gap", 0.1, "share of the fall of the validation loss", "smaller gaps close again in longer runs"),
        ("margin", 3.16228, "times", "a short probe over-states the rate at which a long run diverges"),
    )
)


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How one optimizer takes to learning rates."""

    learns: float
    diverges: float


BEHAVIOURS = {
    "script": Behaviour(learns=2e-5, diverges=6e-3),
    "adam": Behaviour(learns=2e-5, diverges=2e-2),
    "sgd": Behaviour(learns=6e-4, diverges=0.4),
}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Everything that `results_document` takes."""

    run: RunInfo
    job: JobInfo | None
    space: Space | None
    judged: tuple[Judged, ...] = ()
    rows: tuple[Row, ...] = ()
    recommendation: Recommendation | None = None
    findings: tuple[Finding, ...] = ()
    thresholds: tuple[Threshold, ...] = THRESHOLDS
    unresolved: tuple[Unresolved, ...] = ()
    memory: MemoryReport | None = None
    scalings: tuple[Scaling, ...] = ()
    noise_scale: float | None = None
    follow_ups: FollowUpsRead | None = None

    def results(self) -> Results:
        """The results of these values."""
        return results_document(
            run=self.run,
            job=self.job,
            space=self.space,
            judged=self.judged,
            rows=self.rows,
            recommendation=self.recommendation,
            findings=self.findings,
            thresholds=self.thresholds,
            unresolved=self.unresolved,
            memory=None if self.memory is None else memory_results(self.memory, memory_samples.band(self.memory)),
            scalings=self.scalings,
            noise_scale=self.noise_scale,
            follow_ups=self.follow_ups,
        )

    def document(self) -> dict[str, Any]:
        """The same as JSON values."""
        return self.results().as_json()

    def page(self) -> str:
        """The report of these values."""
        return report_page(self.results(), curves_for_page(self.judged))


def usual() -> Sample:
    """Adam of the script, plain Adam and SGD at 13 rates and three batch sizes, one seed, with a few failed probes."""
    return sample(space=space())


def several_seeds() -> Sample:
    """Two optimizers, three seeds."""
    return sample(space=space(optimizers=("script", "sgd"), seeds=(0, 1, 2), batches=(32, 128)))


def large() -> Sample:
    """More than 300 probes of 200 steps."""
    return sample(space=space(batches=(16, 64, 256, 1024), seeds=(0, 1)))


def one_cell() -> Sample:
    """One rate at one batch size."""
    return sample(space=space(optimizers=("script",), rates=(1e-3,), batches=(32,)), failures={})


def all_diverged() -> Sample:
    """A map without a single healthy cell."""
    return sample(space=space(optimizers=("sgd",), rates=(1.0, 3.16228, 10.0), batches=(32,)), failures={})


def nothing_trained() -> Sample:
    """A target that reached no fit."""
    finding = Finding(
        code="SW001",
        severity=Severity.ERROR,
        title="The script stopped before it reached model.fit",
        evidence='Traceback (most recent call last):\n  File "train.py", line 12, in <module>\n'
        '    df = pd.read_csv("missing.csv")\nFileNotFoundError: missing.csv',
        location="train.py:12",
        remedy="Run `python train.py` and make it reach its fit call, then probe it again.",
    )
    return Sample(run=run_info(state=RunState.FAILED, planned=0), job=None, space=None, findings=(finding,))


def interrupted() -> Sample:
    """A run that the user stopped half way."""
    whole = usual()
    judged = whole.judged[:50]
    rows = tuple(
        row_of(whole.space, o.label, b, judged) for o in whole.space.optimizers for b in whole.space.batch_sizes
    )
    run = replace(whole.run, state=RunState.INTERRUPTED)
    return replace(whole, run=run, judged=judged, rows=rows, recommendation=recommendation(rows))


def searched(most: int | None = None) -> Sample:
    """A boundary search, ended after so many probes without a null probe; None lets it end by itself."""
    axes = replace(space(rates=(1e-5, 10.0)), resolution=0.1)
    judged: tuple[Judged, ...] = ()
    while wanted := BoundarySearch().next_probes(axes, judged):
        judged += tuple(judge(probe, {}) for probe in wanted[:3])
        if most is not None and sum(not one.outcome.probe.is_null for one in judged) >= most:
            break
    rows = tuple(
        row_of(replace(axes, learning_rates=_rates_of(judged, choice.label, batch)), choice.label, batch, judged)
        for choice in axes.optimizers
        for batch in axes.batch_sizes
    )
    return Sample(
        run=run_info(planned=sum(not item.outcome.probe.is_null for item in judged)),
        job=job_info(),
        space=axes,
        judged=judged,
        rows=rows,
        recommendation=recommendation(rows),
        unresolved=unresolved(axes, judged),
    )


def out_of_budget() -> Sample:
    """A boundary search that was not allowed to finish."""
    short = searched(20)
    limit = "--max-probes of 20 is reached"
    return replace(short, run=replace(short.run, state=RunState.INCOMPLETE, planned=110, limit=limit))


def _rates_of(judged: tuple[Judged, ...], optimizer: str, batch: int) -> tuple[float, ...]:
    probes = [one.outcome.probe for one in judged]
    mine = {p.learning_rate for p in probes if (p.optimizer, p.batch_size) == (optimizer, batch)}
    return tuple(sorted(mine - {NULL_RATE}))


def followed() -> Sample:
    """A map with a long training at the recommended setting, a warm-up that helps and clipping that was left out."""
    base = sample(space=space(optimizers=("script", "sgd"), batches=(32,)), failures={})
    long = Probe(optimizer="script", learning_rate=1e-3, batch_size=32, seed=0, steps=1800)
    warmed = replace(base.space, optimizers=(OptimizerChoice(label="script(warmup=50)", name="script"),))
    again = tuple(
        judge(warmed.probe(optimizer="script(warmup=50)", learning_rate=rate, batch_size=32, seed=0), {})
        for rate in RATES
    )
    purposes = {item.outcome.probe.id: Purpose.MAP for item in base.judged}
    purposes |= {item.outcome.probe.id: Purpose.WARMUP for item in again} | {long.id: Purpose.OVERFIT}
    overfit = OverfitReport(
        answer=OverfitAnswer.YES,
        sentence="It overfits: the validation loss is lowest after about 9 epochs. Stop after about 9 epochs.",
        optimizer="script",
        learning_rate=1e-3,
        batch_size=32,
        probe=long.id,
        verdict=Label.OVERFIT,
        steps=1800,
        passes=40.0,
        best_step=405,
        best_pass=9.0,
    )
    warmup = Remedy(
        purpose=Purpose.WARMUP,
        sentence="Warm-up over 50 steps moves the edge from 1e-2 to 3.16e-2 (3.2x) and lowers the loss.",
        value=50,
        optimizer="script",
        label="script(warmup=50)",
        batch_size=32,
        edge_before=1e-2,
        edge_after=3.16228e-2,
        loss_before=0.5,
        loss_after=0.3,
        helps=True,
        row=row_of(warmed, "script(warmup=50)", 32, again),
    )
    clipping = Remedy(purpose=Purpose.CLIPNORM, sentence="Clipping was left out: no gradients were seen.")
    return replace(
        base,
        judged=(*base.judged, judge(long, {}), *again),
        follow_ups=FollowUpsRead(overfit=overfit, remedies=(warmup, clipping), purposes=purposes),
    )


def followed_in_vain() -> Sample:
    """Follow-ups that could not be made, with sentences that try to get out of the page."""
    overfit = OverfitReport(answer=OverfitAnswer.UNKNOWN, sentence=HOSTILE)
    remedies = (Remedy(purpose=Purpose.WARMUP, sentence=HOSTILE, helps=True),)
    base = all_diverged()
    purposes = {item.outcome.probe.id: Purpose.MAP for item in base.judged}
    return replace(base, follow_ups=FollowUpsRead(overfit=overfit, remedies=remedies, purposes=purposes))


def hostile() -> Sample:
    """A script whose every string tries to get out of the page."""
    base = sample(space=space(optimizers=(HOSTILE,), rates=(1e-3, 1e-2), batches=(32,)), failures={})
    job = replace(
        base.job,
        fit_site=HOSTILE,
        model=HOSTILE,
        loss=HOSTILE,
        val_source=HOSTILE,
        optimizer=OptimizerInfo(name=HOSTILE, learning_rate=1e-2, schedule=HOSTILE, settings=((HOSTILE, HOSTILE),)),
        changes=(Change(what=HOSTILE, detail=HOSTILE),),
        versions=((HOSTILE, HOSTILE),),
    )
    finding = Finding(
        code=HOSTILE, severity=Severity.WARNING, title=HOSTILE, evidence=HOSTILE, location=HOSTILE, remedy=HOSTILE
    )
    failed = Judged(
        outcome=Outcome(
            probe=Probe(optimizer=HOSTILE, learning_rate=1e-3, batch_size=32, seed=7, steps=200),
            kind=OutcomeKind.ERROR,
            cause=HOSTILE,
            log_tail=HOSTILE,
        ),
        verdict=None,
    )
    run = replace(base.run, name=HOSTILE, target=HOSTILE, command=("sweeper", "probe", HOSTILE), script_args=(HOSTILE,))
    advice = replace(base.recommendation, reason=HOSTILE, script=replace(base.recommendation.script, sentence=HOSTILE))
    judged = (*(_with_sentence(j, HOSTILE) for j in base.judged), failed)
    return replace(base, run=run, job=job, findings=(finding,), judged=judged, recommendation=advice)


def axis_from_memory() -> Sample:
    """A map whose batch sizes a memory search found; its best setting is not at the size that the search recommends."""
    return replace(usual(), memory=memory_samples.usual())


def rate_for_batch_size() -> Sample:
    """A batch size with a quick sweep of its learning rates."""
    base = sample(space=space(optimizers=("script",), batches=(128,)), failures={})
    advice = replace(recommendation(()), optimizer="script", learning_rate=1e-3, batch_size=128, safe=base.rows[0].safe)
    advice = replace(advice, well=base.rows[0].well)
    return replace(base, recommendation=replace(advice, reason="It is safe."), memory=memory_samples.usual())


def batch_size_alone(name: str) -> Sample:
    """A search for the batch size, without learning rates."""
    return Sample(run=run_info(planned=0), job=None, space=None, memory=memory_samples.every()[name])


def failed_after_memory() -> Sample:
    """A search for the batch size after which no probe could be run."""
    return replace(nothing_trained(), memory=memory_samples.usual())


def every() -> dict[str, Sample]:
    """All samples by name."""
    makers = (
        *(usual, several_seeds, large, one_cell, all_diverged, nothing_trained, interrupted, hostile),
        *(
            followed,
            followed_in_vain,
            searched,
            out_of_budget,
            axis_from_memory,
            rate_for_batch_size,
            failed_after_memory,
        ),
    )
    alone = {f"memory_{name}": batch_size_alone(name) for name in memory_samples.every()}
    return alone | {maker.__name__: maker() for maker in makers}


def space(
    *,
    optimizers: Iterable[str] = ("script", "adam", "sgd"),
    rates: tuple[float, ...] = RATES,
    batches: tuple[int, ...] = (16, 64, 256),
    seeds: tuple[int, ...] = (0,),
) -> Space:
    """Axes with 200 steps at each batch size."""
    return Space(
        optimizers=tuple(OptimizerChoice(label=label, name=label) for label in optimizers),
        learning_rates=rates,
        batch_sizes=batches,
        seeds=seeds,
        steps=tuple(200 for _ in batches),
    )


FAILURES = {
    ("adam", 256, 1.0): OutcomeKind.OOM,
    ("sgd", 256, 1.0): OutcomeKind.TIMEOUT,
    ("sgd", 16, 0.316228): OutcomeKind.CRASHED,
}


def sample(*, space: Space, failures: Mapping[tuple[str, int, float], OutcomeKind] | None = None) -> Sample:
    """A complete run over `space`; the probes named in `failures` end that way."""
    failing = FAILURES if failures is None else failures
    judged = tuple(
        judge(space.probe(optimizer=choice.label, learning_rate=rate, batch_size=batch, seed=seed), failing)
        for choice in space.optimizers
        for batch in space.batch_sizes
        for seed in space.seeds
        for rate in (NULL_RATE, *space.learning_rates)
    )
    rows = tuple(
        row_of(space, choice.label, batch, judged) for choice in space.optimizers for batch in space.batch_sizes
    )
    return Sample(
        run=run_info(planned=sum(not item.outcome.probe.is_null for item in judged)),
        job=job_info(),
        space=space,
        judged=judged,
        rows=rows,
        recommendation=recommendation(rows),
        findings=findings(),
        scalings=(scaling(),),
        noise_scale=118.3,
    )


def scaling() -> Scaling:
    """What three batch sizes say of others."""
    ends = ((16, 2.1e-3, 1.2e-3, 3.7e-3), (512, 1.4e-2, 8e-3, 2.5e-2))
    return Scaling(
        optimizer="script",
        exponent=0.55,
        exponent_error=0.12,
        expected=0.5,
        rows=3,
        at=tuple(
            ScaledRate(batch_size=size, end=RateEstimate(rate=rate, low=low, high=high))
            for size, rate, low, high in ends
        ),
    )


def run_info(*, state: RunState = RunState.COMPLETE, planned: int) -> RunInfo:
    return RunInfo(
        name="train-20260304-101500",
        target="train.py",
        script_args=("--hidden", "64"),
        command=("sweeper", "probe", "train.py", "--optimizer", "script,adam,sgd", "--", "--hidden", "64"),
        created="2026-03-04T10:15:00+00:00",
        seconds=112.4,
        state=state,
        planned=planned,
        version="0.1.0",
        environment=(
            ("python", "3.11.9"),
            ("platform", "Linux-6.1 x86_64"),
            ("cpu", "2 cores"),
            ("memory", "23.4 GB"),
            ("workers", "2"),
        ),
    )


def job_info() -> JobInfo:
    return JobInfo(
        fit_site="train.py:41",
        fit_number=1,
        model="digits (Sequential)",
        parameters=9_354,
        trainable_parameters=9_226,
        initial_weights=InitialWeights(drawn=8_998, constant=356, kept=0),
        loss="sparse_categorical_crossentropy",
        optimizer=OptimizerInfo(
            name="Adam", learning_rate=1e-2, schedule="CosineDecay", settings=(("clipnorm", 1.0), ("beta_1", 0.9))
        ),
        batch_size=64,
        epochs=40,
        train_samples=1_437,
        train_samples_available=1_437,
        val_samples=360,
        val_source="validation_data",
        sample_bytes=478_000,
        backend="tensorflow",
        devices=("CPU",),
        versions=(("keras", "3.15.1"), ("tensorflow", "2.21.0"), ("numpy", "2.3.1")),
        changes=(
            Change(
                what="schedule",
                detail="CosineDecay was replaced by constant rates; its peak, 1e-2, is marked on the map.",
            ),
            Change(what="callbacks", detail="ModelCheckpoint and TensorBoard did not run in probes."),
        ),
    )


def findings() -> tuple[Finding, ...]:
    return (
        Finding(
            code="SW203",
            severity=Severity.WARNING,
            title="The script's own rate diverges",
            evidence="At 1e-2 and batch size 64 the loss became NaN at step 37.",
            location="train.py:33",
            remedy="Start from 1e-3 with this optimizer.",
        ),
        Finding(
            code="SW311",
            severity=Severity.NOTE,
            title="One seed only",
            evidence="Each cell rests on one probe.",
            remedy="Use `--seeds 3` to see how far the edges move.",
        ),
    )


def judge(probe: Probe, failing: Mapping[tuple[str, int, float], OutcomeKind]) -> Judged:
    """A probe with its made-up outcome and verdict."""
    kind = failing.get((probe.optimizer, probe.batch_size, probe.learning_rate))
    if kind is not None:
        cause = f"the worker ended by itself ({kind.value}) at step 12"
        log = f"step 11 loss 2.31\nstep 12\n{kind.value}: worker 1 is gone"
        return Judged(outcome=Outcome(probe=probe, kind=kind, cause=cause, log_tail=log, seconds=1.25), verdict=None)
    behaviour = BEHAVIOURS.get(probe.optimizer, BEHAVIOURS["adam"])
    curve = curve_of(probe, behaviour)
    outcome = Outcome(
        probe=probe,
        kind=OutcomeKind.COMPLETED,
        curve=curve,
        seconds=0.4 + probe.batch_size / 400,
        samples_per_second=11_000.0 + probe.batch_size * 20,
        peak_memory_bytes=620_000_000 + probe.batch_size * 90_000,
    )
    return Judged(outcome=outcome, verdict=None if probe.is_null else verdict_of(probe, behaviour, curve))


def curve_of(probe: Probe, behaviour: Behaviour) -> Curve:
    """The losses of a made-up training."""
    chance = random.Random(probe.id)
    start, floor, noise = 2.35, 0.12, 0.6 / math.sqrt(probe.batch_size)
    if probe.learning_rate > behaviour.diverges:
        return _exploding(probe, behaviour, start, chance)
    pace = 0.0 if probe.is_null else 0.05 * min(1.0, probe.learning_rate / (behaviour.learns * 20))
    level = [floor + (start - floor) * math.exp(-pace * step) for step in range(probe.steps + 1)]
    train = tuple(value * math.exp(chance.gauss(0.0, noise)) for value in level[:-1])
    val_steps = tuple(range(0, probe.steps + 1, 20))
    return Curve(
        train_loss=train,
        gradient_norm=tuple(value * 1.7 for value in train),
        val_steps=val_steps,
        val_loss=tuple(_val(probe, behaviour, level[step], step) for step in val_steps),
    )


def _val(probe: Probe, behaviour: Behaviour, level: float, step: int) -> float:
    overfits = behaviour.diverges / 8 < probe.learning_rate and probe.batch_size == 16
    return level * 1.06 + 0.03 + (0.004 * max(0, step - 80) if overfits else 0.0)


def _exploding(probe: Probe, behaviour: Behaviour, start: float, chance: random.Random) -> Curve:
    growth = 1.0 + 0.25 * min(40.0, probe.learning_rate / behaviour.diverges)
    losses: list[float] = []
    for step in range(probe.steps):
        value = start * math.exp(chance.gauss(0.0, 0.1)) * growth ** max(0, step - 5)
        losses.append(value if value < 1e30 else math.nan)
        if not math.isfinite(losses[-1]):
            break
    return Curve(
        train_loss=tuple(losses),
        gradient_norm=tuple(value * 3 for value in losses),
        val_steps=(0,),
        val_loss=(start,),
        first_nonfinite_loss=len(losses) if math.isnan(losses[-1]) else None,
        first_nonfinite_weight=len(losses) - 1 if math.isnan(losses[-1]) else None,
        stopped_early=StopReason.NON_FINITE,
    )


def verdict_of(probe: Probe, behaviour: Behaviour, curve: Curve) -> Verdict:
    """What a classifier would say of `curve`."""
    if probe.learning_rate > behaviour.diverges and curve.first_nonfinite_loss is None:
        factor = curve.train_loss[-1] / curve.train_loss[0]
        sentence = f"The loss rose to {factor:.3g} times its start."
        return _verdict(Label.DIVERGED, "blown_up", factor, 1e4, curve.steps, sentence)
    if probe.learning_rate > behaviour.diverges:
        step = curve.first_nonfinite_loss
        return _verdict(
            Label.DIVERGED, "non_finite_loss", math.nan, math.inf, step, f"The loss became NaN at step {step}."
        )
    if probe.learning_rate < behaviour.learns:
        return _verdict(
            Label.STALLED, "no_progress", 0.004, 0.05, None, "The loss fell by 0.004; the noise alone is 0.05."
        )
    if behaviour.diverges / 8 < probe.learning_rate and probe.batch_size == 16:
        sentence = "The validation loss rose by 0.48 after step 80 while the training loss fell by 0.21."
        return _verdict(Label.OVERFIT, "val_rises", 0.48, 0.2, 80, sentence)
    if probe.learning_rate < behaviour.learns * 2:
        return _verdict(
            Label.INCONCLUSIVE, "close_call", 0.06, 0.05, None, "The loss fell by 0.06, close to the noise of 0.05."
        )
    fell = curve.train_loss[0] - curve.train_loss[-1]
    return _verdict(Label.HEALTHY, "falls", fell, 0.05, None, f"The loss fell by {fell:.3g}; the noise alone is 0.05.")


def _verdict(label: Label, code: str, measured: float, threshold: float, step: int | None, sentence: str) -> Verdict:  # noqa: PLR0917
    evidence = Evidence(code=code, measured=measured, threshold=threshold, step=step, sentence=sentence)
    return Verdict(label=label, evidence=(evidence,))


def _with_sentence(judged: Judged, sentence: str) -> Judged:
    if judged.verdict is None:
        return judged
    evidence = tuple(replace(item, code=sentence, sentence=sentence) for item in judged.verdict.evidence)
    return replace(judged, verdict=replace(judged.verdict, evidence=evidence))


def row_of(space: Space, optimizer: str, batch: int, judged: tuple[Judged, ...]) -> Row:
    """A row over the probes that ran."""
    cells = tuple(_cells(space, optimizer, batch, judged))
    healthy = [cell.learning_rate for cell in cells if cell.label is Label.HEALTHY]
    diverged = [cell.learning_rate for cell in cells if cell.label is Label.DIVERGED]
    stalled = [cell.learning_rate for cell in cells if cell.label is Label.STALLED]
    edges = []
    if stalled and healthy:
        edges.append(_edge(EdgeKind.LEARNS, max(stalled), min(healthy), "It starts to learn"))
    if diverged and healthy:
        edges.append(_edge(EdgeKind.DIVERGES, max(healthy), min(diverged), "It starts to diverge"))
    safe = SafeRange(low=min(healthy), high=max(healthy)) if healthy else None
    return Row(
        optimizer=optimizer,
        batch_size=batch,
        cells=cells,
        safe=safe,
        reason="Every rate in it was healthy." if safe else "No rate that was tried was healthy.",
        fastest_learning_rate=healthy[-1] if healthy else None,
        recommended_learning_rate=healthy[-2] if len(healthy) > 1 else healthy[0] if healthy else None,
        job_length=20.0,
        edges=tuple(edges),
        noise=0.6 / math.sqrt(batch),
        well=SafeRange(low=healthy[len(healthy) // 3], high=max(healthy)) if healthy else None,
    )


def _edge(kind: EdgeKind, low: float, high: float, verb: str) -> Edge:
    return Edge(kind=kind, low=low, high=high, sentence=f"{verb} between {low:.2g} and {high:.2g}.")


def _cells(space: Space, optimizer: str, batch: int, judged: tuple[Judged, ...]) -> Iterable[Cell]:
    for rate in space.learning_rates:
        mine = [
            j
            for j in judged
            if (p := j.outcome.probe).optimizer == optimizer and p.batch_size == batch and p.learning_rate == rate
        ]
        labels = [j.verdict.label for j in mine if j.verdict is not None]
        if labels:
            loss = mine[0].outcome.curve.train_loss[-1]
            yield Cell(
                learning_rate=rate,
                label=labels[0],
                called=CellLabel.TOO_SLOW if labels[0] is Label.STALLED else CellLabel(labels[0]),
                agreeing=labels.count(labels[0]) - (len(labels) > 2 and abs(rate - 0.01) < 1e-6),
                judged=len(labels),
                score=loss if math.isfinite(loss) else None,
                diverges=Chance(probability=0.031, low=0.004, high=0.12),
            )
        elif mine:
            yield Cell(learning_rate=rate, label=None, agreeing=0, judged=0, failed=mine[0].outcome.kind)


def recommendation(rows: tuple[Row, ...]) -> Recommendation:
    """What a recommender would say of `rows`, the script's own setting being Adam at 1e-2 with batches of 64."""
    script = ScriptSetting(
        optimizer="Adam",
        learning_rate=1e-2,
        batch_size=64,
        standing=Standing.TOO_HIGH,
        sentence="Your 1e-2 is in the diverging region; 3.2e-3 is safe.",
    )
    for row in rows:
        if row.safe is not None and row.batch_size in {32, 64}:
            return Recommendation(
                optimizer=row.optimizer,
                learning_rate=row.recommended_learning_rate,
                batch_size=row.batch_size,
                safe=row.safe,
                well=row.well,
                reason="It has the lowest final loss of all healthy cells, half a decade below the first divergence.",
                script=script,
                fastest_learning_rate=row.fastest_learning_rate,
                diverges=Chance(probability=0.031, low=0.004, high=0.12),
                limit="Limited by the edge: the loss is lowest at 5.6e-3, beyond the safe end; see --warmup.",
            )
    return Recommendation(
        optimizer=None,
        learning_rate=None,
        batch_size=None,
        safe=None,
        reason="No rate that was tried was healthy; try lower ones with `--lr 1e-6:1e-1:log:11`.",
        script=script,
    )
