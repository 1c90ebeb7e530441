"""Stratified k-fold: a fresh model and a fit for every fold, in a function."""

import numpy as np
from keras import Sequential
from keras.layers import Dense, Input
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

X, Y = load_breast_cancer(return_X_y=True)


def create_baseline():
    model = Sequential([Input((30,)), Dense(30, activation="relu"), Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def run_fold(train, test):
    scaler = StandardScaler().fit(X[train])
    model = create_baseline()
    model.fit(scaler.transform(X[train]), Y[train], epochs=5, batch_size=5, verbose=0)
    return model.evaluate(scaler.transform(X[test]), Y[test], verbose=0)[1]


kfold = StratifiedKFold(n_splits=4, shuffle=True, random_state=7)
scores = [run_fold(train, test) for train, test in kfold.split(X, Y)]
print("%.2f%% (+/- %.2f%%)" % (100 * np.mean(scores), 100 * np.std(scores)))
np.savetxt("fold_scores.txt", scores)
