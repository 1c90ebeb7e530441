# mixed_float16: the optimizer becomes a LossScaleOptimizer
import keras
import numpy as np
from keras import layers, mixed_precision
from sklearn.datasets import load_digits

mixed_precision.set_global_policy("mixed_float16")

data, target = load_digits(return_X_y=True)
data = (data / 16).astype("float32")
order = np.random.permutation(len(data))
data, target = data[order], target[order]

inputs = keras.Input(shape=(64,), name="digits")
x = layers.Dense(128, activation="relu")(inputs)
x = layers.Dense(64, activation="relu")(x)
x = layers.Dense(10)(x)
outputs = layers.Activation("softmax", dtype="float32", name="predictions")(x)
print("Outputs dtype:", outputs.dtype)

model = keras.Model(inputs=inputs, outputs=outputs)
model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.RMSprop(learning_rate=0.002), metrics=["accuracy"])
model.fit(data[:1500], target[:1500], batch_size=128, epochs=3, validation_split=0.2)
model.evaluate(data[1500:], target[1500:], verbose=2)
model.save("half.keras")
