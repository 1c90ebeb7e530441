"""How much of a source's labels is read, and whether what is read is like the whole."""

import numpy as np
import pytest

from sweeper.capture import DenseColumn, Samples
from sweeper.checks.worker._all_labels import labels_read, labels_taken

pytestmark = pytest.mark.slow
SORTED = np.repeat([0, 1], 1_000)


def pipeline(tf):
    return tf.data.Dataset.from_tensor_slices((np.zeros((2_000, 3)), SORTED)).batch(16)


def test_sorted_labels_of_a_pipeline_are_read_to_the_end(tf):
    labels = labels_read(pipeline(tf), SORTED[:512])
    assert labels.fair
    assert np.bincount(labels.values).tolist() == [1_000, 1_000]


def test_a_pipeline_that_takes_too_long_is_judged_by_nothing(tf):
    assert not labels_read(pipeline(tf), SORTED[:512], seconds=0.0).fair


def test_batches_of_a_py_dataset_are_spread_over_all(tf):
    class Rows(tf.keras.utils.PyDataset):
        def __len__(self):
            return 200

        def __getitem__(self, number):
            return np.zeros((10, 3)), SORTED[number * 10 : number * 10 + 10]

    labels = labels_read(Rows(), SORTED[:512])
    assert labels.fair
    assert np.bincount(labels.values).tolist() == [1_000, 1_000]


@pytest.mark.parametrize("kind", ["generator", "endless", "text", "two outputs"])
def test_what_cannot_be_read_again_is_known_by_its_beginning_only(tf, kind):
    endless = pipeline(tf).repeat()
    source = {
        "generator": iter([(np.zeros((4, 2)), np.zeros(4))]),
        "endless": endless,
        "text": pipeline(tf).map(lambda x, y: (x, tf.strings.as_string(y))),
        "two outputs": pipeline(tf).map(lambda x, y: (x, (y, y))),
    }[kind]
    first = SORTED[:512]
    labels = labels_read(source, first)
    assert labels.values is first
    assert not labels.fair


@pytest.mark.parametrize("cut", [False, True])
def test_samples_that_were_taken_give_all_of_their_labels(cut):
    columns = (DenseColumn(np.zeros((2_000, 3))), DenseColumn(SORTED))
    labels = labels_taken(Samples(structure=["tuple", 0, 1], columns=columns), SORTED[:512], cut=cut)
    assert labels.fair is not cut
    assert labels.values.tolist() == SORTED.tolist()
