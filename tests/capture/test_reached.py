"""What sources of data read in Python, and what of it has changed."""

import functools
import random

import numpy as np
import pytest

from sweeper.capture._reached import values_read_by
from sweeper.capture._training_reads import behind, shared_generators

level = 1
unread = 1
shared = {"rate": [1.0], 3: "three"}


class Source:
    base = 2.0

    def __init__(self):
        self.files = ["a", "b"]
        self.x = np.zeros((3, 2), np.float32)
        self.more = {"inner": {"deep": np.nan}}

    def __getitem__(self, index):
        return level + self.x[index] * self.base


def reading():
    chosen = [1, 2]
    factor = 1

    def batches(scale=3):
        for entry in chosen:
            yield entry * factor * scale * shared["rate"][0]

    def change():
        nonlocal factor
        chosen.append(3)
        factor = 2

    return batches, change


def changes(roots, change):
    before = values_read_by(roots)
    change()
    return {old.name: (old.words, new.words) for old, new in before.changed(values_read_by(roots))}


def test_attributes_arrays_lists_and_names_of_the_module(monkeypatch):
    source = Source()

    def change():
        monkeypatch.setitem(globals(), "level", 5)
        monkeypatch.setitem(globals(), "unread", 5)
        source.files.append("c")
        source.x[1, 1] = 7
        source.more["inner"]["deep"] = 1.0
        source.base = 4.0  # the object's own from now on

    assert changes([source], change) == {
        "level": ("1", "5"),
        "Source.files": ("", ""),
        "Source.x": ("", ""),
        "Source.more['inner']['deep']": ("nan", "1.0"),
        "Source.base": ("2.0", "4.0"),
    }
    assert changes([source], lambda: None) == {}


@pytest.mark.parametrize("form", ["function", "generator", "partial", "method"])
def test_what_functions_and_generators_close_over(form):
    batches, change = reading()
    shared["rate"][0] = 1.0
    roots = {
        "function": [batches],
        "generator": [batches()],
        "partial": [functools.partial(batches, 4)],
        "method": [{"a": batches}.get("a")],
    }[form]

    def both():
        change()
        shared["rate"] = [2.0]

    before = values_read_by([*roots, change])
    assert set(changes(roots, both)) == {"chosen", "factor", "shared['rate']"}
    before.restore()
    assert next(batches()) == 3 * 2.0
    assert any(item == [1, 2, 3] for item in before.holders())


def test_a_generator_that_went_on_has_changed_nothing():
    batches, _ = reading()
    going = batches()
    assert changes([going], lambda: next(going)) == {}
    assert changes([random.Random(1)], lambda: None) == {}


def test_random_generators_that_two_sources_share():
    def drawing(generator):
        yield generator.random()

    one, other = np.random.default_rng(1), np.random.default_rng(2)
    assert shared_generators(drawing(one), drawing(one)) == ["Generator"]
    assert shared_generators(drawing(one), drawing(other)) == []
    assert shared_generators(iter([one]), drawing(one)) == []


@pytest.mark.slow
def test_functions_and_variables_behind_a_pipeline(tf):
    source, strength, other = Source(), tf.Variable(0.5), tf.Variable(0.5)

    def batches():
        yield source.x

    data = tf.data.Dataset.from_generator(batches, output_signature=tf.TensorSpec((3, 2)))
    data = data.map(lambda x: x * strength).batch(2).prefetch(1)
    assert len(list(data)) == 1

    def change():
        source.x[0, 0] = 3
        strength.assign(2.0)
        other.assign(2.0)

    before = values_read_by(behind(data))
    change()
    found = {old.name: new.words for old, new in before.changed(values_read_by(behind(data)))}
    assert found == {"Source.x": "", "Variable:0": "2.0"}
