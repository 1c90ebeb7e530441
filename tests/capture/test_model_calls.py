"""Data that asks the model that is trained."""

import pytest

from sweeper.capture._model_calls import watching_model_calls


@pytest.mark.slow
def test_reading_weights_or_the_count_of_steps_is_asking_the_model(keras):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(), "mse")
    other = keras.Variable(1.0)
    asking = {
        "steps": lambda: int(model.optimizer.iterations.numpy()),
        "rate": lambda: float(model.optimizer.learning_rate),
        "weight": lambda: keras.ops.max(model.weights[0]),
        "another": lambda: float(other),
    }
    found = {}
    for name, ask in asking.items():
        with watching_model_calls(model) as asked:
            ask()
        found[name] = bool(asked)
    assert found == {"steps": True, "rate": True, "weight": True, "another": False}
    assert float(other) == 1.0
