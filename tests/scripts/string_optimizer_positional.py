from sklearn.datasets import load_diabetes
from keras import Input, Model
from keras.layers import Dense

X, Y = load_diabetes(return_X_y=True)
X, Y = X * 20, Y / 100

i = Input((10,))
a = Dense(20, 'relu')(i)
o1 = Dense(1)(a)
o2 = Dense(1)(a)
m = Model(i, [o1, o2])
# optimizer, loss, loss_weights: all by position
m.compile('sgd', ['mse', 'mae'], [0.7, 0.3])
m.fit(X, [Y, Y], 20, 10, 2)
m.save('positional.keras')
