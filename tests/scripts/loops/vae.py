import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(20)
rng = np.random.default_rng(20)
data = (rng.uniform(size=(2000, 1)) * np.ones((1, 20)) + rng.normal(0, 0.1, (2000, 20))).clip(0, 1).astype("float32")
train_dataset = tf.data.Dataset.from_tensor_slices(data).shuffle(2000, seed=20).batch(40)


class CVAE(tf.keras.Model):
    def __init__(self, latent_dim):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = tf.keras.Sequential(
            [tf.keras.layers.Dense(32, activation="relu"), tf.keras.layers.Dense(latent_dim * 2)]
        )
        self.decoder = tf.keras.Sequential([tf.keras.layers.Dense(32, activation="relu"), tf.keras.layers.Dense(20)])

    def encode(self, x):
        return tf.split(self.encoder(x), num_or_size_splits=2, axis=1)

    def reparameterize(self, mean, logvar):
        return tf.random.normal(shape=tf.shape(mean)) * tf.exp(logvar * 0.5) + mean


optimizer = tf.keras.optimizers.Adam(1e-3)
model = CVAE(2)


def compute_loss(model, x):
    mean, logvar = model.encode(x)
    logits = model.decoder(model.reparameterize(mean, logvar))
    cross_entropy = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=x), axis=1)
    divergence = -0.5 * tf.reduce_sum(1 + logvar - tf.square(mean) - tf.exp(logvar), axis=1)
    return tf.reduce_mean(cross_entropy + divergence)


@tf.function
def train_step(model, x, optimizer):
    with tf.GradientTape() as tape:
        loss = compute_loss(model, x)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


for epoch in range(1, 11):
    for train_x in train_dataset:
        loss = train_step(model, train_x, optimizer)
    print(f"Epoch: {epoch}, last loss: {loss.numpy():.3f}")
np.save("vae_codes.npy", model.encode(data)[0].numpy())
