"""The tutorial's loop, eager, with arguments."""

import argparse

import keras
import numpy as np
import tensorflow as tf


def make_data(rng):
    x = rng.normal(size=(2048, 16)).astype("float32")
    y = (x[:, 0] * x[:, 1] > 0).astype("int32")
    return x, y


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=1e-2)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--batch-size", type=int, default=64)
    args = parser.parse_args()

    keras.utils.set_random_seed(1)
    x, y = make_data(np.random.default_rng(1))
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(2048, seed=1).batch(args.batch_size)
    model = keras.Sequential([keras.Input((16,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(2)])
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.SGD(learning_rate=args.lr, momentum=0.9)
    accuracy = keras.metrics.SparseCategoricalAccuracy()

    for epoch in range(args.epochs):
        for x_batch, y_batch in dataset:
            with tf.GradientTape() as tape:
                logits = model(x_batch, training=True)
                loss = loss_fn(y_batch, logits)
            grads = tape.gradient(loss, model.trainable_weights)
            optimizer.apply_gradients(zip(grads, model.trainable_weights))
            accuracy.update_state(y_batch, logits)
        print(f"epoch {epoch}: loss {float(loss):.4f}, accuracy {float(accuracy.result()):.3f}")
        accuracy.reset_state()
    model.save("tutorial.keras")


if __name__ == "__main__":
    main()
