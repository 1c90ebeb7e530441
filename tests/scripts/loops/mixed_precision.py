import keras
import numpy as np
import tensorflow as tf

keras.mixed_precision.set_global_policy("mixed_float16")
keras.utils.set_random_seed(13)
rng = np.random.default_rng(13)
x = rng.normal(size=(1024, 16)).astype("float32")
y = rng.integers(0, 3, 1024)
x[np.arange(1024), y] += 2

model = keras.Sequential(
    [
        keras.Input((16,)),
        keras.layers.Dense(32, "relu"),
        keras.layers.Dense(3),
        keras.layers.Activation("linear", dtype="float32"),
    ]
)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(1e-3))


@tf.function
def train_step(xb, yb):
    with tf.GradientTape() as tape:
        loss = loss_fn(yb, model(xb, training=True))
        scaled = optimizer.scale_loss(loss)
    grads = tape.gradient(scaled, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return loss


data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(1024, seed=13).repeat(16).batch(32)
for step, (xb, yb) in enumerate(data):
    loss = train_step(xb, yb)
    if step % 100 == 0:
        print(step, float(loss))
model.save("half.keras")
