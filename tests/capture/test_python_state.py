"""What a training changes in Python, set back."""

import gc
import importlib.util
import random
import sys
from collections import deque

import numpy as np
import pytest

from sweeper.capture import PythonState

SCRIPT = """
import random
from collections import deque
import numpy as np

count = 3
past = []
recent = deque([1.0], maxlen=2)
seen = {"a"}
means = {"loss": 1.0}
draws = np.random.default_rng(5)
largest = None


class Memory:
    best = None

    def __init__(self):
        self.turns = 0
        self.seen = []
        self.warm = False
        self.means = np.ones(2)


memory = Memory()
several = [Memory(), {"one": Memory()}]


def counting():
    calls = 0
    past = []

    def count():
        nonlocal calls
        calls += 1
        past.append(calls)
        return calls, len(past)

    return count


count_up = counting()
"""


@pytest.fixture
def script(tmp_path):
    gc.unfreeze()  # other modules set aside what they found, Python's own generator too
    file = tmp_path / "script_of_a_person.py"
    file.write_text(SCRIPT)
    spec = importlib.util.spec_from_file_location("script_of_a_person", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.slow
def test_numbers_lists_and_draws_of_a_script_go_back(script):
    past, recent = script.past, script.recent
    state = PythonState()
    state.keep()
    drawn = script.draws.random(), random.random()
    for _ in range(2):
        state.restore()
        assert (script.count, past, recent, script.seen) == (3, [], deque([1.0]), {"a"})
        assert script.means == {"loss": 1.0}
        assert (script.draws.random(), random.random()) == drawn
        assert script.past is past
        script.count += 1
        script.past.append(np.float32(0.5))
        script.recent.extend([2.0, 3.0])
        script.seen.add("b")
        script.means["loss"] = 0.5
        script.means["best"] = 0.1


@pytest.mark.slow
def test_long_lists_are_data_and_stay_as_they_are(script):
    script.past.extend(range(10_001))
    state = PythonState()
    state.keep()
    script.past.append(-1)
    state.restore()
    assert script.past[-1] == -1


@pytest.mark.slow
def test_objects_of_the_scripts_own_classes_go_back(script):
    memory = script.memory
    state = PythonState()
    state.keep()
    memory.turns += 1
    memory.seen.append(3.0)
    script.several[1]["one"].turns += 1
    state.restore()
    assert (memory.turns, memory.seen) == (0, [])
    assert script.several[1]["one"].turns == 0


@pytest.mark.slow
def test_what_a_closure_counts_goes_back_where_steps_run_eagerly(script):
    state = PythonState()
    state.keep(eager=True)
    for _ in range(2):
        assert [script.count_up(), script.count_up()] == [(1, 1), (2, 2)]
        state.restore()


@pytest.mark.slow
def test_what_an_eager_step_may_set_goes_back_and_what_it_adds_is_taken_away(script):
    memory, means = script.memory, script.memory.means
    state = PythonState()
    state.keep(eager=True)
    for _ in range(2):
        script.largest = np.float32(3)
        memory.warm, memory.best, memory.means = True, [np.ones(2)], memory.means * 2
        means += 5
        state.restore()
        assert script.largest is None
        assert (memory.warm, memory.best) == (False, None)
        assert memory.means is means
        assert means.tolist() == [1, 1]
        assert "best" not in vars(memory)


@pytest.mark.slow
def test_what_a_traced_step_sets_by_calling_python_goes_back(tf, script):
    state = PythonState()
    state.keep()

    def largest(value):
        script.largest = value if script.largest is None else max(value, script.largest)
        return script.largest

    step = tf.function(lambda value: tf.numpy_function(largest, [value], tf.float32))
    assert [float(step(value)) for value in (2.0, 1.0)] == [2, 2]
    state.restore()
    assert script.largest is None


@pytest.mark.slow
def test_lists_of_numbers_in_a_layer_go_back_and_lists_of_layers_stay(keras, script):
    class Layer(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.past, self.state, self.parts = [1.0], {"step": 0}, [keras.layers.Dense(1)]
            self._own = None

    Layer.__module__ = script.__name__
    layer = Layer()
    own = type("Own", (keras.optimizers.SGD,), {"__module__": script.__name__})(0.1)
    state = PythonState()
    state.keep(eager=True)
    own.build([keras.Variable([1.0])])
    layer._own = 3
    layer.past.append(2.0)
    layer.state["step"] = 7
    layer.state["more"] = 1
    layer.parts.append(keras.layers.Dense(2))
    state.restore()
    assert (list(layer.past), dict(layer.state), len(layer.parts), layer._own) == ([1.0], {"step": 0}, 2, None)
    assert len(own._trainable_variables_indices) == 1, "what Keras keeps stays"
