# one fit for each epoch, to print samples in between
import keras
import numpy as np

text = (
    "the quick brown fox jumps over the lazy dog while the cat sleeps on the warm mat and dreams of fish. "
    "every morning the dog wakes the cat and the fox runs back into the wood where the birds sing all day. "
) * 12
chars = sorted(set(text))
char_to_index = {c: i for i, c in enumerate(chars)}
maxlen, step = 16, 3

sentences = [text[i : i + maxlen] for i in range(0, len(text) - maxlen, step)]
next_chars = [text[i + maxlen] for i in range(0, len(text) - maxlen, step)]
x = np.zeros((len(sentences), maxlen, len(chars)), dtype="bool")
y = np.zeros((len(sentences), len(chars)), dtype="bool")
for i, sentence in enumerate(sentences):
    for t, char in enumerate(sentence):
        x[i, t, char_to_index[char]] = 1
    y[i, char_to_index[next_chars[i]]] = 1

model = keras.Sequential(
    [
        keras.Input(shape=(maxlen, len(chars))),
        keras.layers.LSTM(32),
        keras.layers.Dense(len(chars), activation="softmax"),
    ]
)
optimizer = keras.optimizers.RMSprop(learning_rate=0.01)
model.compile(loss="categorical_crossentropy", optimizer=optimizer)

epochs = 3
batch_size = 64
for epoch in range(epochs):
    model.fit(x, y, batch_size=batch_size, epochs=1)
    print()
    print("Generating text after epoch: %d" % epoch)
    sentence = text[:maxlen]
    generated = ""
    for i in range(20):
        x_pred = np.zeros((1, maxlen, len(chars)))
        for t, char in enumerate(sentence):
            x_pred[0, t, char_to_index[char]] = 1.0
        preds = model.predict(x_pred, verbose=0)[0]
        next_char = chars[np.argmax(preds)]
        sentence = sentence[1:] + next_char
        generated += next_char
    print("Generated: ", generated)
    model.save("epoch_%d.keras" % epoch)
