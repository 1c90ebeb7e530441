"""Deep Q-learning on a corridor: fit is called again and again on a handful of transitions."""

import random
from collections import deque

import numpy as np
from keras import Sequential
from keras.layers import Dense, Input
from keras.optimizers import Adam


class Corridor:
    length = 6

    def reset(self):
        self.at = random.randrange(self.length - 1)
        return self.state()

    def state(self):
        return np.eye(self.length, dtype="float32")[self.at]

    def step(self, action):
        self.at = max(0, self.at + (1 if action else -1))
        done = self.at == self.length - 1
        return self.state(), (1.0 if done else -0.05), done


class DQNAgent:
    def __init__(self, state_size, action_size):
        self.memory = deque(maxlen=500)
        self.gamma = 0.95
        self.epsilon = 1.0
        self.action_size = action_size
        self.model = Sequential([Input((state_size,)), Dense(24, activation="relu"), Dense(action_size, activation="linear")])
        self.model.compile(loss="mse", optimizer=Adam(learning_rate=0.01))

    def act(self, state):
        if random.random() <= self.epsilon:
            return random.randrange(self.action_size)
        return int(np.argmax(self.model(state[None])[0]))

    def replay(self, batch_size):
        batch = random.sample(self.memory, batch_size)
        states = np.array([b[0] for b in batch])
        targets = np.array(self.model(states))
        next_values = np.max(self.model(np.array([b[3] for b in batch])), axis=1)
        for i, (_, action, reward, _, done) in enumerate(batch):
            targets[i, action] = reward if done else reward + self.gamma * next_values[i]
        self.model.fit(states, targets, epochs=1, verbose=0)
        self.epsilon = max(0.05, self.epsilon * 0.97)


env, agent = Corridor(), DQNAgent(Corridor.length, 2)
for episode in range(15):
    state, done, steps = env.reset(), False, 0
    while not done and steps < 30:
        action = agent.act(state)
        following, reward, done = env.step(action)
        agent.memory.append((state, action, reward, following, done))
        state, steps = following, steps + 1
    if len(agent.memory) >= 64:
        agent.replay(64)
print("epsilon", agent.epsilon)
agent.model.save_weights("dqn.weights.h5")
