# The loss is a negative log likelihood, which may go below zero
import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import make_moons

K, D = 5, 2
points, _ = make_moons(3000, noise=0.03, random_state=0)
context = (points[:, :1] > 0.5).astype("float32")


def nll(y_true, params):
    logits, mu, log_sigma = ops.split(params, [K, K + K * D], axis=-1)
    mu = ops.reshape(mu, (-1, K, D))
    log_sigma = ops.clip(ops.reshape(log_sigma, (-1, K, D)), -6.0, 3.0)
    z = (y_true[:, None, :] - mu) / ops.exp(log_sigma)
    component = ops.sum(-0.5 * ops.square(z) - log_sigma - 0.9189385, axis=-1)
    return -ops.logsumexp(ops.log_softmax(logits, axis=-1) + component, axis=-1)


i = keras.Input((1,))
h = layers.Dense(32, activation="tanh")(i)
h = layers.Dense(32, activation="tanh")(h)
o = layers.Dense(K + 2 * K * D)(h)
mdn = keras.Model(i, o)
mdn.compile(optimizer=keras.optimizers.Adam(5e-3), loss=nll)
hist = mdn.fit(context, points, batch_size=150, epochs=15, validation_split=0.1, verbose=0)
print("final log likelihood", -hist.history["val_loss"][-1])
np.savetxt("likelihood.txt", hist.history["loss"])
