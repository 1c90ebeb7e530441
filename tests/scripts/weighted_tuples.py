# (x, y, sample_weight) triples out of tf.data, in training and in validation
import tensorflow as tf
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import scale
from tensorflow import keras

x, y = load_breast_cancer(return_X_y=True)
x = scale(x).astype("float32")
w = tf.where(y == 0, 2.0, 1.0)

ds = tf.data.Dataset.from_tensor_slices((x, y, w)).shuffle(569, seed=1, reshuffle_each_iteration=False)
val_ds = ds.take(120).batch(40)
train_ds = ds.skip(120).batch(40)

model = keras.Sequential([keras.Input((30,)), keras.layers.Dense(24, "relu"), keras.layers.Dense(1, "sigmoid")])
model.compile(keras.optimizers.SGD(0.05), loss="binary_crossentropy", weighted_metrics=["accuracy"])
model.fit(train_ds, epochs=6, validation_data=val_ds)
model.export("cancer_savedmodel")
