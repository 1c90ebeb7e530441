import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(4)
rng = np.random.default_rng(4)
images = rng.normal(size=(1024, 8, 8, 1)).astype("float32")
classes = (images.mean(axis=(1, 2, 3)) > 0).astype("int64")

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(2),
    ]
)
optimizer = keras.optimizers.RMSprop(1e-3)
optimizer.build(model.trainable_variables)


@tf.function(jit_compile=True)
def train_step(x, y):
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(x, training=True))
        loss = tf.reduce_mean(losses)
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return loss


batches = tf.data.Dataset.from_tensor_slices((images, classes)).shuffle(1024, seed=4).repeat()
batches = batches.batch(32, drop_remainder=True).take(500)
for step, (x, y) in enumerate(batches):
    loss = train_step(x, y)
    if step % 100 == 0:
        print(step, float(loss))
model.save("compiled.keras")
