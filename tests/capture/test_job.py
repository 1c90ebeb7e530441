"""What a fit call on arrays and on pipelines becomes: samples, their order, what is held out, and what is noted."""

from dataclasses import replace
from itertools import chain
from types import SimpleNamespace

import numpy as np
import pytest

from sweeper.capture import NO_SAMPLE, Bounds, Call, CallSite, FitArguments, Reshuffle, take_job

pytestmark = pytest.mark.slow
BOUNDS = Bounds(nbytes=1 << 20, steps=5)
"""Probes of 5 steps."""


def take(tf, x, bounds=BOUNDS, **arguments):
    model = SimpleNamespace(
        trainable_variables=[],
        inputs=None,
        optimizer=None,
        _flatten_layers=list,
        distribute_strategy=tf.distribute.get_strategy(),
    )
    call = Call(
        model=model,
        original=lambda *_: None,
        arguments=FitArguments(values={"x": x, "shuffle": True, "epochs": 1, **arguments}),
        at=CallSite(file="train.py", line=1, last_line=1),
        number=1,
    )
    return take_job(call, bounds)


def rows(samples):
    return np.arange(samples, dtype=np.float32)


def batches(tf, samples, *, size=8):
    return tf.data.Dataset.from_tensor_slices((rows(samples), rows(samples))).batch(size)


def whole(tf, elements):
    """Elements that cannot be split into samples, since they hold a scalar."""
    kinds = (tf.TensorSpec([4], tf.float32), tf.TensorSpec([], tf.float32))
    made = [(np.arange(4.0) + number, np.float32(number)) for number in range(elements)]
    return tf.data.Dataset.from_generator(lambda: iter(made), output_signature=kinds)


def changes(job):
    return {change.what: change.detail for change in job.changes}


def trained_on(job, steps, **how):
    """The first input of every sample of each step."""
    order = job.order.rows(**{"batch_size": job.order.own_size, "steps": steps} | how)
    found = []
    for row in order:
        x = job.train.batch(row[row != NO_SAMPLE])[0]
        found.append(np.reshape(x, -1).tolist())
    return found


def plain(samples, *, size, steps):
    """The first input of every sample of each step, for batches in order, pass after pass."""
    one = [rows(samples)[start : start + size].tolist() for start in range(0, samples, size)]
    return (one * steps)[:steps]


@pytest.mark.parametrize("samples", [8, 49, 100, 10_000])
def test_a_pipeline_is_trained_on_whole_and_in_order(tf, samples):
    job = take(tf, batches(tf, samples))
    assert trained_on(job, 5) == plain(samples, size=8, steps=5)
    assert trained_on(job, 5, seed=1) == plain(samples, size=8, steps=5), "it shuffles nothing, whatever the seed"


def test_a_pipeline_that_shuffles_gives_other_samples_to_other_seeds(tf):
    job = take(tf, tf.data.Dataset.from_tensor_slices((rows(64), rows(64))).shuffle(64, seed=1).batch(8), LONG)
    assert job.order.reshuffle is Reshuffle.SAMPLES
    one, other = trained_on(job, 8), trained_on(job, 8, seed=1)
    assert one != other
    assert sorted(chain(*other)) == rows(64).tolist()


def fit_sees(tf, x, **arguments):
    """The first input of every sample of each step of Keras's own fit."""
    import keras

    seen = []

    class Seen(keras.Model):
        def train_step(self, data):
            tf.py_function(lambda batch: seen.append(batch.numpy().reshape(-1).tolist()), [data[0]], [])
            return {"loss": tf.constant(0.0)}

    model = Seen()
    model.compile(run_eagerly=True)
    model.fit(x, **arguments, epochs=2, verbose=0)
    return seen


LONG = replace(BOUNDS, steps=40)


def test_each_pass_of_a_pipeline_has_its_own_order_and_every_sample_is_kept_once(tf):
    import keras

    def shuffled():
        keras.utils.set_random_seed(1)
        return tf.data.Dataset.from_tensor_slices((rows(20), rows(20))).shuffle(20).batch(8)

    expected = fit_sees(tf, shuffled(), shuffle=False)
    assert sorted(expected[:3]) != sorted(expected[3:]), "it is shuffled again for each pass"
    job = take(tf, shuffled(), LONG)
    assert len(job.train) == 20
    assert trained_on(job, 6) == expected


@pytest.mark.parametrize(("x", "size"), [(100, 8), (100, 7), (33, 32)])
def test_arrays_are_trained_on_in_the_order_that_keras_draws(tf, x, size):
    import keras

    keras.utils.set_random_seed(1)
    expected = fit_sees(tf, rows(x)[:, None], y=rows(x), batch_size=size)
    job = take(tf, rows(x)[:, None], LONG, y=rows(x), batch_size=size)
    assert job.kind == "arrays"
    assert trained_on(job, len(expected)) == expected


def test_of_many_samples_those_are_taken_that_come_first(tf):
    tf.random.set_seed(1)
    everything = take(tf, rows(9000)[:, None], y=rows(9000), bounds=replace(BOUNDS, steps=None))
    job = take(tf, rows(9000)[:, None], y=rows(9000))
    assert (len(everything.train), job.available) == (9000, 9000)
    assert len(job.train) + len(job.val) == 5 * 32 * 4
    assert trained_on(job, 5) == trained_on(everything, 5)
    assert "640 of 9,000 samples" in changes(job)["samples"]


def test_only_samples_that_a_probe_does_not_reach_are_held_out(tf):
    job = take(tf, batches(tf, 1000))
    assert job.val_source == "held out"
    reached = set(chain(*trained_on(job, 5)))
    held = set(job.val.batch(np.arange(len(job.val)))[0].tolist())
    assert not reached & held
    assert f"{len(job.val)} of its" in changes(job)["validation"]


@pytest.mark.parametrize("samples", [8, 40])
def test_none_are_held_out_where_a_probe_trains_on_all(tf, samples):
    job = take(tf, batches(tf, samples))
    assert job.val is None
    assert job.val_source == f"none: the script gives none, and a probe trains on all of its {samples} samples"


def test_some_are_held_out_at_any_cost_for_what_cannot_be_measured_without(tf):
    job = take(tf, batches(tf, 100), replace(BOUNDS, steps=50, times=10))
    assert (len(job.train), len(job.val)) == (92, 8)
    assert "not train on exactly the script's" in changes(job)["validation"]


def test_whole_elements_come_in_their_order_and_some_beyond_are_held_out(tf):
    job = take(tf, whole(tf, 30))
    assert job.train.whole_elements
    assert job.val_source == "held out"
    firsts = [float(job.train.batch(row)[1]) for row in job.order.rows(batch_size=1, steps=5)]
    assert firsts == [0, 1, 2, 3, 4]
    assert "cannot be split into samples" in job.batch_size_fixed


def test_batches_that_are_padded_stay_whole(tf):
    made = [(np.ones((4, length), np.float32), np.ones(4, np.float32)) for length in (3, 5, 4)]
    kinds = (tf.TensorSpec([None, None], tf.float32), tf.TensorSpec([None], tf.float32))
    job = take(tf, tf.data.Dataset.from_generator(lambda: iter(made), output_signature=kinds))
    assert "padded" in job.batch_size_fixed
    assert [job.train.batch(np.array([number]))[0].shape for number in range(3)] == [(4, 3), (4, 5), (4, 4)]
    assert job.batch_size == 4


def test_a_generator_with_batches_of_different_sizes_keeps_them(tf):
    sizes = [4, 2, 6, 3, 4]
    job = take(tf, ((np.ones((size, 2)), np.ones(size)) for size in sizes))
    assert "different sizes" in job.batch_size_fixed
    assert [len(step) // 2 for step in trained_on(job, 5)] == sizes


@pytest.mark.parametrize(("sizes", "regular"), [((8, 8, 8, 8, 8, 5), True), ((8, 8, 6, 8, 8, 5), False)])
def test_one_smaller_batch_of_a_py_dataset_is_regular_wherever_keras_puts_it(tf, sizes, regular):
    starts = np.cumsum((0, *sizes))

    class Rows(tf.keras.utils.PyDataset):
        def __len__(self):
            return len(sizes)

        def __getitem__(self, number):
            part = np.arange(starts[number], starts[number + 1], dtype=np.float32)[:, None]
            return np.tile(part, (1, 2)), part

    tf.keras.utils.set_random_seed(3)
    job = take(tf, Rows(), replace(BOUNDS, steps=12), epochs=2)
    assert ("different sizes" in job.batch_size_fixed) is not regular
    own = trained_on(job, 12)
    assert sorted(len(step) // 2 for step in own[:6]) == sorted(sizes)
    assert [len(step) // 2 for step in own[:6]] != sorted(sizes, reverse=True)
    assert job.batch_size == 8


def test_samples_in_one_batch_that_are_not_shuffled_stay_together(tf):
    job = take(tf, np.eye(20, dtype=np.float32), y=rows(20), batch_size=20, shuffle=False)
    assert "in one batch" in job.batch_size_fixed
    assert job.val is None


def test_class_weights_of_a_pipeline_weigh_every_position(tf):
    y = np.zeros((8, 3, 1), np.float32)
    y[:, 1] = 1
    data = tf.data.Dataset.from_tensor_slices((rows(8), y)).batch(4)
    job = take(tf, data, class_weight={0: 1.0, 1: 5.0})
    _, _, weights = job.train.batch(np.arange(4))
    assert weights.tolist() == [[1, 5, 1]] * 4


def test_class_weights_beside_sample_weights_are_refused_as_keras_does(tf):
    with pytest.raises(ValueError, match="class_weight"):
        take(tf, rows(8), y=rows(8), sample_weight=rows(8), class_weight={0: 1.0})


def test_sparse_tensors_stay_sparse(tf):
    dense = np.diag(np.arange(1.0, 13.0)).astype(np.float32)
    data = tf.data.Dataset.from_tensor_slices((tf.sparse.from_dense(dense), rows(12))).batch(5)
    job = take(tf, data)
    found = [job.train.batch(row[row != NO_SAMPLE])[0] for row in job.order.rows(batch_size=5, steps=3)]
    assert all(isinstance(batch, tf.SparseTensor) for batch in found)
    assert np.array_equal(np.concatenate([tf.sparse.to_dense(batch).numpy() for batch in found]), dense)


def test_a_sparse_column_is_the_same_for_another_worker(tf, tmp_path):
    from sweeper.capture.data._samples import load_samples

    data = tf.data.Dataset.from_tensor_slices((tf.sparse.from_dense(np.eye(12)), rows(12))).batch(5)
    job = take(tf, data)
    job.train.save(tmp_path)
    chosen = np.array([7, 0, 7])
    one, other = (samples.batch(chosen)[0] for samples in (job.train, load_samples(tmp_path)))
    assert np.array_equal(tf.sparse.to_dense(one), np.eye(12)[chosen])
    assert np.array_equal(tf.sparse.to_dense(one), tf.sparse.to_dense(other))


def test_an_endless_source_is_taken_as_far_as_probes_need_it(tf):
    def endless():
        number = 0
        while True:
            yield np.full((8, 1), number, np.float32), np.zeros(8, np.float32)
            number += 1

    job = take(tf, endless(), steps_per_epoch=3, epochs=2)
    assert job.available is None
    assert trained_on(job, 5) == [[number] * 8 for number in range(5)]
    assert job.total_steps == 6


def test_slow_batches_are_not_drawn_beyond_what_is_needed(tf, monkeypatch):
    from sweeper.capture.data import _batches
    from sweeper.capture.data._drawn import LEAST_BATCHES

    monkeypatch.setattr(_batches, "OWN_SECONDS", 0.0)
    drawn = []

    def slow():
        for number in range(1000):
            drawn.append(number)
            yield np.full((8, 1), number, np.float32), np.zeros(8, np.float32)

    job = take(tf, slow(), Bounds(nbytes=1 << 20, steps=200))
    assert len(job.train) == LEAST_BATCHES, "eight batches of equal samples"
    assert "so no more were drawn" in changes(job)["samples"]
