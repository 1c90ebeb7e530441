import keras


def build(config, width):
    x = inputs = keras.Input((width,))
    for units in config["units"]:
        x = keras.layers.Dense(units, activation="relu", kernel_regularizer=keras.regularizers.L2(config["l2"]))(x)
        x = keras.layers.Dropout(config["dropout"])(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))
