import numpy as np
from keras.callbacks import ModelCheckpoint, ReduceLROnPlateau
from keras.layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, Input, MaxPool2D
from keras.models import Sequential
from keras.optimizers import Adam
from keras.utils import to_categorical
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

# Fix the seed, for the split only
random_seed = 2

X, Y = load_digits(return_X_y=True)
X = X.reshape(-1, 8, 8, 1) / 16.0
Y = to_categorical(Y, num_classes=10)
X_train, X_val, Y_train, Y_val = train_test_split(X, Y, test_size=0.1, random_state=random_seed)

model = Sequential()
model.add(Input((8, 8, 1)))
model.add(Conv2D(filters=16, kernel_size=(3, 3), padding="Same", activation="relu"))
model.add(BatchNormalization())
model.add(Conv2D(filters=16, kernel_size=(3, 3), padding="Same", activation="relu"))
model.add(BatchNormalization())
model.add(MaxPool2D(pool_size=(2, 2)))
model.add(Dropout(0.25))
model.add(Flatten())
model.add(Dense(32, activation="relu"))
model.add(Dropout(0.5))
model.add(Dense(10, activation="softmax"))

optimizer = Adam(learning_rate=0.001, beta_1=0.9, beta_2=0.999)
model.compile(optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"])

learning_rate_reduction = ReduceLROnPlateau(monitor="val_accuracy", patience=3, verbose=1, factor=0.5, min_lr=0.00001)
checkpoint = ModelCheckpoint("best_cnn.keras", monitor="val_accuracy", save_best_only=True, verbose=1)

epochs = 4
batch_size = 86
history = model.fit(
    X_train, Y_train, batch_size=batch_size, epochs=epochs, validation_data=(X_val, Y_val), verbose=2,
    callbacks=[learning_rate_reduction, checkpoint],
)

results = np.argmax(model.predict(X_val), axis=1)
print((results == np.argmax(Y_val, axis=1)).mean())
