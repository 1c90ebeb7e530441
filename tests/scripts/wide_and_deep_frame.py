"""Wide and deep on a DataFrame with text columns: StringLookup inside the model, dict(df) as x."""

import keras
import numpy as np
import pandas as pd
from keras import layers

rng = np.random.default_rng(31)
n = 3000
frame = pd.DataFrame(
    {
        "education": rng.choice(["school", "college", "university"], n),
        "region": rng.choice(["north", "south", "east", "west"], n),
        "age": rng.normal(40, 12, n),
        "hours": rng.normal(35, 8, n),
    }
)
score = (frame.education == "university") * 1.5 + (frame.region == "north") * 0.5 + (frame.age - 40) / 20 + (frame.hours - 35) / 10
frame["rich"] = (score + rng.normal(0, 0.5, n) > 0.7).astype("float32")

CATEGORICAL = {"education": ["school", "college", "university"], "region": ["north", "south", "east", "west"]}
NUMERIC = ["age", "hours"]

inputs = {name: keras.Input((1,), name=name, dtype="string") for name in CATEGORICAL}
inputs |= {name: keras.Input((1,), name=name) for name in NUMERIC}
wide, deep = [], []
for name, vocabulary in CATEGORICAL.items():
    index = layers.StringLookup(vocabulary=vocabulary, num_oov_indices=0)(inputs[name])
    wide.append(layers.Flatten()(layers.Embedding(len(vocabulary), 1)(index)))
    deep.append(layers.Flatten()(layers.Embedding(len(vocabulary), 4)(index)))
for name in NUMERIC:
    norm = layers.Normalization(axis=None)
    norm.adapt(frame[name].to_numpy())
    wide.append(norm(inputs[name]))
    deep.append(norm(inputs[name]))
h = layers.concatenate(deep)
h = layers.Dense(16, activation="relu")(h)
h = layers.concatenate([layers.concatenate(wide), h])
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(h))

model.compile(optimizer=keras.optimizers.Ftrl(0.05, l1_regularization_strength=1e-4), loss="binary_crossentropy", metrics=["accuracy"])


def features(df):
    return {name: (df[name].to_numpy(dtype=object) if name in CATEGORICAL else df[name].to_numpy()) for name in [*CATEGORICAL, *NUMERIC]}


import tensorflow as tf

ds = tf.data.Dataset.from_tensor_slices((features(frame), frame["rich"])).batch(1).unbatch().shuffle(n).batch(60)
model.fit(ds, epochs=3)
model.save("wide_deep.keras")
