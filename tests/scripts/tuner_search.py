"""A KerasTuner random search."""

import keras
import keras_tuner
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = x.astype("float32") / 16
x_train, y_train, x_val, y_val = x[:1400], y[:1400], x[1400:], y[1400:]


def build_model(hp):
    model = keras.Sequential()
    model.add(keras.layers.Dense(hp.Int("units", 16, 64, step=16), activation=hp.Choice("activation", ["relu", "tanh"])))
    if hp.Boolean("dropout"):
        model.add(keras.layers.Dropout(rate=0.25))
    model.add(keras.layers.Dense(10, activation="softmax"))
    learning_rate = hp.Float("lr", min_value=1e-4, max_value=1e-2, sampling="log")
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=learning_rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


tuner = keras_tuner.RandomSearch(
    hypermodel=build_model,
    objective="val_accuracy",
    max_trials=2,
    overwrite=True,
    directory="tuner",
    project_name="digits",
)
tuner.search_space_summary()
tuner.search(x_train, y_train, epochs=2, batch_size=50, validation_data=(x_val, y_val), verbose=0)
tuner.results_summary()

best_hps = tuner.get_best_hyperparameters(1)[0]
model = build_model(best_hps)
model.fit(x, y, epochs=3, batch_size=50, verbose=0)
model.save("tuned.keras")
