import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(15)
rng = np.random.default_rng(15)
tokens = rng.integers(0, 50, size=(2048, 12))
target = (tokens[:, 0] > tokens[:, -1]).astype("int32")

model = keras.Sequential(
    [
        keras.Input((12,), dtype="int32"),
        keras.layers.Embedding(50, 16),
        keras.layers.Flatten(),
        keras.layers.Dense(32, "relu"),
        keras.layers.Dense(2),
    ]
)
schedule = keras.optimizers.schedules.ExponentialDecay(2e-3, decay_steps=100, decay_rate=0.9)
optimizer = keras.optimizers.Adam(schedule, clipnorm=1.0)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return loss


data = tf.data.Dataset.from_tensor_slices((tokens, target)).shuffle(2048, seed=15).batch(32).repeat(10)
for step, (x, y) in enumerate(data):
    loss = train_step(x, y)
    if step % 100 == 0:
        print(step, float(loss))
model.save("scheduled.keras")
