"""Probes on a backend other than TensorFlow."""

import importlib.util
import sys
from pathlib import Path

import pytest

from sweeper.curve import same_curve
from sweeper.probe import OutcomeKind, Probe

sys.path.insert(0, str(Path(__file__).parent))
from driving import GivenProbes, drive

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
]


@pytest.fixture(scope="module", params=["float32", "mixed_float16"])
def both_orders(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("jax")
    forwards = drive(GivenProbes(PROBES, folder / "job"), SCRIPT, args=[request.param], backend="jax")
    backwards = drive(
        GivenProbes(PROBES[::-1], folder / "job", samples_kept=True), SCRIPT, args=[request.param], backend="jax"
    )
    return forwards, backwards


def test_every_probe_trains_on_jax(both_orders):
    forwards, _ = both_orders
    assert forwards.job.backend == "jax"
    assert {outcome.kind for outcome in forwards.outcomes.values()} == {OutcomeKind.COMPLETED}


def test_a_curve_on_jax_does_not_depend_on_what_ran_before_it(both_orders):
    forwards, backwards = both_orders
    different = [p.id for p in PROBES if not same_curve(forwards.outcomes[p.id].curve, backwards.outcomes[p.id].curve)]
    assert different == []


def test_optimizers_whose_slots_have_the_same_shapes_do_not_share_a_compiled_step(both_orders):
    # The script's own is RMSprop: one slot for each weight, like momentum.
    forwards, _ = both_orders
    own, momentum = (forwards.outcomes[probe(name, 0.01).id].curve for name in ("script", "momentum"))
    assert own.train_loss[0] == momentum.train_loss[0]
    assert own.train_loss[-1] != momentum.train_loss[-1]


def test_a_null_probe_on_jax_changes_nothing(both_orders):
    forwards, _ = both_orders
    curve = forwards.outcomes[probe("script", 0.0).id].curve
    assert curve.val_loss[0] == curve.val_loss[-1]
