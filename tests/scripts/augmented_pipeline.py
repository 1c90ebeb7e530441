# input pipeline with everything: parallel map, cache, shuffle, unbatch, batch again, augmentation after batch, prefetch
import tensorflow as tf
from sklearn import datasets
from tensorflow import keras

AUTO = tf.data.AUTOTUNE
digits = datasets.load_digits()


def preprocess(image, label):
    image = tf.cast(image, tf.float32)[..., tf.newaxis] / 16.0
    return image, tf.one_hot(label, 10)


def augment(images, labels):
    images = tf.image.random_brightness(images, 0.1)
    images = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]])
    images = tf.image.random_crop(images, (tf.shape(images)[0], 8, 8, 1))
    return images, labels


def mixup(images, labels):
    share = tf.random.uniform((tf.shape(images)[0], 1), 0.7, 1.0)
    images_2, labels_2 = tf.reverse(images, [0]), tf.reverse(labels, [0])
    return (
        images * share[..., None, None] + images_2 * (1 - share[..., None, None]),
        labels * share + labels_2 * (1 - share),
    )


files = tf.data.Dataset.from_tensor_slices((digits.images, digits.target)).batch(100)
ds = files.unbatch().map(preprocess, num_parallel_calls=AUTO).cache()
train_ds = ds.skip(300).shuffle(600).batch(48, drop_remainder=True).map(augment, AUTO).map(mixup, AUTO).prefetch(AUTO)
test_ds = ds.take(300).batch(100)

model = keras.Sequential(
    [
        keras.layers.Conv2D(12, 3, activation="relu", kernel_regularizer=keras.regularizers.l2(1e-4)),
        keras.layers.AveragePooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ]
)
model.compile(
    keras.optimizers.SGD(keras.optimizers.schedules.PiecewiseConstantDecay([50, 100], [0.1, 0.05, 0.01]), momentum=0.9),
    keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
    metrics=["accuracy"],
)
model.fit(train_ds, validation_data=test_ds, epochs=4, verbose=2)
print(model.evaluate(test_ds, verbose=0))
model.save("augmented.keras")
