import json
from collections import namedtuple
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.capture import DenseColumn, RaggedColumn, Samples, TextColumn, unflatten
from sweeper.capture.data._columns import load_column, make_column
from sweeper.capture.data._samples import flatten, load_samples
from sweeper.capture.data._sparse import SparseColumn


class Batch(NamedTuple):
    image: object
    label: object

    @property
    def both(self):
        return [self.image, self.label]


def named(name, fields, *values):
    return namedtuple(name, fields, rename=True)(*values)  # noqa: PYI024  a class that no module holds


leaves = st.integers(0, 99)
elements = st.recursive(
    leaves | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.builds(Batch, inner, inner)
        | st.lists(inner, max_size=3).map(lambda items: named("Made", list("abc"[: len(items)]), *items))
    ),
)


@given(elements)
def test_an_element_is_what_flatten_took_apart_even_through_json(element):
    structure, parts = flatten(element)
    back = unflatten(json.loads(json.dumps(structure)), parts)
    assert back == element
    assert repr(back) == repr(element)  # a named tuple equals a plain one


def test_a_named_tuple_keeps_its_own_class():
    structure, parts = flatten(Batch(1, [2]))
    assert unflatten(structure, parts).both == [1, [2]]


@pytest.mark.parametrize(
    "made",
    [
        named("Local", ["x", "y"], 1, 2),
        named("Local", ["x", "class"], 1, 2),
        named("Batch", ["other", "fields"], 1, 2),  # a class of this name is there, but it is another one
    ],
    ids=repr,
)
def test_a_named_tuple_whose_class_cannot_be_found_gets_one_like_it_and_always_the_same(made):
    structure, parts = flatten(made)
    one, other = unflatten(structure, parts), unflatten(json.loads(json.dumps(structure)), [3, 4])
    assert (repr(one), one._fields) == (repr(made), made._fields)
    assert type(one) is type(other)


@pytest.mark.parametrize(
    ("samples", "kind"),
    [
        (np.arange(12.0).reshape(4, 3), DenseColumn),
        ([np.ones((i + 1, 2), np.int32) * i for i in range(4)], RaggedColumn),
        (np.array([["a", "bé"], ["", "long text"], ["c", "d"], ["e", "f"]]), TextColumn),
        (np.array([b"\x00raw\x00", b"", b"x", b"y"], dtype=object), TextColumn),
    ],
)
def test_a_column_comes_back_from_its_files(tmp_path, samples, kind):
    column = make_column(samples)
    assert isinstance(column, kind)
    column.save(tmp_path / "c")
    back = load_column(tmp_path / "c")
    assert type(back) is kind
    assert (len(back), back.nbytes) == (len(column), column.nbytes)
    order = np.array([3]) if kind is RaggedColumn else np.array([3, 1, 1])
    assert np.array_equal(back.take(order), column.take(order))
    assert np.array_equal(back.subset(order).take(np.array([0])), column.take(np.array([3])))


def test_samples_of_one_shape_become_dense():
    assert isinstance(make_column([np.ones(2), np.zeros(2)]), DenseColumn)


def test_samples_come_back_with_their_structure(tmp_path):
    structure, parts = flatten(({"image": np.arange(6).reshape(3, 2), "meta": [np.arange(3), None]}, np.ones(3)))
    samples = Samples(structure=structure, columns=tuple(make_column(part) for part in parts))
    samples.save(tmp_path)
    x, y = load_samples(tmp_path).batch(np.array([2, 0]))
    assert x["image"].tolist() == [[4, 5], [0, 1]]
    assert x["meta"][0].tolist() == [2, 0]
    assert x["meta"][1] is None
    assert y.tolist() == [1, 1]


def test_a_whole_element_comes_out_as_it_was():
    graph = np.arange(8).reshape(2, 4)
    samples = Samples(structure=0, columns=(DenseColumn(graph),), whole_elements=True)
    assert samples.batch(np.array([1])).tolist() == [4, 5, 6, 7]


def test_entries_at_one_position_of_a_sparse_matrix_are_added():
    column = SparseColumn(np.array([[0, 1], [1, 0], [0, 1]]), np.array([1.0, 5.0, 2.0]), (2, 2))
    assert column.dense().tolist() == [[0.0, 3.0], [5.0, 0.0]]
