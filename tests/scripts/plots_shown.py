# Looks at the data, trains, looks at the curves. plt.show() everywhere.
import matplotlib.pyplot as plt
import numpy as np
from keras.layers import Dense, Dropout, Flatten
from keras.models import Sequential
from sklearn.datasets import load_digits

digits = load_digits()
images, labels = digits.images, digits.target

fig = plt.figure(figsize=(8, 3))
for i in range(10):
    fig.add_subplot(2, 5, i + 1)
    plt.imshow(images[i], cmap="gray_r")
    plt.title(labels[i])
    plt.axis("off")
plt.show()

plt.hist(labels)
plt.show()

model = Sequential()
model.add(Flatten())
model.add(Dense(64, activation="relu"))
model.add(Dropout(0.3))
model.add(Dense(10, activation="softmax"))
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(images / 16.0, labels, epochs=5, batch_size=64, validation_split=0.2)

plt.figure()
plt.plot(history.history["accuracy"], label="train")
plt.plot(history.history["val_accuracy"], label="validation")
plt.legend()
plt.savefig("curves.png")
plt.show()

wrong = np.argmax(model.predict(images / 16.0), axis=1) != labels
print(wrong.sum(), "are wrong")
