"""Objects and files that callbacks change, and that are as they were afterwards."""

import os
from pathlib import Path

import numpy as np
import pytest

from sweeper.capture._kept_objects import KeptObjects
from sweeper.capture._no_side_effects import ProcessEnded, no_side_effects


class Inner:
    def __init__(self):
        self.count = 0


class Outer:
    def __init__(self):
        self.inner = Inner()
        self.seen = [1, 2]
        self.rates = iter([0.1, 0.2, 0.3])
        self.table = np.zeros(3)
        self.by_name = {"a": [1]}


def change(outer):
    outer.inner.count += 5
    outer.seen.append(3)
    outer.table += 1
    outer.by_name["a"].append(2)
    outer.by_name["b"] = 1
    outer.late = "new"
    return next(outer.rates)


def test_everything_is_set_back_as_often_as_is_wanted():
    outer = Outer()
    seen, inner = outer.seen, outer.inner
    kept = KeptObjects([outer])
    for _ in range(3):
        assert change(outer) == 0.1
        assert [change[1:] for change in kept.changed((Inner,))] == [("count", 0, 5)]
        kept.restore()
        assert (outer.inner, outer.inner.count, outer.seen) == (inner, 0, [1, 2])
        assert outer.seen is seen
        assert outer.table.tolist() == [0, 0, 0]
        assert outer.by_name == {"a": [1]}
        assert not hasattr(outer, "late")


def test_a_generator_goes_on_where_it_stood_and_breaks_nothing():
    outer = Outer()
    outer.rates = (rate for rate in (1, 2))
    kept = KeptObjects([outer])
    next(outer.rates)
    kept.restore()
    assert next(outer.rates) == 2


@pytest.mark.slow
def test_files_are_read_back_inside_and_are_not_there_outside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    old = tmp_path / "old.txt"
    old.write_text("as it was")
    with no_side_effects():
        Path("new.txt").write_text("written")
        assert Path("new.txt").read_text() == "written"
        with old.open("a") as file:
            file.write(", and more")
        assert old.read_text() == "as it was, and more"
        os.remove(old)  # noqa: PTH107  what is tested
        os.makedirs("folder/inside", exist_ok=True)  # noqa: PTH103
        np.save("array.npy", np.zeros(3))
        with pytest.raises(ProcessEnded):
            os._exit(0)
    assert [path.name for path in tmp_path.iterdir()] == ["old.txt"]
    assert old.read_text() == "as it was"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_saved_model_is_loaded_again_and_does_not_stay(tmp_path, monkeypatch):
    import keras

    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with no_side_effects():
        model.save("model.keras")
        model.save_weights("model.weights.h5")
        model.export("exported")
        model.load_weights("model.weights.h5")
        assert len(keras.models.load_model("model.keras").weights) == 2
    assert not list(tmp_path.iterdir())
