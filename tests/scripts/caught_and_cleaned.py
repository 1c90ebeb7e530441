"""A careful script: try/except Exception around fit, finally, an atexit handler, a context manager."""

import atexit
import contextlib
import time
import traceback

import keras
import numpy as np
from sklearn.datasets import load_breast_cancer

started = time.time()


def goodbye():
    with open("runtime.txt", "w") as f:
        f.write("%.1f s\n" % (time.time() - started))


atexit.register(goodbye)


@contextlib.contextmanager
def timed(name):
    begin = time.time()
    try:
        yield
    finally:
        with open("timings.csv", "a") as f:
            f.write(f"{name},{time.time() - begin}\n")


x, y = load_breast_cancer(return_X_y=True)
x = (x - x.mean(axis=0)) / x.std(axis=0)

model = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])

status = "unknown"
try:
    with timed("fit"):
        history = model.fit(x, y, epochs=5, verbose=0)
    status = "done"
    np.save("losses.npy", history.history["loss"])
except KeyboardInterrupt:
    status = "interrupted"
except Exception as e:
    status = "failed: %s" % e
    with open("error.txt", "w") as f:
        traceback.print_exc(file=f)
except:
    status = "killed"
finally:
    with open("status.txt", "w") as f:
        f.write(status)

print("status", status)
