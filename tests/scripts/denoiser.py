from keras import Input, Model, callbacks, layers
from sklearn.datasets import load_digits
import numpy as np

images = load_digits().images[..., np.newaxis].astype("float32") / 16.0
noise = np.random.normal(scale=0.3, size=images.shape)
noisy = np.clip(images + noise, 0.0, 1.0)
train, test = slice(0, 1400), slice(1400, None)

inp = Input(shape=(8, 8, 1))
x = layers.Conv2D(16, (3, 3), activation="relu", padding="same")(inp)
x = layers.MaxPooling2D((2, 2), padding="same")(x)
x = layers.Conv2D(16, (3, 3), activation="relu", padding="same")(x)
x = layers.UpSampling2D((2, 2))(x)
out = layers.Conv2D(1, (3, 3), activation="sigmoid", padding="same")(x)

autoencoder = Model(inp, out)
autoencoder.compile(optimizer="adam", loss="binary_crossentropy")
autoencoder.fit(
    noisy[train],
    images[train],
    epochs=4,
    batch_size=128,
    shuffle=True,
    validation_data=(noisy[test], images[test]),
    callbacks=[callbacks.ModelCheckpoint("denoiser_best.keras", save_best_only=True)],
)
np.savez("denoised.npz", before=noisy[test], after=autoencoder.predict(noisy[test]))
