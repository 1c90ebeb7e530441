# Siamese network with a contrastive loss; x is a list of two arrays
import random

import keras
import numpy as np
from keras import ops
from sklearn.datasets import load_digits

epochs = 3
batch_size = 16
margin = 1

x, y = load_digits(return_X_y=True)
x = x.reshape(-1, 8, 8).astype("float32") / 16


def make_pairs(x, y):
    digit_indices = [np.where(y == i)[0] for i in range(10)]
    pairs, labels = [], []
    for i in range(len(x)):
        pairs.append([x[i], x[random.choice(digit_indices[y[i]])]])
        labels.append(0)
        other = random.choice([k for k in range(10) if k != y[i]])
        pairs.append([x[i], x[random.choice(digit_indices[other])]])
        labels.append(1)
    return np.array(pairs), np.array(labels).astype("float32")


pairs_train, labels_train = make_pairs(x[:1000], y[:1000])
pairs_val, labels_val = make_pairs(x[1000:], y[1000:])


def euclidean_distance(vects):
    a, b = vects
    sum_square = ops.sum(ops.square(a - b), axis=1, keepdims=True)
    return ops.sqrt(ops.maximum(sum_square, keras.backend.epsilon()))


inp = keras.layers.Input((8, 8))
h = keras.layers.Flatten()(inp)
h = keras.layers.BatchNormalization()(h)
h = keras.layers.Dense(10, activation="tanh")(h)
embedding_network = keras.Model(inp, h)

input_1 = keras.layers.Input((8, 8))
input_2 = keras.layers.Input((8, 8))
merge_layer = keras.layers.Lambda(euclidean_distance, output_shape=(1,))([embedding_network(input_1), embedding_network(input_2)])
normal_layer = keras.layers.BatchNormalization()(merge_layer)
output_layer = keras.layers.Dense(1, activation="sigmoid")(normal_layer)
siamese = keras.Model(inputs=[input_1, input_2], outputs=output_layer)


def loss(margin=1):
    def contrastive_loss(y_true, y_pred):
        square_pred = ops.square(y_pred)
        margin_square = ops.square(ops.maximum(margin - (y_pred), 0))
        return ops.mean((1 - y_true) * square_pred + (y_true) * margin_square)

    return contrastive_loss


siamese.compile(loss=loss(margin=margin), optimizer="RMSprop", metrics=["accuracy"])
history = siamese.fit(
    [pairs_train[:, 0], pairs_train[:, 1]],
    labels_train,
    validation_data=([pairs_val[:, 0], pairs_val[:, 1]], labels_val),
    batch_size=batch_size,
    epochs=epochs,
)
print("test loss, test acc:", siamese.evaluate([pairs_val[:, 0], pairs_val[:, 1]], labels_val))
siamese.save_weights("siamese.weights.h5")
