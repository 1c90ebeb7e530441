# only looks at a model; the one fit() in here is scikit-learn's
import keras
import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

x, y = load_iris(return_X_y=True)
baseline = LogisticRegression(max_iter=500).fit(x, y)
print("baseline", baseline.score(x, y))

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
print("untrained", model.evaluate(x, y, verbose=0))
np.save("untrained.npy", model.predict(x, verbose=0))
