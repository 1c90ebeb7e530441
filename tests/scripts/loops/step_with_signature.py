import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(2)
rng = np.random.default_rng(2)
X = rng.uniform(-3, 3, size=(4096, 8)).astype(np.float32)
Y = np.sin(X).sum(axis=1, keepdims=True).astype(np.float32)

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(64, "tanh"), keras.layers.Dense(1)])
opt = keras.optimizers.Adam(3e-3)


@tf.function(input_signature=[tf.TensorSpec([None, 8], tf.float32), tf.TensorSpec([None, 1], tf.float32)])
def train_step(inputs, targets):
    with tf.GradientTape() as tape:
        mse = tf.reduce_mean(tf.square(model(inputs, training=True) - targets))
    opt.apply_gradients(zip(tape.gradient(mse, model.trainable_variables), model.trainable_variables))
    return mse


for step in range(600):
    rows = rng.integers(0, len(X), 64)
    mse = train_step(X[rows], Y[rows])
    if step % 100 == 0:
        print(step, mse.numpy())
model.save_weights("sines.weights.h5")
