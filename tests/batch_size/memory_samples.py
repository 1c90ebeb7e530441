"""Made-up but realistic finds of a batch-size search, one for each thing that can come of it."""

from collections.abc import Iterable
from dataclasses import replace

from sweeper.batch_size.values import (
    Accumulation,
    MemoryAdvice,
    MemoryFit,
    MemoryLimit,
    MemoryPoint,
    MemoryPrediction,
    MemoryReport,
    PrecisionComparison,
    Trial,
)
from sweeper.job import Change
from sweeper.memory import FitFacts, MemoryKind
from sweeper.probes import OutcomeKind
from sweeper.results import MemoryBand
from sweeper.text import bytes_text
from sweeper.trial import Goal, Speed, Stage, TrialExtras, TrialMeasured, TrialRequest

GIB = 1 << 30
BASE, SLOPE, SPREAD = 640e6, 6.2e6, 12e6
HOSTILE = "</script><img src=x onerror=alert(1)>"


def usual() -> MemoryReport:
    """Four trials that passed and one that did not; the knee lies well below the largest size."""
    trials = (
        trial(1, 32, speed_sizes=(8, 16, 32)),
        trial(2, 104),
        trial(3, 288, speed_sizes=(64, 128, 256)),
        failed(4, 520),
        trial(5, 496, goal=Goal.VERIFY, speed_sizes=(496,)),
    )
    return MemoryReport(
        limit=MemoryLimit(limit_bytes=4 * GIB, kind=MemoryKind.HOST, source="--memory-limit"),
        headroom=0.1,
        facts=facts(),
        trials=trials,
        fit=fit(32, 104, 288, 496),
        advice=MemoryAdvice(
            largest_that_fits=496,
            bound="memory",
            knee=128,
            noise_scale=90.4,
            recommended=128,
            reasons=(
                "496 is the largest size that was tried and fits: it used 3.79 GB of 4.29 GB and leaves 12% free.",
                "From 128 on, training runs at 95% of its best speed or more (2,113 samples/s).",
                "The gradient noise scale is about 90 samples: batches larger than that save few steps.",
                "128 is recommended: it fits, and speed decides that larger ones pay no more.",
            ),
            accumulation=accumulation(),
            elsewhere=(elsewhere(8, 1088), elsewhere(24, 3520), elsewhere(0.5, None)),
        ),
        precision=precision(),
    )


def all_pass() -> MemoryReport:
    """Every size up to the number of samples fits in a limit far away; the start takes more than the training."""
    sizes = (32, 256, 1437)
    loading = trial(1, 32, speed_sizes=(32,))
    loading = replace(loading, measured=replace(loading.measured, peak_bytes=3_100_000_000))
    return replace(
        usual(),
        limit=MemoryLimit(
            limit_bytes=84_900_000_000, kind=MemoryKind.DEVICE, source="GPU 0, as the backend says", others=""
        ),
        trials=(
            loading,
            *(trial(number, size, speed_sizes=(size,)) for number, size in enumerate(sizes[1:], start=2)),
        ),
        fit=fit(*sizes),
        facts=replace(facts(), backend="jax", device="gpu", xla=True),
        advice=advice(1437, 1437, bound="the 1,437 samples that the script trains on", knee=1437),
        precision=None,
    )


def compiled() -> MemoryReport:
    """The slope comes from the compiler."""
    return replace(
        usual(),
        limit=MemoryLimit(
            limit_bytes=23_600_000_000,
            kind=MemoryKind.DEVICE,
            source="GPU 0, as the backend says",
            others="process 4711 (python) uses 2.1 GB",
        ),
        headroom=0.15,
        facts=replace(facts(), backend="jax", device="gpu", xla=True),
        trials=(trial(1, 32, speed_sizes=(16, 32)), trial(2, 3072, goal=Goal.VERIFY, speed_sizes=(1024, 2048, 3072))),
        fit=replace(fit(8, 32, 128, 3072), source="compiled"),
        advice=advice(3072, 2048, bound="memory", knee=2048),
        precision=None,
    )


def curved() -> MemoryReport:
    """Memory that bends away from a line, and samples of different size."""
    base = usual()
    return replace(
        base,
        facts=replace(facts(), data="tf.data pipeline", largest_sample="The largest of 400 has 512 tokens."),
        fit=replace(base.fit, curved=True),
        precision=None,
        advice=advice(496, 496, bound="memory", knee=None),
    )


def nothing_fits() -> MemoryReport:
    """Not even one sample fits."""
    small = {"peak": 541_000_000, "limit": "537 MB"}
    trials = (
        failed(1, 32, **small),
        failed(2, 8, **small),
        failed(3, 1, stage=Stage.TRAINING, **small),
    )
    return replace(
        usual(),
        limit=MemoryLimit(limit_bytes=512 << 20, kind=MemoryKind.HOST, source="--memory-limit"),
        trials=trials,
        fit=None,
        advice=advice(
            None,
            None,
            bound="even batch size 1 did not pass: ended at 541 MB",
            knee=None,
            reasons=("No batch size fits: even batch size 1 did not pass: ended at 541 MB: over the limit of 537 MB.",),
        ),
        precision=None,
    )


def script_error() -> MemoryReport:
    """The script fails at any size."""
    broken = trial(1, 32)
    measured = replace(
        broken.measured,
        kind=OutcomeKind.ERROR,
        stage=Stage.TRAINING,
        steady_peak_bytes=None,
        cause="ValueError: Dimensions must be equal, but are 10 and 12",
        log_tail='  File "train.py", line 41, in <module>\n    model.fit(x, y)\nValueError: Dimensions must be equal',
    )
    trials = (replace(broken, measured=measured), replace(broken, number=2, measured=measured))
    return replace(
        nothing_fits(),
        trials=trials,
        advice=advice(
            None, None, bound="an error of the script", knee=None, reasons=("The script fails at any size.",)
        ),
    )


def fixed() -> MemoryReport:
    """A batch size that cannot be varied, tried once."""
    why = "the model's input has a fixed batch dimension"
    return replace(
        usual(),
        facts=replace(facts(), batch_size_fixed=why),
        trials=(trial(1, 32, goal=Goal.VERIFY),),
        fit=None,
        advice=advice(32, 32, bound=why, knee=None, reasons=("It is the only size that the model takes.",)),
        precision=None,
    )


def cut_short() -> MemoryReport:
    """A search that was stopped after its first trial."""
    return replace(
        usual(),
        trials=(trial(1, 32),),
        fit=None,
        advice=advice(32, None, bound="the search was stopped", knee=None, reasons=()),
        precision=None,
    )


def not_begun() -> MemoryReport:
    """A search that was stopped before any trial ended."""
    return replace(
        cut_short(), trials=(), advice=advice(None, None, bound="the search was stopped", knee=None, reasons=())
    )


def hostile() -> MemoryReport:
    """Every string tries to get out of the page."""
    base = usual()
    bad = failed(4, 520)
    return replace(
        base,
        limit=replace(base.limit, source=HOSTILE, others=HOSTILE),
        facts=replace(
            base.facts,
            fit_site=HOSTILE,
            model=HOSTILE,
            optimizer=HOSTILE,
            data=HOSTILE,
            largest_sample=HOSTILE,
            backend=HOSTILE,
            device=HOSTILE,
            precision=HOSTILE,
            changes=(Change(what=HOSTILE, detail=HOSTILE),),
        ),
        trials=(
            *base.trials[:3],
            replace(bad, measured=replace(bad.measured, cause=HOSTILE, log_tail=HOSTILE)),
            replace(base.trials[4], request=replace(base.trials[4].request, precision=HOSTILE)),
        ),
        advice=replace(
            base.advice,
            bound=HOSTILE,
            reasons=(HOSTILE,),
            accumulation=replace(accumulation(), sentence=HOSTILE),
            elsewhere=(replace(elsewhere(8, 1), sentence=HOSTILE),),
        ),
        precision=replace(precision(), precision=HOSTILE, sentence=HOSTILE),
    )


def every() -> dict[str, MemoryReport]:
    """All of them by name."""
    makers = (*(usual, all_pass, compiled, curved, nothing_fits, script_error, fixed, cut_short, not_begun, hostile),)
    return {maker.__name__: maker() for maker in makers}


def band(report: MemoryReport) -> tuple[MemoryBand, ...]:
    """What the made-up fit predicts, from the smallest size tried to the largest."""
    fitted = report.fit
    if fitted is None:
        return ()
    tried = [trial.request.batch_size for trial in report.trials]
    sizes = sorted({round(min(tried) * (max(tried) / min(tried)) ** (step / 24)) for step in range(25)})
    peaks = [(size, fitted.base_bytes + fitted.bytes_per_sample * size) for size in sizes]
    return tuple(
        MemoryBand(
            batch_size=size,
            peak_bytes=peak,
            low_bytes=peak * 0.98 - 2 * SPREAD,
            high_bytes=peak * 1.02 + 2 * SPREAD,
        )
        for size, peak in peaks
    )


def facts() -> FitFacts:
    return FitFacts(
        fit_site="train.py:41",
        model="digits (Sequential)",
        parameters=2_412_554,
        optimizer="Adam",
        batch_size=32,
        samples=60_000,
        data="arrays",
        sample_bytes=12_288,
        weight_bytes=9_650_216,
        gradient_bytes=9_650_216,
        slot_bytes=19_300_440,
        activation_bytes=2_900_000,
        backend="tensorflow",
        device="cpu",
        xla=False,
        precision="float32",
        changes=(Change(what="epochs", detail="A trial ends after a few steps."),),
    )


def trial(
    number: int, size: int, *, goal: Goal = Goal.MEASURE, speed_sizes: tuple[int, ...] = (), **request: object
) -> Trial:
    """A trial that passed."""
    steady = round(BASE + SLOPE * size + (-1) ** number * 4e6)
    return Trial(
        number=number,
        request=TrialRequest(batch_size=size, goal=goal, speed_sizes=speed_sizes, **request),
        measured=TrialMeasured(
            kind=OutcomeKind.COMPLETED,
            stage=Stage.DONE,
            start_bytes=470_000_000,
            peak_bytes=round(steady * 1.02),
            steady_peak_bytes=steady,
            host_peak_bytes=round(steady * 1.02),
            steps=9,
        ),
        extras=TrialExtras(speeds=tuple(speeds(speed_sizes))),
        seconds=11.4 + size / 100,
    )


def failed(
    number: int,
    size: int,
    *,
    goal: Goal = Goal.VERIFY,
    stage: Stage = Stage.LARGEST_SAMPLES,
    peak: int = 4_310_000_000,
    limit: str = "4.29 GB",
) -> Trial:
    """A trial that needed more memory than there was."""
    return Trial(
        number=number,
        request=TrialRequest(batch_size=size, goal=goal),
        measured=TrialMeasured(
            kind=OutcomeKind.OOM,
            stage=stage,
            start_bytes=0,
            peak_bytes=peak,
            steady_peak_bytes=None,
            host_peak_bytes=peak,
            steps=3,
            cause=f"ended at {bytes_text(peak)}: over the limit of {limit}",
        ),
        seconds=14.0,
    )


def speeds(sizes: Iterable[int]) -> list[Speed]:
    """Speeds that level off."""
    return [Speed(batch_size=size, samples_per_second=2140 * size / (size + 6.4)) for size in sizes]


def fit(*sizes: int) -> MemoryFit:
    return MemoryFit(
        base_bytes=BASE,
        bytes_per_sample=SLOPE,
        points=tuple(MemoryPoint(batch_size=size, peak_bytes=round(BASE + SLOPE * size)) for size in sizes),
        spread_bytes=SPREAD,
        curved=False,
        source="measured",
    )


def advice(
    largest: int | None,
    recommended: int | None,
    *,
    bound: str,
    knee: int | None,
    reasons: tuple[str, ...] = ("It is the largest that fits.",),
) -> MemoryAdvice:
    return MemoryAdvice(
        largest_that_fits=largest,
        bound=bound,
        knee=knee,
        noise_scale=None,
        recommended=recommended,
        reasons=reasons,
    )


def accumulation() -> Accumulation:
    return Accumulation(
        effective_batch=1024,
        batch_size=128,
        steps=8,
        tried=True,
        sentence="An effective batch of 1,024 takes 8 steps of 128: "
        "`optimizer=keras.optimizers.Adam(..., gradient_accumulation_steps=8)` and `batch_size=128`.",
    )


def elsewhere(gib: float, size: int | None) -> MemoryPrediction:
    limit = round(gib * GIB)
    said = "not even one sample is predicted to fit" if size is None else f"the largest is predicted to be {size:,}"
    sentence = f"In {bytes_text(limit)}, with 10% of it free, {said}. This is predicted, not tried."
    return MemoryPrediction(limit_bytes=limit, batch_size=size, sentence=sentence)


def precision() -> PrecisionComparison:
    return PrecisionComparison(
        batch_size=128,
        precision="mixed_float16",
        peak_bytes=1_020_000_000,
        own_peak_bytes=1_433_600_000,
        samples_per_second=3890.0,
        own_samples_per_second=2038.0,
        verdicts_same=6,
        verdicts_compared=7,
        sentence="mixed_float16 at batch size 128 used 1.02 GB instead of 1.43 GB (by the fit), 71% of it. It ran at "
        "3,890 instead of 2,038 samples/s, 1.9 times as fast. 6 of 7 rates got the same verdict.",
    )
