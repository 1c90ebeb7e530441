# stateful LSTM: the state of sample i in one batch is the start of sample i in the next one
import numpy as np
from keras.layers import LSTM, Dense, Input
from keras.models import Sequential

batch = 20
series = np.cos(np.arange(0, 2000) * 2 * np.pi / 25) * np.exp(-0.0003 * np.arange(0, 2000))
x = series[:-1].reshape(-1, 1, 1)[:1980]
y = series[1:].reshape(-1, 1)[:1980]

model = Sequential()
model.add(Input(batch_shape=(batch, 1, 1)))
model.add(LSTM(12, return_sequences=True, stateful=True))
model.add(LSTM(12, stateful=True))
model.add(Dense(1))
model.compile(loss="mse", optimizer="rmsprop")

for i in range(4):
    print("epoch", i)
    model.fit(x, y, batch_size=batch, epochs=1, verbose=2, shuffle=False)
    for layer in model.layers:
        if hasattr(layer, "reset_states"):
            layer.reset_states()
        elif hasattr(layer, "reset_state"):
            layer.reset_state()

predicted = model.predict(x, batch_size=batch)
np.savetxt("cosine.csv", np.hstack([y, predicted]), delimiter=",")
