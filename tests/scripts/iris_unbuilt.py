from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD
from keras.utils import to_categorical
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

iris = load_iris()
X = StandardScaler().fit_transform(iris.data)
Y = to_categorical(iris.target)
X_train, X_test, Y_train, Y_test = train_test_split(X, Y, test_size=0.2, random_state=1)

# no input shape: keras works it out at the first batch
model = Sequential()
model.add(Dense(16, activation="tanh"))
model.add(Dense(8, activation="tanh"))
model.add(Dense(3, activation="softmax"))

model.compile(loss="categorical_crossentropy", optimizer=SGD(learning_rate=0.1, momentum=0.9, nesterov=True), metrics=["accuracy"])
model.fit(X_train, Y_train, batch_size=8, epochs=40, verbose=0)

scores = model.evaluate(X_test, Y_test, verbose=0)
print("Accuracy: %.2f%%" % (scores[1] * 100))
model.save_weights("iris.weights.h5")
