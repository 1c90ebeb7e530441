"""Which columns of a table are losses, by the names that different tools give them.

Keras writes `loss`, Lightning `train_loss_step`, fastai `valid_loss`, the Trainer of Transformers `eval_loss`, Weights
& Biases `run - loss`. A name is split into words; they say whether a loss is that of training or of validation, and
whether it is the whole loss or a part such as `box_loss`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_RUN_MARK = " - "
"""Separator between run and metric in the column names of a Weights & Biases export."""
_EXTREMES = ("__MIN", "__MAX")
"""Endings of the columns that such an export adds, with the least and the most of what was averaged."""
_VAL = {"val", "valid", "validation", "eval", "evaluation", "dev"}
_TEST = {"test"}
_TRAIN = {"train", "training", "trn"}
_FILLERS = {"epoch", "step", "batch", "iter", "iteration", "total", "mean", "avg", "average", "running", "minibatch"}
"""Words beside `loss` that do not make it the loss of a part."""
_BEST_FIRST = ("loss", "train_loss", "training_loss", "total_loss", "train_loss_epoch", "train_loss_step")
_AXES = ("epoch", "epochs", "step", "global_step", "trainer_global_step", "iteration", "iter", "steps")
"""Names of columns that count the points of every run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The columns of one curve: the training loss, and the validation loss if there is one."""

    train: str
    val: str | None
    run: str = ""
    """Name of the run that the columns are of; empty where the table holds a single run."""


def words_of(name: str) -> tuple[str, ...]:
    """The words in a column's name, in lower case: `trainLoss`, `Train/Loss` and `train_loss` have equal words."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return tuple(word for word in re.split(r"[^a-z0-9]+", parted.lower()) if word)


def run_and_metric(name: str) -> tuple[str, str]:
    """The name of a column split into the name of its run, which may be empty, and its metric."""
    run, mark, metric = name.rpartition(_RUN_MARK)
    return (run, metric) if mark else ("", name)


def axes_of(names: Iterable[str]) -> tuple[str, ...]:
    """The columns that count epochs or steps, epochs first."""
    known = {"_".join(words_of(name)): name for name in reversed(tuple(names))}
    return tuple(known[axis] for axis in _AXES if axis in known)


def is_epochs(name: str) -> bool:
    """Whether a column counts epochs."""
    return words_of(name)[:1] in {("epoch",), ("epochs",)}


def pairs_of(names: Sequence[str], points: dict[str, int]) -> tuple[Pair, ...]:
    """The columns of the curves in a table, one pair for each run; empty where their names do not decide that.

    Args:
        names: All columns.
        points: How many values each holds: of two names for one loss, the column with more of them is read.
    """
    runs: dict[str, list[str]] = {}
    for name in names:
        if not name.endswith(_EXTREMES):
            runs.setdefault(run_and_metric(name)[0], []).append(name)
    found = (_pair(run, columns, points) for run, columns in runs.items())
    return tuple(pair for pair in found if pair is not None)


def named(asked: str, names: Sequence[str]) -> tuple[Pair, ...]:
    """The columns that a person asked for as TRAIN or TRAIN,VAL, one pair for each run; empty where one is missing."""
    sides = [asked] if _matching(asked, names) else [side.strip() for side in asked.split(",")]
    found = [_matching(side, names) for side in sides]
    if len(found) not in {1, 2} or not all(found):
        return ()
    vals = {run_and_metric(name)[0]: name for name in found[1]} if len(found) > 1 else {}
    runs = [(run_and_metric(name)[0], name) for name in found[0]]
    if vals and not all(run in vals for run, _ in runs):
        return ()
    return tuple(Pair(train=name, val=vals.get(run), run=run) for run, name in runs)


def _matching(asked: str, names: Sequence[str]) -> list[str]:
    """The columns that a name stands for: that column, that metric of each run, or the same words spelled otherwise."""
    plain = [name for name in names if not name.endswith(_EXTREMES)]
    for same in (
        lambda name: name == asked,
        lambda name: run_and_metric(name)[1] == asked,
        lambda name: words_of(run_and_metric(name)[1]) == words_of(asked) != (),
    ):
        found = [name for name in (names if asked in names else plain) if same(name)]
        if found:
            return found
    return []


def _pair(run: str, columns: Sequence[str], points: dict[str, int]) -> Pair | None:
    losses = {name: words_of(run_and_metric(name)[1]) for name in columns}
    losses = {name: words for name, words in losses.items() if words and is_loss(words)}
    val_words = _VAL if any(_VAL & set(words) for words in losses.values()) else _TEST
    val = {name: words for name, words in losses.items() if val_words & set(words)}
    train = {name: words for name, words in losses.items() if not (_VAL | _TEST) & set(words)}
    best = _whole(train, points, prefer_steps=True)
    if best is None:
        return None
    part = _part(train[best])
    alike = {name: words for name, words in val.items() if _part(words) == part}
    return Pair(train=best, val=_whole(alike, points, prefer_steps=False), run=run)


def is_loss(words: Sequence[str]) -> bool:
    """Whether a name with these words is that of a loss."""
    return any(word.endswith("loss") for word in words)


def _part(words: Sequence[str]) -> frozenset[str]:
    """The words that name a part of the loss, such as `box`; empty for the whole loss."""
    return frozenset(words) - _FILLERS - _TRAIN - _VAL - _TEST - {"loss"}


def _whole(losses: dict[str, tuple[str, ...]], points: dict[str, int], *, prefer_steps: bool) -> str | None:
    """The column of the whole loss with most points; else the only column, though it is of a part."""
    whole = {name: words for name, words in losses.items() if not _part(words)}
    if not whole:
        return next(iter(losses)) if len(losses) == 1 else None

    def order(name: str) -> tuple[bool, int, int]:
        joined = "_".join(whole[name])
        known = _BEST_FIRST.index(joined) if joined in _BEST_FIRST else len(_BEST_FIRST)
        by_step = "step" in whole[name] and not prefer_steps
        return points.get(name, 0) == 0 or by_step, -points.get(name, 0), known

    return min(whole, key=order)
