"""Times many learning rates of a small model on JAX: one after another, and as one program.

    python scripts/benchmarks/benchmark_lanes.py --report reports/benchmarks
    CUDA_VISIBLE_DEVICES=0 python scripts/benchmarks/benchmark_lanes.py --rates 64 --rounds 3

Every way trains the digits MLP of benchmark_jobs at the same rates for the same steps, on the same samples from
the same first weights, with a validation loss eight times in each probe. The ways take turns in one process; the
fastest round counts, and what the first one took longer is given as compilation. "Same" says how many of the curves are
those of fit, to 1 percent of each loss, up to where a loss is ten times the first.
"""

import argparse
import gc
import os
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from benchmark_jobs import mlp
from benchmark_parts import process, words

from sweeper.capture import Bounds, Call, CallSite, Interception, bind_fit, take_job
from sweeper.curve import Curve
from sweeper.engines import AbstractEngine, FitTraining, Measured, ReferenceEngine, VectorEngine
from sweeper.job import Engine, EngineInfo
from sweeper.probes import Probe

RATES = (1e-5, 1.0)
SAME = 0.01
BLOWN = 10.0
HEADS = ("way", "compilation s", "all probes s", "s per probe", "times faster than fit", "same")


def arguments_of() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=int, default=64, help="learning rates")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lanes", default="4,16,64", help="probes at once, for each way with several")
    parser.add_argument("--report", type=Path, help="folder for the dated results")
    return parser.parse_args()


def prepared(batch_size: int, steps: int) -> FitTraining:
    """The digits MLP at its fit call."""
    import keras

    interception = Interception(on_fit=lambda model, fit, args, kwargs, _: fit(model, *args, **kwargs), on_legacy=int)
    interception.install()
    keras.utils.set_random_seed(0)
    (x, y), model = mlp.data(), mlp.build()
    model.compile(keras.optimizers.Adam(1e-3), mlp.LOSS)
    original = type(model).fit.__wrapped__
    arguments = bind_fit(original, model, (x, y), {"batch_size": batch_size, "validation_split": 0.2})
    at = CallSite(file="mlp.py", line=1, last_line=1)
    call = Call(model=model, original=original, arguments=arguments, at=at, number=1)
    return FitTraining(take_job(call, Bounds(nbytes=1 << 28, steps=steps)), interception=interception)


def train(engine: AbstractEngine, probes: Sequence[Probe], lanes: int) -> tuple[float, list[Measured]]:
    """The seconds for all probes, `lanes` at a time, and what was measured."""
    started = time.perf_counter()
    measured: list[Measured] = []
    for first in range(0, len(probes), lanes):
        measured += engine.run_together(probes[first : first + lanes], progress=lambda _: None)
    return time.perf_counter() - started, measured


def timed(ready: FitTraining, probes: Sequence[Probe], lanes: Sequence[int], rounds: int) -> dict[str, dict[str, Any]]:
    """What each way took, over all rounds."""
    ways: dict[str, tuple[AbstractEngine, int]] = {"fit, one after another": (ReferenceEngine(ready), 1)}
    for many in (1, *lanes):
        name = f"vector, {many} lanes" if many > 1 else "vector, one after another"
        ways[name] = (VectorEngine(ready, EngineInfo(name=Engine.VECTOR, lanes=many)), many)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    curves: dict[str, list[Curve]] = {}
    for turn in range(rounds + 1):
        for name, (engine, many) in ways.items():
            took, measured = train(engine, probes, many)
            seconds[name].append(took)
            curves[name] = [one.curve for one in measured]
            print(f"round {turn}: {name}: {took:.2f} s", flush=True)
    expected = curves["fit, one after another"]
    return {
        name: {
            "all_s": min(took[1:]),
            "rounds_s": took[1:],
            "compile_s": max(0.0, took[0] - min(took[1:])),
            "same": sum(map(same, curves[name], expected)),
        }
        for name, took in seconds.items()
    }


def same(found: Curve, expected: Curve) -> bool:
    """Whether two curves agree while they are within reach of their first loss."""
    losses, others = (np.asarray(curve.train_loss) for curve in (found, expected))
    wild = np.flatnonzero(~(others < BLOWN * others[0]))
    until = min(wild[0] if len(wild) else len(others), len(losses))
    return bool(np.allclose(losses[:until], others[:until], rtol=SAME))


def page_of(asked: argparse.Namespace, facts: dict[str, str], found: dict[str, dict[str, Any]]) -> str:
    """The results in words."""
    fit = found["fit, one after another"]["all_s"]
    rows = [
        (
            *(name, f"{one['compile_s']:.1f}", f"{one['all_s']:.2f}", f"{one['all_s'] / asked.rates:.4f}"),
            *(f"{fit / one['all_s']:.1f}", f"{one['same']} of {asked.rates}"),
        )
        for name, one in found.items()
    ]
    _, _, intro = (__doc__ or "").partition("--rounds 3\n")
    return words.page("Lanes", intro, facts, [words.table(HEADS, rows)])


def main() -> None:
    """Measures, and writes it down if asked."""
    asked = arguments_of()
    import jax

    gc.collect()
    gc.freeze()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ready = prepared(asked.batch_size, asked.steps)
    rates = np.geomspace(*RATES, asked.rates)
    about = {"optimizer": "script", "batch_size": asked.batch_size, "seed": 0, "steps": asked.steps}
    probes = [Probe(learning_rate=float(rate), **about) for rate in rates]
    lanes = [int(many) for many in asked.lanes.split(",")]
    found = timed(ready, probes, lanes, asked.rounds)
    facts = process.machine(len(os.sched_getaffinity(0)))
    facts["device"] = f"{jax.devices()[0].device_kind}, JAX {jax.__version__}"
    facts["work"] = f"{asked.rates} rates of Adam, {asked.steps} steps, batch size {asked.batch_size}"
    document, page = {"facts": facts, "ways": found}, page_of(asked, facts, found)
    print(page)
    if asked.report:
        print(process.keep(asked.report, "lanes", document, page))


if __name__ == "__main__":
    main()
