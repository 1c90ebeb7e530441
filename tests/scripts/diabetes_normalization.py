# Regression on the diabetes data set
import tensorflow as tf
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from tensorflow.keras import layers
from tensorflow.keras.models import Sequential

tf.random.set_seed(42)

X, y = load_diabetes(return_X_y=True, scaled=False)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)

normalizer = layers.Normalization(axis=-1)
normalizer.adapt(X_train)

model = Sequential([normalizer, layers.Dense(64, activation="relu"), layers.Dense(64, activation="relu"), layers.Dense(1)])
model.compile(loss="mean_absolute_error", optimizer=tf.keras.optimizers.RMSprop(0.001))

history = model.fit(X_train, y_train, validation_split=0.2, verbose=0, epochs=25)

test_results = {"mae": model.evaluate(X_test, y_test, verbose=0)}
print(test_results)
model.save("diabetes_model.keras")
reloaded = tf.keras.models.load_model("diabetes_model.keras")
print(reloaded.evaluate(X_test, y_test, verbose=0))
