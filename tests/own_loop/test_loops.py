"""Loops of the script's own in real workers: whatever their shape, a probe is gradient descent at its rate.

All train one linear layer without bias, which begins at zero, on the same full batch, so NumPy knows every loss.
"""

import numpy as np
import pytest

from sweeper.job import Engine
from sweeper.probes import OutcomeKind, Probe
from tests.worker.driving import GivenProbes, drive

pytestmark = pytest.mark.slow

HEAD = """
import os, sys
os.chdir(os.path.dirname(os.path.abspath(__file__)))
import numpy as np, keras, tensorflow as tf
x = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
y = (x @ np.array([[1.0], [-2.0], [0.5], [3.0]], "float32"))
model = keras.Sequential([keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
optimizer = keras.optimizers.SGD(0.1)
def gradients(a, b):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(a) - b) ** 2)
    return loss, tape.gradient(loss, model.trainable_variables)
def step(a, b):
    loss, found = gradients(a, b)
    optimizer.apply_gradients(zip(found, model.trainable_variables))
    return loss
"""
LOOPS = {
    "eager": "while True: step(x, y)",
    "traced": "step = tf.function(step)\nwhile True: step(x, y)",
    "compiled": "model(x)\nstep = tf.function(step, jit_compile=True)\nwhile True: step(x, y)",
    "many steps in one call": """
@tf.function
def train():
    for _ in tf.range(100_000): step(tf.constant(x), tf.constant(y))
train()
""",
    "a pipeline in one call": """
data = tf.data.Dataset.from_tensors((x, y)).repeat()
@tf.function
def train():
    for a, b in data: step(a, b)
train()
""",
    "train_on_batch": """
model.compile(optimizer, "mse")
while True: model.train_on_batch(x, y)
""",
    "gradients of two halves": """
while True:
    _, first = gradients(x[:16], y[:16])
    _, second = gradients(x[16:], y[16:])
    optimizer.apply([(a + b) / 2 for a, b in zip(first, second)], model.trainable_variables)
""",
    "two losses whose sum is the error": """
def step(a, b):
    with tf.GradientTape() as one:
        first = 0.25 * tf.reduce_mean((model(a) - b) ** 2)
    with tf.GradientTape() as other:
        second = 0.75 * tf.reduce_mean((model(a) - b) ** 2)
    g = one.gradient(first, model.trainable_variables)
    h = other.gradient(second, model.trainable_variables)
    optimizer.apply([g[0] + h[0]], model.trainable_variables)
step = tf.function(step)
while True: step(x, y)
""",
    "put aside by the optimizer": """
optimizer = keras.optimizers.SGD(0.1, gradient_accumulation_steps=2)
step = tf.function(step)
while True: step(x, y)
""",
    "scaled losses": """
optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1))
@tf.function
def step():
    with tf.GradientTape() as tape:
        loss = optimizer.scale_loss(tf.reduce_mean((model(x) - y) ** 2))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
while True: step()
""",
    "a loop in a thread": """
import threading
def train():
    while True: step(x, y)
thread = threading.Thread(target=train); thread.start(); thread.join()
""",
    "a loop that ends": """
step = tf.function(step)
for _ in range(47): step(x, y)
sys.exit()
""",
}
RATES = (0.1, 0.05, 0.2, 0.0)
STEPS = 20


def losses(rate, steps=STEPS):
    x = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
    y = x @ np.array([[1.0], [-2.0], [0.5], [3.0]], "float32")
    kernel, found = np.zeros((4, 1), "float32"), []
    for _ in range(steps):
        error = x @ kernel - y
        found.append(float((error**2).mean()))
        kernel = kernel - rate * 2 * x.T @ error / np.float32(32)
    return found


def probe(rate, **others):
    return Probe(**{"optimizer": "script", "batch_size": 32, "seed": 0, "steps": STEPS, "learning_rate": rate} | others)


def run(folder, loop, probes, warm):
    script = folder / "train.py"
    script.write_text(HEAD + loop)
    return drive(GivenProbes(probes, folder / "job"), script, launcher=warm)


@pytest.mark.parametrize("name", LOOPS)
def test_a_probe_is_gradient_descent_at_its_rate(name, tmp_path, warm):
    work = run(tmp_path, LOOPS[name], [probe(rate) for rate in RATES], warm)
    assert work.job.engine.name is Engine.LOOP
    assert (work.job.optimizer.name, work.job.optimizer.learning_rate) == ("SGD", 0.1)
    for rate in RATES:
        np.testing.assert_allclose(work.by_rate[rate].curve.train_loss, losses(rate), rtol=1e-4, err_msg=f"{rate}")


def test_eager_updates_can_be_made_by_any_optimizer(tmp_path, warm):
    probes = [probe(0.05, optimizer=name) for name in ("momentum", "script", "momentum")]
    probes[2] = probe(0.06, optimizer="momentum")
    work = run(tmp_path, LOOPS["eager"], probes, warm)
    assert work.job.optimizer.only == ""
    by_id = {key: outcome.curve.train_loss for key, outcome in work.outcomes.items()}
    np.testing.assert_allclose(by_id[probes[1].id], losses(0.05), rtol=1e-4)
    # Momentum of 0.9 changes nothing in the first step, and adds to the second.
    np.testing.assert_allclose(by_id[probes[0].id][:2], losses(0.05)[:2], rtol=1e-4)
    assert by_id[probes[0].id][2] < losses(0.05)[2]


def test_a_rate_that_the_loop_sets_itself_is_overridden_and_said(tmp_path, warm):
    loop = """
rate = 0.1
while True:
    optimizer.learning_rate = rate
    step(x, y)
    rate = rate * 0.99
"""
    work = run(tmp_path, loop, [probe(0.1), probe(0.05)], warm)
    assert "sets the rate itself" in work.job.optimizer.unknown
    assert any("sets the rate itself" in change.detail for change in work.job.changes)
    for rate in (0.1, 0.05):
        np.testing.assert_allclose(work.by_rate[rate].curve.train_loss, losses(rate), rtol=1e-4)


def test_a_schedule_gives_way_to_the_rate_of_the_probe(tmp_path, warm):
    loop = """
optimizer = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 1000))
step = tf.function(step)
while True: step(x, y)
"""
    work = run(tmp_path, loop, [probe(0.1), probe(0.05)], warm)
    assert (work.job.optimizer.schedule, work.job.optimizer.learning_rate) == ("CosineDecay", 0.1)
    for rate in (0.1, 0.05):
        np.testing.assert_allclose(work.by_rate[rate].curve.train_loss, losses(rate), rtol=1e-4)


def test_a_second_training_after_the_first_is_not_taken_for_it(tmp_path, warm):
    loop = """
for _ in range(60): step(x, y)
optimizer = keras.optimizers.SGD(0.5)
while True: step(3 * x, y)
"""
    work = run(tmp_path, loop, [probe(rate) for rate in (0.1, 0.05, 0.2, 0.02, 0.03)], warm)
    for rate, outcome in work.by_rate.items():
        np.testing.assert_allclose(outcome.curve.train_loss, losses(rate), rtol=1e-4, err_msg=f"{rate}")


def test_a_further_worker_waits_until_every_optimizer_was_seen(tmp_path, warm):
    loop = """
other = keras.optimizers.SGD(0.2)
def train(chosen):
    loss, found = gradients(x, y)
    chosen.apply_gradients(zip(found, model.trainable_variables))
for _ in range(30):
    for _ in range(5): train(optimizer)
    train(other)
"""
    work = run(tmp_path, loop, [probe(0.1), probe(0.05), probe(0.02), probe(0.01)], warm)
    assert work.job.optimizer.name == "SGD + SGD"
    assert {outcome.kind for outcome in work.outcomes.values()} == {OutcomeKind.COMPLETED}
    assert all(outcome.curve.steps == STEPS for outcome in work.outcomes.values())


def test_a_loop_that_raises_at_a_loss_that_is_not_finite_has_diverged_and_goes_on(tmp_path, warm):
    loop = """
while True:
    if not np.isfinite(float(step(x, y))):
        raise FloatingPointError("the loss is not finite")
"""
    work = run(tmp_path, loop, [probe(1e18), probe(0.05)], warm)
    diverged = work.by_rate[1e18]
    assert diverged.kind is OutcomeKind.COMPLETED
    assert diverged.curve.first_nonfinite_loss
    np.testing.assert_allclose(work.by_rate[0.05].curve.train_loss, losses(0.05), rtol=1e-4)


def test_every_worker_knows_the_own_steps_of_a_script_that_must_be_run_again(tmp_path, warm):
    loop = """
step = tf.function(step)
for count in range(21): step(x, y * (1 + count))
"""
    short = [probe(rate, steps=15) for rate in (0.0, 0.05, 0.1)]
    work = run(tmp_path, loop, short, warm)
    assert any("run again" in note for note in work.notes)
    # The targets grow with every step, so the first of all steps begins at the least loss.
    curve = work.by_rate[0.1].curve.train_loss
    np.testing.assert_allclose(curve[0], losses(0.1)[0], rtol=1e-4)
    assert work.by_rate[0.05].curve.train_loss[0] > 4 * curve[0]


def test_a_loop_that_ends_with_the_last_of_its_first_steps_is_probed(tmp_path, warm):
    loop = f"step = tf.function(step)\nfor _ in range({STEPS}): step(x, y)"
    work = run(tmp_path, loop, [probe(0.05, steps=10)], warm)
    assert work.job.most_steps == STEPS - 3
    np.testing.assert_allclose(work.by_rate[0.05].curve.train_loss, losses(0.05, 10), rtol=1e-4)


def test_what_the_loop_writes_is_thrown_away(tmp_path, warm):
    loop = """
for count in range(100_000):
    step(x, y)
    model.save_weights("last.weights.h5")
    open("log.csv", "a").write("1\\n")
"""
    run(tmp_path, loop, [probe(0.1), probe(0.05)], warm)
    # The first two updates are the script's own, before it is known to train in a loop.
    assert 1 <= len((tmp_path / "log.csv").read_text().split()) <= 3


def test_what_was_opened_before_the_loop_keeps_what_it_had(tmp_path, warm):
    loop = """
log = open("log.csv", "w", buffering=1)
log.write("the head\\n")
writer = tf.io.TFRecordWriter("records")
writer.write(b"first")
writer.flush()
for count in range(100_000):
    log.write("1\\n")
    step(x, y)
    writer.write(b"x" * 1000)
    writer.flush()
"""
    run(tmp_path, loop, [probe(0.1), probe(0.05)], warm)
    assert (tmp_path / "log.csv").read_text().split("\n")[0] == "the head"
    assert len((tmp_path / "log.csv").read_text()) < len("the head\n" + 5 * "1\n")
    assert (tmp_path / "records").stat().st_size < 5_000


@pytest.mark.parametrize(
    ("loop", "said"),
    [
        ("step(x, y); step(x, y)", "a few updates"),
        ("model(x)\nwhile True: optimizer.apply([tf.ones((4, 1))], model.trainable_variables)", "no loss of any"),
        (
            "while True:\n    step(x, y)\n    model.layers[0].kernel.assign_add(tf.ones((4, 1)))",
            "changed all the same",
        ),
    ],
    ids=["few updates", "no loss", "weights set by hand"],
)
def test_a_loop_that_cannot_be_probed_is_told_with_what_was_seen(loop, said, tmp_path, warm):
    work = run(tmp_path, loop, [probe(0.1)], warm)
    assert said in " ".join(f"{finding.title} {finding.evidence}" for finding in work.findings)
    assert work.outcomes == {}


def test_updates_before_a_call_of_fit_do_not_make_a_loop(tmp_path, warm):
    loop = """
step(x, y)
model.compile(optimizer, "mse")
model.fit(x, y, batch_size=32, epochs=100, verbose=0)
"""
    work = run(tmp_path, loop, [probe(0.05)], warm)
    assert work.job.engine.name is not Engine.LOOP
