"""TF-IDF features as a scipy sparse matrix, straight into fit."""

import keras
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split

rng = np.random.default_rng(2)
subjects = {
    "space": "orbit rocket launch moon shuttle earth nasa probe solar".split(),
    "hockey": "goal ice puck team player season coach period score".split(),
    "cars": "engine wheel brake dealer oil drive mile clutch ford".split(),
}
filler = "the of and to in is that for it was on are with as".split()
texts, labels = [], []
for label, words in enumerate(subjects.values()):
    for _ in range(400):
        texts.append(" ".join(rng.choice(filler, 15)) + " " + " ".join(rng.choice(words, 3)))
        labels.append(label)

X = TfidfVectorizer().fit_transform(texts).astype("float32")
X_train, X_test, y_train, y_test = train_test_split(X, np.array(labels), test_size=0.25, random_state=1)
print(type(X_train), X_train.shape)

model = keras.Sequential([keras.Input((X.shape[1],), sparse=True), keras.layers.Dense(16, "relu"), keras.layers.Dense(3, "softmax")])
model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, batch_size=30, epochs=3, validation_data=(X_test, y_test))
model.save("tfidf.keras")
