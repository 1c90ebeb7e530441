"""Fit calls in loops."""

import pytest

from sweeper.capture._loops import loop_around

EPOCHS = """
model = make()
for epoch in range(40):
    model.fit(
        x, y,
        epochs=1)
"""
FOLDS = """
for train, test in folds:
    model = make()
    model.fit(x[train], y[train])
"""
MODELS = """
for model in models:
    model.fit(x, y)
"""
OWN = """
class Trainer:
    def run(self):
        while not self.done:
            self.model.fit(x, y, epochs=2)
"""
FUNCTION = """
for seed in range(3):
    def train():
        model.fit(x, y)
    train()
"""
MADE_IN_PLACE = """
for size in sizes:
    make(size).fit(x, y)
"""
OTHER_LOOP = """
for part in parts:
    read(part)
model.fit(x, y)
"""


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        (EPOCHS, 4, 3),
        (EPOCHS, 6, 3),
        (OWN, 5, 4),
        (FOLDS, 4, None),
        (MODELS, 3, None),
        (FUNCTION, 4, None),
        (MADE_IN_PLACE, 3, None),
        (OTHER_LOOP, 4, None),
        ("model.fit(", 1, None),
    ],
)
def test_a_loop_counts_where_it_goes_on_with_the_same_model(tmp_path, text, line, expected):
    file = tmp_path / "train.py"
    file.write_text(text)
    assert loop_around(str(file), line) == expected


def test_a_file_that_cannot_be_read_has_no_loops(tmp_path):
    assert loop_around(str(tmp_path / "gone.py"), 1) is None
