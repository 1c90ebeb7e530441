"""Structured data with keras.utils.FeatureSpace: dicts of columns, one-column batches, preprocessing in tf.data."""

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras.utils import FeatureSpace
from sklearn.datasets import load_diabetes

frame = load_diabetes(as_frame=True, scaled=False).frame
frame["sex"] = frame["sex"].map({1.0: "f", 2.0: "m"})
frame["age_group"] = (frame["age"] // 10).astype(int)
frame["target"] = (frame["target"] > frame["target"].median()).astype(int)
frame = frame[["age", "sex", "bmi", "bp", "s5", "age_group", "target"]]

val_dataframe = frame.sample(frac=0.2, random_state=1337)
train_dataframe = frame.drop(val_dataframe.index)
print("Using %d samples for training and %d for validation" % (len(train_dataframe), len(val_dataframe)))


def dataframe_to_dataset(dataframe):
    dataframe = dataframe.copy()
    labels = dataframe.pop("target")
    columns = {name: np.asarray(values.astype(object) if name == "sex" else values) for name, values in dataframe.items()}
    ds = tf.data.Dataset.from_tensor_slices((columns, labels))
    return ds.shuffle(buffer_size=len(dataframe))


train_ds = dataframe_to_dataset(train_dataframe).batch(32)
val_ds = dataframe_to_dataset(val_dataframe).batch(32)

feature_space = FeatureSpace(
    features={
        "age": FeatureSpace.float_discretized(num_bins=8),
        "sex": FeatureSpace.string_categorical(num_oov_indices=0),
        "bmi": FeatureSpace.float_normalized(),
        "bp": FeatureSpace.float_normalized(),
        "s5": "float_normalized",
        "age_group": "integer_categorical",
    },
    crosses=[FeatureSpace.cross(feature_names=("sex", "age_group"), crossing_dim=16)],
    output_mode="concat",
)
feature_space.adapt(train_ds.map(lambda x, _: x))

preprocessed_train_ds = train_ds.map(lambda x, y: (feature_space(x), y), num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
preprocessed_val_ds = val_ds.map(lambda x, y: (feature_space(x), y), num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)

dict_inputs = feature_space.get_inputs()
encoded_features = feature_space.get_encoded_features()
x = keras.layers.Dense(32, activation="relu")(encoded_features)
x = keras.layers.Dropout(0.5)(x)
predictions = keras.layers.Dense(1, activation="sigmoid")(x)
training_model = keras.Model(inputs=encoded_features, outputs=predictions)
training_model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
inference_model = keras.Model(inputs=dict_inputs, outputs=predictions)

training_model.fit(preprocessed_train_ds, epochs=10, validation_data=preprocessed_val_ds, verbose=2)
inference_model.save("diabetes_inference.keras")
