"""Two tapes and two losses on shared layers; one optimizer applies the sum of their gradients."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(11)
rng = np.random.default_rng(11)
x = rng.normal(size=(2048, 12)).astype("float32")
value = x[:, :1] * 2 - x[:, 1:2]
label = (x[:, 2] > 0).astype("int32")

inputs = keras.Input((12,))
shared = keras.layers.Dense(32, activation="relu")(inputs)
regression = keras.Model(inputs, keras.layers.Dense(1)(shared))
classifier = keras.Model(inputs, keras.layers.Dense(2)(shared))
optimizer = keras.optimizers.Adam(1e-3)
mse = keras.losses.MeanSquaredError()
cce = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
variables = regression.trainable_variables + classifier.layers[-1].trainable_variables


@tf.function
def step(xb, vb, lb):
    with tf.GradientTape() as tape_r:
        loss_r = mse(vb, regression(xb, training=True))
    with tf.GradientTape() as tape_c:
        loss_c = cce(lb, classifier(xb, training=True))
    grads_r = tape_r.gradient(loss_r, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    grads_c = tape_c.gradient(loss_c, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    optimizer.apply_gradients([(a + b, v) for a, b, v in zip(grads_r, grads_c, variables)])
    return loss_r, loss_c


data = tf.data.Dataset.from_tensor_slices((x, value, label)).shuffle(2048, seed=11).batch(32)
for epoch in range(10):
    for batch in data:
        loss_r, loss_c = step(*batch)
    print(epoch, float(loss_r), float(loss_c))
regression.save("regression.keras")
