"""Probes on a backend other than TensorFlow."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from sweeper.curve import same_curve
from sweeper.job import Engine, EngineInfo
from sweeper.probes import OutcomeKind, Probe
from tests.worker.driving import GivenProbes, drive

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs JAX"),
]
SCRIPT = Path(__file__).parent / "scripts" / "plain.py"


def probe(optimizer, rate, *, batch_size=16, seed=0):
    return Probe(optimizer=optimizer, learning_rate=rate, batch_size=batch_size, seed=seed, steps=10)


PROBES = [
    probe("script", 0.0),
    probe("script", 0.01),
    probe("momentum", 0.01),
    probe("adam", 0.01, batch_size=32),
    probe("adam", 0.01, seed=1),
    probe("adam", 0.02),
    probe("script", 0.02, seed=1),
]
LANES = EngineInfo(name=Engine.VECTOR, lanes=2)


@pytest.fixture(scope="module", params=["float32", "mixed_float16"])
def ways(request, tmp_path_factory, warm_jax):
    folder = tmp_path_factory.mktemp("jax")

    def driven(work):
        return drive(work, SCRIPT, args=[request.param], backend="jax", launcher=warm_jax)

    def again(probes, engine):
        return driven(GivenProbes(probes, folder / "job", samples_kept=True, engine=engine))

    forwards = driven(GivenProbes(PROBES, folder / "job"))
    return forwards, again(PROBES[::-1], forwards.job.engine), again(PROBES, LANES)


def test_every_probe_trains_on_jax(ways):
    forwards, *_ = ways
    assert forwards.job.backend == "jax"
    assert {outcome.kind for outcome in forwards.outcomes.values()} == {OutcomeKind.COMPLETED}


def test_a_curve_on_jax_does_not_depend_on_what_ran_before_it(ways):
    forwards, backwards, _ = ways
    different = [p.id for p in PROBES if not same_curve(forwards.outcomes[p.id].curve, backwards.outcomes[p.id].curve)]
    assert different == []


def test_probes_that_train_together_have_the_curves_that_they_have_alone(ways):
    forwards, _, together = ways
    for p in PROBES:
        found, expected = (work.outcomes[p.id].curve for work in (together, forwards))
        np.testing.assert_allclose(found.train_loss, expected.train_loss, rtol=0.01)
        assert found.val_steps == expected.val_steps


def test_optimizers_whose_slots_have_the_same_shapes_do_not_share_a_compiled_step(ways):
    # The script's own is RMSprop: one slot for each weight, like momentum.
    forwards, *_ = ways
    own, momentum = (forwards.outcomes[probe(name, 0.01).id].curve for name in ("script", "momentum"))
    assert own.train_loss[0] == momentum.train_loss[0]
    assert own.train_loss[-1] != momentum.train_loss[-1]


def test_a_null_probe_on_jax_changes_nothing(ways):
    forwards, *_ = ways
    curve = forwards.outcomes[probe("script", 0.0).id].curve
    assert len(set(curve.val_loss[1:])) == 1
    assert curve.val_loss[0] == pytest.approx(curve.val_loss[-1], rel=1e-6)  # measured by Keras's own evaluate
