"""timeseries_dataset_from_array in order, with BatchNormalization and dropout from seeds of the layers."""
import numpy as np
import keras

keras.utils.set_random_seed(31)
series = np.sin(np.arange(1500) / 9) + np.linspace(0, 4, 1500)
data = keras.utils.timeseries_dataset_from_array(
    series[:-20].astype("float32")[:, None], series[20:].astype("float32"), sequence_length=20, batch_size=50
)
model = keras.Sequential([
    keras.Input((20, 1)),
    keras.layers.Conv1D(8, 5, activation="relu"),
    keras.layers.BatchNormalization(),
    keras.layers.LSTM(8, dropout=0.2, recurrent_dropout=0.2),
    keras.layers.Dropout(0.3),
    keras.layers.Dense(1),
])
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(data, epochs=3, verbose=0)
