"""WGAN-GP on two moons: several critic steps in one train_step, two different optimizers, losses of either sign."""

import keras
import tensorflow as tf
from keras import layers
from sklearn.datasets import make_moons


class WGAN(keras.Model):
    def __init__(self, critic, generator, noise_dim, critic_steps=3, gp_weight=10.0):
        super().__init__()
        self.critic = critic
        self.generator = generator
        self.noise_dim = noise_dim
        self.critic_steps = critic_steps
        self.gp_weight = gp_weight

    def compile(self, critic_optimizer, generator_optimizer, **kwargs):
        super().compile(**kwargs)
        self.critic_optimizer = critic_optimizer
        self.generator_optimizer = generator_optimizer

    def gradient_penalty(self, real, fake):
        alpha = tf.random.uniform((tf.shape(real)[0], 1))
        mixed = real + alpha * (fake - real)
        with tf.GradientTape() as tape:
            tape.watch(mixed)
            score = self.critic(mixed, training=True)
        norm = tf.sqrt(tf.reduce_sum(tf.square(tape.gradient(score, mixed)), axis=1) + 1e-12)
        return tf.reduce_mean((norm - 1.0) ** 2)

    def train_step(self, data):
        real, _ = data
        n = tf.shape(real)[0]
        for _ in range(self.critic_steps):
            with tf.GradientTape() as tape:
                fake = self.generator(tf.random.normal((n, self.noise_dim)), training=True)
                critic_loss = tf.reduce_mean(self.critic(fake)) - tf.reduce_mean(self.critic(real))
                critic_loss += self.gp_weight * self.gradient_penalty(real, fake)
            variables = self.critic.trainable_variables
            self.critic_optimizer.apply(tape.gradient(critic_loss, variables), variables)
        with tf.GradientTape() as tape:
            generator_loss = -tf.reduce_mean(self.critic(self.generator(tf.random.normal((n, self.noise_dim)))))
        variables = self.generator.trainable_variables
        self.generator_optimizer.apply(tape.gradient(generator_loss, variables), variables)
        return {"critic_loss": critic_loss, "generator_loss": generator_loss}


def mlp(inputs, outputs):
    return keras.Sequential([keras.Input((inputs,)), layers.Dense(32, "relu"), layers.Dense(32, "relu"), layers.Dense(outputs)])


points, moon = make_moons(2000, noise=0.05, random_state=1)
model = WGAN(mlp(2, 1), mlp(4, 2), noise_dim=4)
model.compile(
    critic_optimizer=keras.optimizers.RMSprop(5e-5 * 10),
    generator_optimizer=keras.optimizers.Adam(2e-4, beta_1=0.5, beta_2=0.9),
    run_eagerly=False,
)
model.fit(points.astype("float32"), moon, batch_size=100, epochs=2)
model.generator.save("moon_generator.keras")
