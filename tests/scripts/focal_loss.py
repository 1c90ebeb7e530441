import keras
from keras import backend as K
from keras import ops
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def focal_loss(gamma=2.0, alpha=0.25):
    def loss(y_true, y_pred):
        y_pred = ops.clip(y_pred, K.epsilon(), 1.0 - K.epsilon())
        cross_entropy = -y_true * ops.log(y_pred)
        return ops.sum(alpha * ops.power(1.0 - y_pred, gamma) * cross_entropy, axis=-1)

    return loss


def top_probability(y_true, y_pred):
    return ops.mean(ops.max(y_pred, axis=-1))


X, t = load_digits(return_X_y=True)
X = X.reshape(-1, 8, 8, 1) / 16
T = keras.utils.to_categorical(t, 10)
X_tr, X_te, T_tr, T_te = train_test_split(X, T, test_size=300)

net = keras.models.Sequential()
net.add(keras.layers.Conv2D(16, kernel_size=(3, 3), activation="relu", input_shape=(8, 8, 1)))
net.add(keras.layers.MaxPooling2D())
net.add(keras.layers.Flatten())
net.add(keras.layers.Dense(10, activation="softmax"))
net.compile(optimizer=keras.optimizers.Adam(learning_rate=0.003), loss=focal_loss(), metrics=["accuracy", top_probability])
net.fit(X_tr, T_tr, batch_size=50, epochs=4, validation_data=(X_te, T_te))
net.save_weights("focal.weights.h5")
