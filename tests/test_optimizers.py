"""The table of optimizers against the installed Keras."""

import inspect

import pytest

from sweeper.optimizers import KNOWN_OPTIMIZERS, known_optimizer

NO_OPTIMIZERS_OF_THEIR_OWN = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer"}
NO_SCALAR = {"exclude_layers"}


@pytest.mark.slow
def test_the_table_agrees_with_the_installed_keras(keras):
    of_keras = {
        name: inspect.signature(kind.__init__).parameters
        for name, kind in vars(keras.optimizers).items()
        if inspect.isclass(kind) and issubclass(kind, keras.optimizers.Optimizer)
    }
    assert {known.keras_class for known in KNOWN_OPTIMIZERS} == set(of_keras) - NO_OPTIMIZERS_OF_THEIR_OWN
    for known in KNOWN_OPTIMIZERS:
        settings = set(of_keras[known.keras_class]) - {"self", "learning_rate", "name", "kwargs"} - NO_SCALAR
        assert set(known.settings) == settings, known.name


def test_names_are_unique_and_presets_are_settings():
    assert len({known.name for known in KNOWN_OPTIMIZERS}) == len(KNOWN_OPTIMIZERS)
    for known in KNOWN_OPTIMIZERS:
        assert known_optimizer(known.name) is known
        assert {name for name, _ in known.preset} <= set(known.settings)


def test_an_unknown_name_is_none():
    assert known_optimizer("adamm") is None
