"""A little desktop-style program: training runs in its own thread, the main thread shows progress."""

import queue
import threading

import keras
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

messages = queue.Queue()


class Report(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        messages.put((epoch, logs["loss"]))


def train():
    x, y = load_wine(return_X_y=True)
    model = keras.Sequential([keras.layers.Dense(16, "relu"), keras.layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(scale(x), y, epochs=10, verbose=0, callbacks=[Report()])
    model.save("thread.keras")
    messages.put(None)


worker = threading.Thread(target=train)
worker.start()
while (message := messages.get()) is not None:
    print("epoch %d: loss %.4f" % message)
worker.join()
