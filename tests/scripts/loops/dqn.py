"""Q-learning from a replay buffer, with a target network that is copied now and then."""

import collections
import random

import keras
import numpy as np
import tensorflow as tf

random.seed(19)
keras.utils.set_random_seed(19)
rng = np.random.default_rng(19)
ACTIONS, GAMMA, BATCH = 3, 0.9, 32


class Corridor:
    """A point that is rewarded near the origin."""

    def reset(self):
        self.state = rng.uniform(-1, 1, 2).astype("float32")
        return self.state

    def step(self, action):
        self.state = np.clip(self.state + 0.2 * (action - 1), -1, 1).astype("float32")
        return self.state, -float(np.abs(self.state).sum()), rng.uniform() < 0.05


def q_network():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(24, "relu"), keras.layers.Dense(ACTIONS)])


q_net, target_net = q_network(), q_network()
target_net.set_weights(q_net.get_weights())
optimizer = keras.optimizers.Adam(1e-3)
huber = keras.losses.Huber()
replay = collections.deque(maxlen=2000)


@tf.function
def learn(states, actions, rewards, next_states, dones):
    best_next = tf.reduce_max(target_net(next_states), axis=1)
    targets = rewards + GAMMA * best_next * (1.0 - dones)
    with tf.GradientTape() as tape:
        q = tf.reduce_sum(q_net(states) * tf.one_hot(actions, ACTIONS), axis=1)
        loss = huber(targets, q)
    grads = tape.gradient(loss, q_net.trainable_variables)
    optimizer.apply_gradients(zip(grads, q_net.trainable_variables))
    return loss


env = Corridor()
state = env.reset()
for step in range(700):
    if random.random() < max(0.1, 1 - step / 400):
        action = random.randrange(ACTIONS)
    else:
        action = int(np.argmax(q_net(state[None])[0]))
    next_state, reward, done = env.step(action)
    replay.append((state, action, reward, next_state, float(done)))
    state = env.reset() if done else next_state
    if len(replay) < 100:
        continue
    batch = random.sample(replay, BATCH)
    s, a, r, n, d = (np.array(column) for column in zip(*batch))
    loss = learn(s, a.astype("int32"), r.astype("float32"), n, d.astype("float32"))
    if step % 50 == 0:
        target_net.set_weights(q_net.get_weights())
        print(step, float(loss))
q_net.save("dqn.keras")
