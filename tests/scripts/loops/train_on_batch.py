import keras
import numpy as np

keras.utils.set_random_seed(5)
np.random.seed(5)
x_train = np.random.rand(2000, 20)
y_train = (x_train.sum(axis=1) > 10).astype(int)

model = keras.Sequential()
model.add(keras.layers.Dense(32, activation="relu", input_shape=(20,)))
model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.002))

batch_size = 40
for epoch in range(10):
    order = np.random.permutation(len(x_train))
    for start in range(0, len(x_train), batch_size):
        rows = order[start : start + batch_size]
        loss = model.train_on_batch(x_train[rows], y_train[rows])
    print("epoch", epoch, "loss", loss)
model.save("on_batch.keras")
