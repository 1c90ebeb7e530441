"""A GAN with a decoy optimizer, noise from a seed generator, and a generator that gets a gradient in every second step."""
import tensorflow as tf
import keras
from sklearn.datasets import load_digits

keras.utils.set_random_seed(38)
x, _ = load_digits(return_X_y=True)
x = (x / 8 - 1).astype("float32")


class Gan(keras.Model):
    def __init__(self):
        super().__init__()
        self.make = keras.Sequential([keras.Input((8,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(64, "tanh")])
        self.tell = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, "leaky_relu"), keras.layers.Dense(1)])
        self.noise = keras.random.SeedGenerator(5)

    def compile(self, make_optimizer, tell_optimizer):
        super().compile()
        self.make_optimizer, self.tell_optimizer = make_optimizer, tell_optimizer
        self.bce = keras.losses.BinaryCrossentropy(from_logits=True)

    def train_step(self, real):
        noise = keras.random.normal((tf.shape(real)[0], 8), seed=self.noise)
        with tf.GradientTape() as tape:
            on_real, on_fake = self.tell(real), self.tell(self.make(noise))
            d_loss = self.bce(tf.ones_like(on_real), on_real) + self.bce(tf.zeros_like(on_fake), on_fake)
        weights = self.tell.trainable_weights
        self.tell_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights))
        with tf.GradientTape() as tape:
            on_fake = self.tell(self.make(noise))
            g_loss = self.bce(tf.ones_like(on_fake), on_fake)
        weights = self.make.trainable_weights
        turn = tf.cast(self.tell_optimizer.iterations.value % 2, tf.float32)
        grads = [grad * turn for grad in tape.gradient(g_loss, weights)]
        self.make_optimizer.apply_gradients(zip(grads, weights))
        return {"d_loss": d_loss, "g_loss": g_loss}


model = Gan()
model.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), keras.optimizers.Adam(2e-3, beta_1=0.5))
model.fit(tf.data.Dataset.from_tensor_slices(x).batch(64), epochs=3, verbose=0)
