"""Forecasting with timeseries_dataset_from_array and an LSTM, on made-up weather."""

import keras
import numpy as np

hours = np.arange(3000)
rng = np.random.default_rng(5)
temperature = 10 + 8 * np.sin(hours * 2 * np.pi / 24) + 3 * np.sin(hours * 2 * np.pi / (24 * 30)) + rng.normal(size=3000)
pressure = 1000 + 5 * np.cos(hours * 2 * np.pi / 24) + rng.normal(size=3000)
features = np.stack([temperature, pressure], axis=1)

split = int(0.7 * len(features))
features = (features - features[:split].mean(axis=0)) / features[:split].std(axis=0)

past, future, step = 48, 12, 2
sequence_length = past // step
batch_size = 64
learning_rate = 0.001
epochs = 2

dataset_train = keras.utils.timeseries_dataset_from_array(
    features[: split - future - past],
    features[past + future : split, 0],
    sequence_length=sequence_length,
    sampling_rate=step,
    batch_size=batch_size,
)
dataset_val = keras.utils.timeseries_dataset_from_array(
    features[split : -future - past],
    features[split + past + future :, 0],
    sequence_length=sequence_length,
    sampling_rate=step,
    batch_size=batch_size,
)

for batch in dataset_train.take(1):
    inputs, targets = batch
print("Input shape:", inputs.numpy().shape)
print("Target shape:", targets.numpy().shape)

inputs = keras.layers.Input(shape=(inputs.shape[1], inputs.shape[2]))
lstm_out = keras.layers.LSTM(16)(inputs)
outputs = keras.layers.Dense(1)(lstm_out)

model = keras.Model(inputs=inputs, outputs=outputs)
model.compile(optimizer=keras.optimizers.Adam(learning_rate=learning_rate), loss="mse")

path_checkpoint = "model_checkpoint.weights.h5"
es_callback = keras.callbacks.EarlyStopping(monitor="val_loss", min_delta=0, patience=5)
modelckpt_callback = keras.callbacks.ModelCheckpoint(
    monitor="val_loss", filepath=path_checkpoint, verbose=1, save_weights_only=True, save_best_only=True
)

history = model.fit(dataset_train, epochs=epochs, validation_data=dataset_val, callbacks=[es_callback, modelckpt_callback])

for x, y in dataset_val.take(1):
    print("actual", y[:5].numpy(), "predicted", model.predict(x)[:5, 0])
