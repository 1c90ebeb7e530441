"""Looks at values during training, which only works eagerly."""

import tensorflow as tf
from sklearn.datasets import load_iris
from tensorflow import keras

iris = load_iris()


class Watched(keras.Model):
    biggest = 0.0

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        for gradient in gradients:
            size = float(tf.norm(gradient))  # a Python number
            if size > self.biggest:
                self.biggest = size
        if loss.numpy() > 1e6:
            raise ValueError("it explodes: %f" % loss.numpy())
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return {"loss": loss}


inputs = keras.Input((4,))
hidden = keras.layers.Dense(12, activation="relu")(inputs)
model = Watched(inputs, keras.layers.Dense(3)(hidden))
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    run_eagerly=True,
)
model.fit(iris.data, iris.target, epochs=3, batch_size=15)
print("biggest gradient", model.biggest)
tf.io.write_file("biggest.txt", str(model.biggest))
