"""Entry point: `cd package_app && python train.py` (configs/ is found by a relative path)."""

import json
import logging

from training import engine
from training.data import loading
from training.network import build

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
log = logging.getLogger("train")

with open("configs/base.json") as f:
    config = json.load(f)


def main():
    log.info("config %s", config)
    train, val = loading.arrays(config["data"])
    model = build(config["model"], train[0].shape[1])
    log.info("parameters: %d", model.count_params())
    history = engine.run(model, train, val, config["training"])
    with open("result.json", "w") as out:
        json.dump({"val_loss": history["val_loss"]}, out)


if __name__ == "__main__":
    main()
