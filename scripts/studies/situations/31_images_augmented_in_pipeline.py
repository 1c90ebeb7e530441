"""image_dataset_from_directory with a seed, then random flips and turns mapped over batches, afresh in each epoch."""
import os
import numpy as np
import keras

keras.utils.set_random_seed(32)
rng = np.random.default_rng(32)
for kind in ("stripes", "dots"):
    os.makedirs(f"pictures/{kind}", exist_ok=True)
    for number in range(60):
        picture = rng.integers(0, 120, (16, 16, 3))
        picture[:: 2 if kind == "stripes" else 5, :: 1 if kind == "stripes" else 5] += 120
        keras.utils.save_img(f"pictures/{kind}/{number:03}.png", picture, scale=False)
data = keras.utils.image_dataset_from_directory("pictures", image_size=(16, 16), batch_size=20, seed=1)
augment = keras.Sequential([keras.layers.RandomFlip("horizontal", seed=1), keras.layers.RandomRotation(0.2, seed=2)])
data = data.map(lambda images, labels: (augment(images / 255, training=True), labels))
model = keras.Sequential([
    keras.Input((16, 16, 3)),
    keras.layers.Conv2D(8, 3, activation="relu"),
    keras.layers.GlobalAveragePooling2D(),
    keras.layers.Dense(1, "sigmoid"),
])
model.compile(keras.optimizers.Adam(1e-2), "binary_crossentropy")
model.fit(data, epochs=4, verbose=0)
