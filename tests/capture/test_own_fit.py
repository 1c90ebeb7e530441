"""The script's own fit at other batch sizes, for every kind of data that Keras takes."""

import math
import sys

import numpy as np
import pytest

from sweeper.batch_size.worker._watch import Watch, watching_callback
from sweeper.capture import Call, CallSite, OwnFit, UnusableData, accumulate, bind_fit, slot_bytes

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]
SAMPLES, OWN, OTHER = 50, 8, 20
X = np.random.default_rng(0).normal(size=(SAMPLES, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


@pytest.fixture
def model(keras):
    """A model that keeps the batch sizes of its training steps and of its validation."""

    class Seen(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)
            self.trained, self.tested, self.shapes = [], [], []

        def call(self, x):
            first = x["a"] if isinstance(x, dict) else x
            return self.dense(keras.ops.mean(first, axis=1) if len(first.shape) > 2 else first)

        def train_step(self, data):
            first = data[0]["a"] if isinstance(data[0], dict) else data[0]
            self.trained.append(int(first.shape[0]))
            self.shapes.append(tuple(first.shape))
            return super().train_step(data)

        def test_step(self, data):
            self.tested.append(int(data[0].shape[0]))
            return super().test_step(data)

    model = Seen()
    model.compile("adam", "mse", run_eagerly=True)
    return model


def own_fit(keras, model, *args, **kwargs):
    arguments = bind_fit(keras.Model.fit, model, args, kwargs)
    at = CallSite(file=__file__, line=1, last_line=1)
    return OwnFit(Call(model=model, original=keras.Model.fit, arguments=arguments, at=at, number=1))


def run(own, fit, *, own_callbacks=False):
    watch = Watch(fit, least_steps=3, most_seconds=1e9, alive=lambda _: None)
    own.run(fit, watching_callback(watch), own_callbacks=own_callbacks)
    return watch


def numbers(step):
    return np.arange(0, SAMPLES, step)


def pipeline(**batching):
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(SAMPLES).batch(OWN, **batching).prefetch(2)


def generator():
    while True:
        for start in numbers(OWN):
            yield X[start : start + OWN], Y[start : start + OWN]


def py_dataset(keras, *, follows):
    class Rows(keras.utils.PyDataset):
        def __init__(self):
            super().__init__(workers=2)
            self.batch_size = OWN

        @property
        def each(self):
            return self.batch_size if follows else OWN

        def __len__(self):
            return math.ceil(SAMPLES / self.each)

        def __getitem__(self, index):
            part = slice(index * self.each, (index + 1) * self.each)
            return X[part], Y[part]

    return Rows()


def frame(_):
    import pandas as pd

    return {"x": pd.DataFrame(X), "y": pd.Series(Y[:, 0]), "batch_size": OWN}


def pipeline_after_generator(_):
    import tensorflow as tf

    spec = (tf.TensorSpec((3,)), tf.TensorSpec((1,)))
    return {"x": tf.data.Dataset.from_generator(lambda: zip(X, Y, strict=True), output_signature=spec).batch(OWN)}


KINDS = {
    "arrays": lambda _: {"x": X, "y": Y, "batch_size": OWN},
    "dict of arrays": lambda _: {"x": {"a": X}, "y": Y, "batch_size": OWN},
    "data frame": frame,
    "pipeline": lambda _: {"x": pipeline()},
    "pipeline with unknown steps": lambda _: {"x": pipeline().enumerate().map(lambda _, element: element)},
    "generator": lambda _: {"x": generator(), "steps_per_epoch": 7},
    "PyDataset": lambda keras: {"x": py_dataset(keras, follows=True)},
    "PyDataset that keeps its size": lambda keras: {"x": py_dataset(keras, follows=False)},
    "pipeline after a generator": pipeline_after_generator,
}
"""Arguments of fit, by the kind of data."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_trial_trains_on_batches_of_the_size_that_was_asked_for(keras, model, kind):
    own = own_fit(keras, model, **KINDS[kind](keras))
    assert (own.train.batch_size, own.train.fixed, own.largest) == (OWN, "", None)
    for size in (OTHER, OWN):
        model.trained.clear()
        run(own, own.main(size))
        assert len(model.trained) >= 9
        assert set(model.trained) <= {size, SAMPLES % size}
        assert size in model.trained


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"generator", "pipeline after a generator"}])
def test_the_number_of_samples_is_known(keras, model, kind):
    own = own_fit(keras, model, **KINDS[kind](keras))
    assert own.samples in ({SAMPLES, 56} if "unknown" in kind else {SAMPLES})


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_smaller_batch_of_a_pass_is_trained_on(keras, model, kind):
    own = own_fit(keras, model, **KINDS[kind](keras))
    fit = own.partial(12)
    run(own, fit)
    left = {"generator": 4, "pipeline after a generator": 4, "pipeline with unknown steps": 56 % 12}
    assert (model.trained, fit.certain) == ([12, left.get(kind, SAMPLES % 12)], "generator" not in kind)


def test_a_pass_with_few_steps_is_trained_as_a_whole_so_that_its_last_batch_comes_by_itself(keras, model):
    own = own_fit(keras, model, X, Y)
    fit = own.main(OTHER)
    watch = run(own, fit)
    assert (fit.pass_steps, fit.partial) == (3, 10)
    assert model.trained[:6] == [20, 20, 10, 20, 20, 10]
    assert watch.whole_passes >= 3


def test_a_split_that_counts_batches_keeps_its_samples(keras, model):
    whole = pipeline()
    own = own_fit(keras, model, whole.skip(2), validation_data=whole.take(2))
    assert (own.train.batch_size, own.samples) == (OWN, SAMPLES - 2 * OWN)
    run(own, own.main(OTHER))
    left = SAMPLES - 2 * OWN
    assert (sum(model.trained[: -(-left // OTHER)]), set(model.trained)) == (left, {OTHER, left % OTHER})
    assert set(model.tested) == {2 * OWN}


def test_a_pass_over_a_repeated_pipeline_is_what_take_leaves(keras, model):
    own = own_fit(keras, model, pipeline().repeat().take(100))
    assert own.samples == 100 * OWN


def test_what_drops_its_remainder_goes_on_dropping_it(keras, model):
    own = own_fit(keras, model, pipeline(drop_remainder=True))
    run(own, own.main(OTHER))
    assert set(model.trained) == {OTHER}
    assert own.partial(OTHER) is None


def test_buffers_and_mappings_behind_the_batching_work_on_batches_of_the_new_size(keras, model):
    seen = []

    def batchwise(x, y):
        import tensorflow as tf

        tf.py_function(lambda part: seen.append(int(part.shape[0])), [x], [])
        return x, y

    own = own_fit(keras, model, pipeline().map(batchwise).shuffle(2))
    seen.clear()
    run(own, own.timed(OTHER, steps=2))
    assert set(seen) <= {OTHER, SAMPLES % OTHER}


def test_a_mapping_that_only_bears_its_own_size_is_left_before_the_batches_are_made_anew(keras, model):
    import tensorflow as tf

    full = pipeline(drop_remainder=True).map(lambda x, y: (tf.reshape(x, [OWN, 3]), y))
    own = own_fit(keras, model, full)
    run(own, own.main(OTHER))
    assert set(model.trained) == {OTHER}


def test_a_generator_loses_nothing_to_being_looked_at(keras, model):
    def counting():
        for number in range(1000):
            yield np.full((4, 3), number, "float32"), np.zeros((4, 1), "float32")

    source = counting()
    own = own_fit(keras, model, source, steps_per_epoch=5)
    first = next(own.train.feed.at(8)["x"])[0]
    assert first[:, 0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_validation_follows_the_batch_size_where_it_had_the_same(keras, model):
    own = own_fit(keras, model, X, Y, batch_size=OWN, validation_data=pipeline())
    run(own, own.main(OTHER))
    assert set(model.tested) == {OTHER, SAMPLES % OTHER}
    model.tested.clear()
    own = own_fit(keras, model, X, Y, batch_size=4, validation_data=pipeline())
    run(own, own.main(OTHER))
    assert model.tested[0] == OWN


def test_validation_arrays_take_the_size_that_fit_would_give_them(keras, model):
    own = own_fit(keras, model, X, Y, batch_size=OWN, validation_split=0.4)
    assert own.samples == 30
    run(own, own.main(15))
    assert model.tested[0] == 15
    model.tested.clear()
    own = own_fit(keras, model, X, Y, validation_data=(X, Y), validation_batch_size=7, validation_steps=2)
    run(own, own.main(15))
    assert set(model.tested) == {7}
    assert len(model.tested) == 2 * 2  # after the first and the last epoch


def padded():
    import tensorflow as tf

    def rows():
        for length in (2, 3, 9, 4, 2, 2, 3, 4, 5, 6):
            yield np.ones((length, 3), np.float32), np.zeros(1, np.float32)

    spec = (tf.TensorSpec((None, 3)), tf.TensorSpec((1,)))
    return tf.data.Dataset.from_generator(rows, output_signature=spec).padded_batch(2)


def ragged():
    import tensorflow as tf

    x = tf.ragged.constant([[[1.0] * 3] * length for length in (2, 7, 4)], ragged_rank=1)
    return x, np.zeros((3, 1), "float32")


def varying(keras):
    class Varying(keras.utils.PyDataset):
        batch_size = 2

        def __len__(self):
            return 6

        def __getitem__(self, index):
            return np.ones((2, index + 1, 3), "float32"), np.zeros((2, 1), "float32")

    return Varying()


@pytest.mark.parametrize(("kind", "longest"), [("padded", 9), ("PyDataset", 6), ("generator", 6), ("ragged arrays", 7)])
def test_batches_of_the_largest_sample_are_trained_on(keras, model, kind, longest):
    if kind == "ragged arrays":
        own = own_fit(keras, model, *ragged(), batch_size=2)
    elif kind == "padded":
        own = own_fit(keras, model, padded())
    else:
        source = varying(keras)
        own = own_fit(keras, model, source if kind == "PyDataset" else (source[i % 6] for i in range(100)))
    run(own, own.copies(5))
    assert model.trained == [5, 5, 5]
    assert {shape[1] for shape in model.shapes} <= {longest, None}
    assert "the smallest takes" in own.largest.found


def test_padded_batches_of_another_size_are_padded_to_their_own_longest(keras, model):
    own = own_fit(keras, model, padded())
    run(own, own.timed(5, steps=2))
    assert [shape[1] for shape in model.shapes[:2]] == [9, 6]


def test_elements_that_cannot_be_split_stay_as_they_are(keras, model):
    def graphs():
        for _ in range(100):
            yield np.ones((6, 3), "float32"), np.zeros((6, 1), "float32"), np.ones(1, "float32")

    own = own_fit(keras, model, (graph for graph in graphs()))
    assert "different first dimensions (6, 6, 1)" in own.train.fixed
    assert own.partial(6) is None
    run(own, own.main(own.train.batch_size))
    assert set(model.trained) == {6}


def test_an_empty_generator_is_said_to_be_empty(keras, model):
    with pytest.raises(UnusableData, match="empty"):
        own_fit(keras, model, iter(()))


def test_callbacks_that_write_or_send_are_left_out_and_said(keras, model, tmp_path):
    ended = []
    callbacks = [
        keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", monitor="loss"),
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ended.append(epoch)),
        [keras.callbacks.EarlyStopping(monitor="loss", patience=5, restore_best_weights=True)],
    ]
    own = own_fit(keras, model, X, Y, callbacks=callbacks)
    run(own, own.main(OWN), own_callbacks=True)
    assert ended == [0, 1, 2]
    assert not list(tmp_path.iterdir())
    [change] = [change for change in own.changes() if change.what == "callbacks"]
    assert change.detail.startswith("ModelCheckpoint, CSVLogger: ")


def test_callbacks_of_other_libraries_are_left_out(keras, model, tmp_path, monkeypatch):
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "tracker.py").write_text("import keras\nclass Tracker(keras.callbacks.Callback):\n    pass\n")
    monkeypatch.syspath_prepend(folder)
    import tracker

    class Mine(tracker.Tracker):
        pass

    own = own_fit(keras, model, X, Y, callbacks=[Mine()])
    [change] = [change for change in own.changes() if change.what == "callbacks"]
    assert change.detail.startswith("Mine: ")
    sys.modules.pop("tracker")


@pytest.mark.parametrize("scaled", [False, True])
def test_gradients_are_accumulated_with_the_scripts_own_settings(keras, model, scaled):
    schedule = keras.optimizers.schedules.CosineDecay(0.01, 100)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=0.1, clipnorm=2.0)
    model.compile(keras.optimizers.LossScaleOptimizer(optimizer) if scaled else optimizer, "mse", run_eagerly=True)
    own = own_fit(keras, model, X, Y)
    model(X[:1])
    plain = slot_bytes(model)
    accumulate(model, 3)
    inner = model.optimizer.inner_optimizer if scaled else model.optimizer
    assert inner is not optimizer
    assert (inner.gradient_accumulation_steps, inner.clipnorm, inner.weight_decay) == (3, 2.0, 0.1)
    assert slot_bytes(model) == plain + 4 * 4
    watch = run(own, own.main(OWN, least_steps=6))
    assert watch.steps >= 6
    assert int(inner.iterations) == watch.steps // 3


def test_bytes_of_slots_are_the_same_before_and_after_they_are_made(keras, model):
    model(X[:1])
    before = slot_bytes(model)
    model.optimizer.build(model.trainable_variables)
    assert slot_bytes(model) == before
