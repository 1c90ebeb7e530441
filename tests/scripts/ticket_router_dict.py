"""Two named inputs, two named outputs: a support-ticket router on made-up tickets."""

import keras
import numpy as np
from keras import layers

num_words = 200
num_tags = 6
num_departments = 3
rng = np.random.default_rng(12)

# made-up tickets: the department is given by which words are frequent, the priority by the tags
departments = rng.integers(num_departments, size=1024)
title = rng.integers(1, 60, size=(1024, 8)) + 60 * departments[:, None]
tags = rng.integers(2, size=(1024, num_tags)).astype("float32")
priority = (tags.sum(axis=1) > 3).astype("float32")[:, None]

title_input = keras.Input(shape=(None,), dtype="int32", name="title")
tags_input = keras.Input(shape=(num_tags,), name="tags")

t = layers.Embedding(num_words + 60, 16)(title_input)
t = layers.LSTM(16)(t)
merged = layers.concatenate([t, tags_input])

priority_pred = layers.Dense(1, name="priority", activation="sigmoid")(merged)
department_pred = layers.Dense(num_departments, name="department")(merged)

model = keras.Model(
    inputs=[title_input, tags_input],
    outputs={"priority": priority_pred, "department": department_pred},
)
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-3),
    loss={
        "priority": keras.losses.BinaryCrossentropy(),
        "department": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    },
    loss_weights={"priority": 1.0, "department": 0.2},
    metrics={"department": ["accuracy"]},
)
model.fit(
    {"title": title, "tags": tags},
    {"priority": priority, "department": departments},
    epochs=3,
    batch_size=32,
)
model.save("ticket_router.keras")
