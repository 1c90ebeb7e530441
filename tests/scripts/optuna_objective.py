"""Optuna around fit."""

import keras
import optuna
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

x, y = load_wine(return_X_y=True)
x_train, x_val, y_train, y_val = train_test_split(StandardScaler().fit_transform(x), y, test_size=0.3, random_state=0)


def objective(trial):
    keras.backend.clear_session()
    model = keras.Sequential()
    model.add(keras.Input((13,)))
    for i in range(trial.suggest_int("layers", 1, 2)):
        model.add(keras.layers.Dense(trial.suggest_int(f"units_{i}", 8, 32), activation="relu"))
    model.add(keras.layers.Dense(3, activation="softmax"))

    rate = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    batch_size = trial.suggest_categorical("batch_size", [16, 32])
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.RMSprop(rate), metrics=["accuracy"])
    model.fit(x_train, y_train, validation_data=(x_val, y_val), batch_size=batch_size, epochs=5, verbose=0)
    return model.evaluate(x_val, y_val, verbose=0)[1]


if __name__ == "__main__":
    study = optuna.create_study(direction="maximize", storage="sqlite:///wine.db", sampler=optuna.samplers.RandomSampler(seed=2))
    study.optimize(objective, n_trials=3, catch=(Exception,))
    print("Best:", study.best_trial.params, study.best_value)
    study.trials_dataframe().to_csv("trials.csv")
