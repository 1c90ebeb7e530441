import numpy as np, keras
from keras import layers
rng=np.random.default_rng(0)
X=rng.normal(size=(300,10)).astype("float32"); y=(X[:,0]>0)*1
class Net(keras.Model):
    def __init__(self):
        super().__init__(); self.a=layers.Dense(8,activation="relu"); self.b=layers.Dense(1,activation="softmax")
    def call(self,x): return self.b(self.a(x))
m=Net(); m.compile("adam","binary_crossentropy",metrics=["accuracy"]); m.fit(X,y,epochs=10)
