#!/usr/bin/env python
# coding: utf-8

# # Breast cancer notebook
# exported with jupyter nbconvert

# In[1]:


import pandas as pd
import numpy as np
import matplotlib.pyplot as plt
from sklearn.datasets import load_breast_cancer
# get_ipython().run_line_magic('matplotlib', 'inline')


# In[2]:


bc = load_breast_cancer()
df = pd.DataFrame(bc.data, columns=bc.feature_names)
df['target'] = bc.target
df.head()


# In[3]:


df.describe().T


# In[4]:


df['target'].value_counts().plot(kind='bar')
plt.show()


# In[5]:


from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler

X = df.drop('target', axis=1).values
y = df['target'].values
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=101)
scaler = MinMaxScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
X_train.shape


# ## First try: it overfits

# In[6]:


from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Dense, Activation, Dropout

model = Sequential()
model.add(Dense(units=30, activation='relu'))
model.add(Dense(units=15, activation='relu'))
model.add(Dense(units=1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam')


# In[7]:


model.fit(x=X_train, y=y_train, epochs=20, validation_data=(X_test, y_test), verbose=0)


# In[8]:


model_loss = pd.DataFrame(model.history.history)
model_loss.plot()
plt.show()


# ## Second try: early stopping and dropout

# In[9]:


from tensorflow.keras.callbacks import EarlyStopping

model = Sequential()
model.add(Dense(units=30, activation='relu'))
model.add(Dropout(0.5))
model.add(Dense(units=1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam')
early_stop = EarlyStopping(monitor='val_loss', mode='min', verbose=1, patience=5)


# In[10]:


model.fit(x=X_train, y=y_train, epochs=20, validation_data=(X_test, y_test), verbose=0, callbacks=[early_stop])


# In[11]:


model_loss = pd.DataFrame(model.history.history)
model_loss.plot()
plt.savefig('losses.png')


# In[12]:


predictions = (model.predict(X_test) > 0.5).astype('int32')

from sklearn.metrics import classification_report, confusion_matrix
print(classification_report(y_test, predictions))
print(confusion_matrix(y_test, predictions))
