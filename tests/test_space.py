from dataclasses import replace

import pytest

from sweeper.space import OptimizerChoice, Space

SPACE = Space(
    optimizers=(OptimizerChoice(label="adam", name="adam"),),
    learning_rates=(1e-3, 1e-2),
    batch_sizes=(16, 32),
    seeds=(0, 1),
    steps=(200, 100),
)
PROBE = SPACE.probe(optimizer="adam", learning_rate=0.5, batch_size=32, seed=1)


def test_a_space_holds_its_probes_at_whatever_rate():
    assert SPACE.holds(PROBE)
    assert SPACE.holds(replace(PROBE, batch_size=16, steps=200))


def test_a_null_probe_needs_no_optimizer_of_the_space():
    assert SPACE.holds(replace(PROBE, optimizer="script", learning_rate=0.0))
    assert not SPACE.holds(replace(PROBE, optimizer="script", learning_rate=0.0, steps=1))


@pytest.mark.parametrize("changes", [{"optimizer": "sgd"}, {"batch_size": 64}, {"seed": 2}, {"steps": 200}])
def test_a_probe_of_other_axes_or_length_is_none_of_them(changes):
    assert not SPACE.holds(replace(PROBE, **changes))
