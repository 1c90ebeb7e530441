"""Metric learning with anchors and positives: own train_step, PyDataset, x alone, in-batch negatives."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits

digits = load_digits()
class_idx_to_train_idxs = {k: np.where(digits.target == k)[0] for k in range(10)}
num_classes = 10


class AnchorPositivePairs(keras.utils.PyDataset):
    def __init__(self, num_batches):
        super().__init__()
        self.batches = num_batches

    def __len__(self):
        return self.batches

    def __getitem__(self, _idx):
        x = np.empty((2, num_classes, 8, 8, 1), dtype=np.float32)
        for class_idx in range(num_classes):
            a, p = np.random.choice(class_idx_to_train_idxs[class_idx], 2, replace=False)
            x[0, class_idx, ..., 0] = digits.images[a] / 16
            x[1, class_idx, ..., 0] = digits.images[p] / 16
        return x


class EmbeddingModel(keras.Model):
    def train_step(self, data):
        # the generator gives a leading axis of anchor and positive
        if isinstance(data, tuple):
            data = data[0]
        anchors, positives = data[0], data[1]

        with tf.GradientTape() as tape:
            anchor_embeddings = self(anchors, training=True)
            positive_embeddings = self(positives, training=True)
            similarities = tf.einsum("ae,pe->ap", anchor_embeddings, positive_embeddings)
            similarities /= 0.2
            sparse_labels = tf.range(num_classes)
            loss = self.compute_loss(y=sparse_labels, y_pred=similarities)

        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(sparse_labels, similarities)
        return {m.name: m.result() for m in self.metrics}


inputs = layers.Input(shape=(8, 8, 1))
x = layers.Conv2D(filters=16, kernel_size=3, strides=2, activation="relu")(inputs)
x = layers.Flatten()(x)
embeddings = layers.Dense(units=8, activation=None)(x)
embeddings = layers.UnitNormalization()(embeddings)

model = EmbeddingModel(inputs, embeddings)
model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-3), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(AnchorPositivePairs(num_batches=100), epochs=3)
np.save("metric_loss.npy", history.history["loss"])
