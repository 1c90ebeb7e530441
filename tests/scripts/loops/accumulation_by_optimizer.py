import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(10)
rng = np.random.default_rng(10)
x = rng.normal(size=(2048, 10)).astype("float32")
y = np.tanh(x[:, :1] - x[:, 1:2])

model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(1)])
optimizer = keras.optimizers.AdamW(1e-3, weight_decay=1e-3, gradient_accumulation_steps=4)


@tf.function
def train_step(xb, yb):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(xb, training=True) - yb) ** 2)
    optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    return loss


for i in range(2000):
    start = (i * 16) % len(x)
    loss = train_step(x[start : start + 16], y[start : start + 16])
print("last loss", float(loss))
model.save("accumulated_by_optimizer.keras")
