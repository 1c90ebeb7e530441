# the learning rate is set after compile, by hand
import keras
from keras import backend as K
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

data = load_wine()
X = StandardScaler().fit_transform(data.data)
y = data.target

model = keras.Sequential()
model.add(keras.layers.Dense(20, activation="relu"))
model.add(keras.layers.Dense(3, activation="softmax"))
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

model.optimizer.learning_rate = 0.02
print("rate:", K.get_value(model.optimizer.learning_rate) if hasattr(K, "get_value") else float(model.optimizer.learning_rate))

model.fit(X, y, epochs=10, batch_size=32, verbose=0)

model.optimizer.learning_rate.assign(0.002)
model.fit(X, y, epochs=10, batch_size=32, verbose=0)
print(model.evaluate(X, y, verbose=0))
model.save("wine_two_rates.keras")
