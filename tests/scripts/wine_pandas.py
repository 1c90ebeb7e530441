"""Wine cultivars from a chemical analysis, with DataFrames all the way to fit."""

import matplotlib.pyplot as plt
import pandas as pd
import tensorflow as tf
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

raw = load_wine(as_frame=True)
df = raw.frame.sample(frac=1.0, random_state=7).reset_index(drop=True)
train_df, val_df = train_test_split(df, test_size=0.25, random_state=7, stratify=df["target"])

features = [c for c in df.columns if c != "target"]
mean, std = train_df[features].mean(), train_df[features].std()

X_train = (train_df[features] - mean) / std
X_val = (val_df[features] - mean) / std
y_train, y_val = train_df["target"], val_df["target"]

inputs = tf.keras.Input(shape=(len(features),), name="analysis")
h = tf.keras.layers.Dense(32, activation="relu")(inputs)
h = tf.keras.layers.Dropout(0.2)(h)
outputs = tf.keras.layers.Dense(3, activation="softmax")(h)
model = tf.keras.Model(inputs, outputs, name="wine")

model.compile(
    optimizer=tf.keras.optimizers.Adam(learning_rate=1e-3),
    loss=tf.keras.losses.SparseCategoricalCrossentropy(),
    metrics=["accuracy"],
)

early = tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)
hist = model.fit(X_train, y_train, validation_data=(X_val, y_val), batch_size=16, epochs=30, callbacks=[early], verbose=2)

pd.DataFrame(hist.history).plot(figsize=(8, 5))
plt.grid(True)
plt.savefig("wine_history.png")
pd.DataFrame(hist.history).to_csv("wine_history.csv", index=False)
