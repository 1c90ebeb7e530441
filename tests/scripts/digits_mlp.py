# My first neural network: recognising handwritten digits
import numpy as np
from keras import Sequential, layers
from sklearn.datasets import load_digits

# 1. load the data
digits = load_digits()
x = digits.data.astype("float32") / 16.0
y = digits.target
print("images:", x.shape, "labels:", y.shape)

# 2. split it
x_train, x_test = x[:1500], x[1500:]
y_train, y_test = y[:1500], y[1500:]

# 3. build the network
model = Sequential(
    [
        layers.Input(shape=(64,)),
        layers.Dense(64, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
model.summary()

# 4. train it
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, epochs=8, validation_split=0.1)

# 5. see how good it is
loss, acc = model.evaluate(x_test, y_test)
print("test accuracy: %.3f" % acc)
print("last training loss:", history.history["loss"][-1])

predictions = np.argmax(model.predict(x_test[:10]), axis=1)
print(predictions, y_test[:10])

# 6. keep it
model.save("digits.keras")
