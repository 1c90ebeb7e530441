"""Which kind of data fit was given, without Keras or a backend."""

import numpy as np
import pytest

from sweeper.capture import batches_of
from sweeper.capture.data import KINDS, Arrays, Bounds, Given, data_of


class DataLoader:
    """A loader like torch's over data whose end is not known."""

    def __len__(self):
        raise TypeError("object of type 'IterableDataset' has no len()")

    def __iter__(self):
        return iter([(np.zeros((4, 2)), np.zeros(4))])


class PyDataset:
    num_batches = 3

    def __init__(self):
        self.begun = 0

    def on_epoch_begin(self):
        self.begun += 1

    def __getitem__(self, number):
        return np.full((2, 1), number), np.zeros(2)


class Sequence(PyDataset):
    pass


@pytest.mark.parametrize(
    ("x", "kind"),
    [
        (np.zeros(3), "arrays"),
        ({"a": [np.zeros(3)]}, "arrays"),
        (None, "arrays"),
        (iter([np.zeros(3)]), "generator"),
        ((batch for batch in [np.zeros(3)]), "generator"),
        (DataLoader(), "data loader"),
        (Sequence(), "PyDataset"),
    ],
)
def test_a_kind_recognises_its_data(x, kind):
    assert data_of(Given(x=x)).kind == kind
    assert (batches_of(x) is None) == (kind == "arrays")


def test_arrays_come_last_for_they_are_whatever_is_nothing_else():
    assert KINDS[-1] is Arrays
    assert len({kind.kind for kind in KINDS}) == len(KINDS)


def test_a_loader_that_does_not_know_its_end_has_no_length():
    loader = batches_of(DataLoader())
    assert loader.length() is None
    assert loader.taken(Bounds(nbytes=100), shapes=()).available == 4


def test_batches_of_a_py_dataset_are_taken_in_a_random_order_after_its_pass_has_begun():
    dataset = PyDataset()
    taken = batches_of(dataset).taken(Bounds(nbytes=1_000), shapes=())
    x, _ = taken.samples.batch(np.arange(6))
    assert sorted(x[:, 0].tolist()) == [0, 0, 1, 1, 2, 2]
    assert (dataset.begun, taken.cut) == (1, False)


def test_what_is_taken_of_a_generator_comes_again():
    generator = batches_of(iter([np.full((2, 1), number) for number in range(5)]))
    taken = generator.taken(Bounds(nbytes=1_000, samples=100, elements=3), shapes=())
    assert len(taken.samples) == 6
    assert [batch[0, 0] for batch in generator.as_fit_takes_it()] == [0, 1, 2, 3, 4]
