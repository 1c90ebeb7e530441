"""Training, away from the script."""

import keras


def run(model, train, val, config):
    optimizer = keras.optimizers.get(
        {
            "class_name": config["optimizer"],
            "config": {"learning_rate": config["learning_rate"], "weight_decay": config["weight_decay"]},
        }
    )
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(
        *train,
        validation_data=val,
        batch_size=config["batch_size"],
        epochs=config["epochs"],
        callbacks=[keras.callbacks.CSVLogger("log.csv")],
        verbose=0,
    )
    model.save("model.keras")
    return history.history
