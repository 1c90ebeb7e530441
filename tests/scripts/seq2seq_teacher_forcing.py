"""Character-level sequence to sequence with teacher forcing: reverses a string of digits."""

import keras
import numpy as np

batch_size = 64
epochs = 3
latent_dim = 32
num_samples = 2000

rng = np.random.default_rng(99)
input_texts, target_texts = [], []
for _ in range(num_samples):
    s = "".join(rng.choice(list("0123456789"), size=rng.integers(3, 7)))
    input_texts.append(s)
    target_texts.append("\t" + s[::-1] + "\n")

input_characters = sorted(set("".join(input_texts)) | {" "})
target_characters = sorted(set("".join(target_texts)) | {" "})
max_encoder_seq_length = max(len(t) for t in input_texts)
max_decoder_seq_length = max(len(t) for t in target_texts)
input_token_index = {c: i for i, c in enumerate(input_characters)}
target_token_index = {c: i for i, c in enumerate(target_characters)}

encoder_input_data = np.zeros((num_samples, max_encoder_seq_length, len(input_characters)), dtype="float32")
decoder_input_data = np.zeros((num_samples, max_decoder_seq_length, len(target_characters)), dtype="float32")
decoder_target_data = np.zeros_like(decoder_input_data)
for i, (input_text, target_text) in enumerate(zip(input_texts, target_texts)):
    for t, char in enumerate(input_text.ljust(max_encoder_seq_length)):
        encoder_input_data[i, t, input_token_index[char]] = 1.0
    for t, char in enumerate(target_text.ljust(max_decoder_seq_length)):
        decoder_input_data[i, t, target_token_index[char]] = 1.0
        if t > 0:
            decoder_target_data[i, t - 1, target_token_index[char]] = 1.0

encoder_inputs = keras.Input(shape=(None, len(input_characters)))
encoder_outputs, state_h, state_c = keras.layers.LSTM(latent_dim, return_state=True)(encoder_inputs)
decoder_inputs = keras.Input(shape=(None, len(target_characters)))
decoder_lstm = keras.layers.LSTM(latent_dim, return_sequences=True, return_state=True)
decoder_outputs, _, _ = decoder_lstm(decoder_inputs, initial_state=[state_h, state_c])
decoder_outputs = keras.layers.Dense(len(target_characters), activation="softmax")(decoder_outputs)
model = keras.Model([encoder_inputs, decoder_inputs], decoder_outputs)

model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(
    [encoder_input_data, decoder_input_data],
    decoder_target_data,
    batch_size=batch_size,
    epochs=epochs,
    validation_split=0.2,
)
model.save("s2s_model.keras")
