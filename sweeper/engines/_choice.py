"""Which engine runs the probes of a job: measured on a few steps, never assumed."""

import math
import time
from dataclasses import dataclass, field, replace

import numpy as np

from sweeper.capture import CapturedTraining
from sweeper.curve import Curve
from sweeper.engines._base import AbstractEngine, Unsuited
from sweeper.engines._fit_training import FitTraining
from sweeper.engines._graph import GraphEngine
from sweeper.engines._memory import memory_limit_bytes, peak_bytes, training_memory
from sweeper.engines._own_rates import check_kept_rate
from sweeper.engines._recorder import Progress
from sweeper.engines._reference import ReferenceEngine
from sweeper.engines._vector import VectorEngine
from sweeper.job import Engine, EngineInfo
from sweeper.memory import MemoryKind
from sweeper.probes import Probe
from sweeper.space import SCRIPT

TRIED_SECONDS = 0.5
"""About how long each candidate trains to be timed."""
TRIED_STEPS = (4, 64)
"""Least and most steps in which a candidate is timed."""
TIMINGS = 3
"""Runs that are timed of everything but the reference."""
PROBES_OF_A_TRACE = 12
"""Probes that share one trace (a row, roughly): what tracing and compiling costs is spread over them."""
REPEATABLE = 1e-3
"""Relative difference of losses up to which two runs count as the same: the order of sums varies on some devices."""
SAME = 0.01
"""Relative difference of losses up to which an engine gives the reference's curve; half precision needs this much."""
LONG_STEP = 0.002
"""Seconds of a step beyond which starting it costs little: a loop cannot help then, nor can lanes on a CPU."""
WORTH_XLA = 8.0
"""Stepping of the probes that share a trace, as a multiple of tracing, from which XLA may pay: compiling takes several
times as long as tracing, and halves the time of a step at best."""
HOPELESS = 3.0
"""A candidate whose step takes so many times longer than the reference's is not tried to its end."""
TRACING_CHUNKS = 2
"""Chunks of steps at the start of a run that may trace; each of these is a single step."""
WIDER = 4
"""How many times the lanes are tried while that is faster: 4, 16, 64."""
MOST_LANES = 64
LANES_MEMORY = 0.5
"""Share of the memory that the peak may reach, if more lanes needed as many times more of all that is in use."""
FALLBACK_RATE = 1e-3
"""Where the script's own rate is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredEngine:
    """A candidate with its measured times."""

    engine: AbstractEngine
    info: EngineInfo
    trace_seconds: float
    """Time that its first run took beyond the steps themselves."""
    step_seconds: float
    """Time of a step of one lane."""
    start_seconds: float
    """Time of a probe besides its steps."""

    def cost(self, steps: int) -> float:
        """Seconds for the probes that share one trace; spare lanes cost what others do."""
        lanes = self.info.lanes
        trained = math.ceil(PROBES_OF_A_TRACE / lanes) * lanes
        return self.trace_seconds + trained * (self.start_seconds + steps * self.step_seconds)


def make_engine(fit: FitTraining, info: EngineInfo) -> AbstractEngine:
    """An engine of the kind that was chosen in another worker."""
    match info.name:
        case Engine.GRAPH:
            return GraphEngine(fit, xla=info.xla)
        case Engine.VECTOR:
            return VectorEngine(fit, info)
        case _:
            return ReferenceEngine(fit)


def choose_engine(fit: FitTraining, wanted: Engine, *, steps: int) -> MeasuredEngine:
    """The engine that runs probes of so many steps soonest, among those that train as the reference does.

    Raises:
        Unsuited: the engine that is wanted cannot train this job.
    """
    comparison = _Comparison(fit=fit, probe=_comparison_probe(fit), steps=steps, wanted=wanted)
    comparison.add(EngineInfo(name=Engine.FIT))
    for info in _candidates(wanted):
        comparison.add(info)
    comparison.vary_graph()
    comparison.vary_vector()
    return comparison.chosen()


class _TooSlow(Exception):
    """A candidate is much slower than the reference."""


@dataclass(slots=True, kw_only=True)
class _Comparison:
    """The comparison of candidates, the reference first."""

    fit: FitTraining
    probe: Probe
    steps: int
    """Steps of the probes that will run."""
    wanted: Engine
    tried: list[MeasuredEngine] = field(default_factory=list)
    unsuited: list[str] = field(default_factory=list)
    _expected: Curve | None = None

    def add(self, info: EngineInfo) -> None:
        """Tries a candidate."""
        if info.name is Engine.FIT:
            curves, one = _try(self.fit, info, self.probe)
            self._expected = curves[0]
            _note_chance(self.fit.job, *curves)
            check_kept_rate(self.fit.job, self.probe.learning_rate, self._train_at)
            # Its step was traced before.
            self.tried.append(replace(one, trace_seconds=self.fit.trace_seconds))
            return
        assert self._expected is not None
        try:
            curves, one = _try(self.fit, info, self.probe, limit=HOPELESS * self.tried[0].step_seconds)
        except _TooSlow:
            self.unsuited.append(f"{info.text} takes more than {HOPELESS:g} times as long as fit")
            return
        except Exception as reason:  # noqa: BLE001  what a script's own layers raise in another engine is a reason not to use it
            self.unsuited.append(f"{info.text} cannot: {_first_line(reason)}")
            return
        expected = self._expected.train_loss
        if all(np.allclose(curve.train_loss, expected, rtol=SAME, equal_nan=True) for curve in curves):
            self.tried.append(one)
        else:
            self.unsuited.append(f"{info.text} gives another curve")

    def _train_at(self, rate: float) -> None:
        """Runs the probe at another rate."""
        engine = ReferenceEngine(self.fit)
        engine.run(replace(self.probe, learning_rate=rate), progress=lambda _: None, validate=False)

    def best(self) -> MeasuredEngine | None:
        """The one that costs least among those that are wanted and train as the reference does."""
        able = [one for one in self.tried if self.wanted in {Engine.AUTO, one.info.name}]
        return min(able, key=lambda one: one.cost(self.steps), default=None)

    def vary_graph(self) -> None:
        """Tries XLA where fit uses it, and where enough stepping remains for it to pay."""
        graph = next((one for one in self.tried if one.info.name is Engine.GRAPH), None)
        if graph is None:
            return
        stepping = PROBES_OF_A_TRACE * self.steps * graph.step_seconds
        if self.fit.job.model.jit_compile or stepping > WORTH_XLA * graph.trace_seconds:
            self.add(replace(graph.info, xla=True))

    def vary_vector(self) -> None:
        """Tries a loop over the steps, and then more and more lanes while that is faster and memory allows it."""
        vectors = [one for one in self.tried if one.info.name is Engine.VECTOR]
        is_long = bool(vectors) and vectors[0].step_seconds > LONG_STEP
        if not vectors or (is_long and _is_on_cpu()):
            return
        if not is_long:
            self.add(replace(vectors[0].info, stepwise=False))
        lanes = WIDER
        while lanes <= MOST_LANES and (best := self.best()) is not None and best.info.name is Engine.VECTOR:
            if best.info.lanes * WIDER != lanes or not _may_grow():
                return
            self.add(replace(best.info, lanes=lanes))
            lanes *= WIDER

    def chosen(self) -> MeasuredEngine:
        """The best one, with the reason; raises `Unsuited` when there is none."""
        best = self.best()
        if best is None:
            raise Unsuited("; ".join(self.unsuited) or "it is for another backend than the one that Keras runs on")
        timed = ", ".join(f"{one.info.text} {one.step_seconds * 1000:.3g} ms" for one in self.tried)
        reason = "; ".join([f"a step takes {timed}", *self.unsuited])
        return replace(best, info=replace(best.info, reason=reason))


def _is_on_cpu() -> bool:
    return training_memory().kind is MemoryKind.HOST


def _may_grow() -> bool:
    """Whether memory surely suffices for more lanes; unknown is no."""
    peak, limit = peak_bytes(), memory_limit_bytes()
    return peak is not None and limit is not None and WIDER * peak <= LANES_MEMORY * limit


def _candidates(wanted: Engine) -> tuple[EngineInfo, ...]:
    """What is compared with the reference."""
    import keras

    if keras.backend.backend() == "tensorflow" and wanted in {Engine.AUTO, Engine.GRAPH}:
        return (EngineInfo(name=Engine.GRAPH),)
    if wanted is Engine.VECTOR or (keras.backend.backend() == "jax" and wanted is Engine.AUTO):
        return (EngineInfo(name=Engine.VECTOR, stepwise=True),)
    return ()


def _comparison_probe(fit: FitTraining) -> Probe:
    """A probe of a few steps with the script's own settings."""
    job = fit.job
    least, most = TRIED_STEPS
    steps = fit.steps_in(TRIED_SECONDS, least=least, most=most)
    rate = FALLBACK_RATE if job.rate_unknown else job.rates[0] or FALLBACK_RATE
    return Probe(optimizer=SCRIPT, learning_rate=rate, batch_size=job.batch_size, seed=0, steps=steps)


def _try(
    fit: FitTraining, info: EngineInfo, probe: Probe, *, limit: float = math.inf
) -> tuple[list[Curve], MeasuredEngine]:
    """Runs the probe once with its tracing and some times to time it; two curves at its rate, of lanes where it can be.

    The quickest of these counts: whatever else the machine does makes them slower, never faster.
    Raises `_TooSlow` when a step takes longer than `limit` seconds for each lane.
    """
    engine = make_engine(fit, info)
    # A run of fit takes much longer than its steps, and its step was traced before.
    runs = 1 + (TIMINGS if info.name is not Engine.FIT else 1)
    between = [replace(probe, learning_rate=probe.learning_rate * (2 + lane)) for lane in range(info.lanes - 2)]
    probes = [probe, *between, probe] if info.lanes > 1 else [probe]
    first, *others = (
        engine.run_together(probes, progress=_watch(limit * len(probes)), validate=False) for _ in range(runs)
    )
    quickest = min(others, key=lambda lanes: lanes[0].seconds)
    measured, steps = quickest[0], quickest[0].curve.steps
    step = min(one.step_seconds or one.seconds / steps for one, *_ in others)
    return [measured.curve, quickest[-1].curve if info.lanes > 1 else first[0].curve], MeasuredEngine(
        engine=engine,
        info=info,
        trace_seconds=max(0.0, sum(one.seconds for one in first) - sum(one.seconds for one in quickest)),
        step_seconds=step,
        start_seconds=max(0.0, measured.seconds - steps * step),
    )


def _note_chance(job: CapturedTraining, first: Curve, second: Curve) -> None:
    """Lets the job say so if two runs of the same steps gave different losses."""
    pairs = zip(first.train_loss[: TRIED_STEPS[0]], second.train_loss, strict=False)
    apart = [pair for pair in pairs if not np.allclose(*pair, rtol=REPEATABLE, equal_nan=True)]
    if apart and all(change.what != "repeatability" for change in job.changes):
        one, other = apart[0]
        job.changed(
            "repeatability",
            f"the same steps gave a loss of {one:.6g} and then of {other:.6g}: the training draws on something that is "
            "not set back between probes (an iterator or a table of its own, say), so probes also differ by chance",
        )


def _watch(limit: float) -> Progress:
    """Ends a run whose steps take longer than so many seconds, once it has traced.

    One slow part is none: a smaller batch, the last of an epoch, may be traced by itself.
    """
    seen: list[tuple[int, float]] = []
    slow = 0

    def progress(steps: int) -> None:
        nonlocal slow
        if seen and steps == seen[-1][0]:
            return
        seen.append((steps, time.perf_counter()))
        if len(seen) > TRACING_CHUNKS:
            (before, since), (after, now) = seen[-2:]
            slow = slow + 1 if now - since > limit * (after - before) else 0
            if slow > 1:
                raise _TooSlow

    return progress


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
