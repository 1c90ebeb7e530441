import importlib

from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def arrays(config):
    load = getattr(importlib.import_module("sklearn.datasets"), "load_" + config["name"])
    x, y = load(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=config["val_share"], random_state=0)
    scaler = StandardScaler().fit(x_train)
    return (scaler.transform(x_train), y_train), (scaler.transform(x_val), y_val)
