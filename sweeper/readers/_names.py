"""Which columns of a table are losses, whatever tool named them.

Keras writes `loss`, Lightning `train_loss_step`, fastai `valid_loss`, the Trainer of Transformers `eval_loss`, Weights
& Biases `run - loss`. A name is taken apart into words; the words say of which side a loss is and whether it is the
whole of it or a part such as `box_loss`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_RUN_MARK = " - "
"""What stands between run and metric in a table that Weights & Biases exports."""
_EXTREMES = ("__MIN", "__MAX")
"""Endings of the columns beside them, with the least and the most of what was averaged."""
_VAL = {"val", "valid", "validation", "eval", "evaluation", "dev"}
_TEST = {"test"}
_TRAIN = {"train", "training", "trn"}
_FILLERS = {"epoch", "step", "batch", "iter", "iteration", "total", "mean", "avg", "average", "running", "minibatch"}
"""Words beside `loss` that do not make it the loss of a part."""
_BEST_FIRST = ("loss", "train_loss", "training_loss", "total_loss", "train_loss_epoch", "train_loss_step")
_AXES = ("epoch", "epochs", "step", "global_step", "trainer_global_step", "iteration", "iter", "steps")
"""What counts the points, of no run in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The columns of one curve: the training loss, and the validation loss if there is one."""

    train: str
    val: str | None
    run: str = ""
    """Of which run in the table; empty where it holds a single one."""


def words_of(name: str) -> tuple[str, ...]:
    """The words of a column's name, in lower case: those of `trainLoss`, `Train/Loss` and `train_loss` are equal."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return tuple(word for word in re.split(r"[^a-z0-9]+", parted.lower()) if word)


def run_and_metric(name: str) -> tuple[str, str]:
    """The run in a column's name, empty where it has none, and its metric."""
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
    """The curves in a table by the names of its columns, one for each run; empty where that cannot be told.

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
    """The curves of the columns that a person asked for as TRAIN or TRAIN,VAL; empty where one is not there."""
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
    """The columns of a name: the very one, or those of that metric in each run, or those that differ in spelling."""
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
    """Which part of the loss a column is; empty for the whole loss."""
    return frozenset(words) - _FILLERS - _TRAIN - _VAL - _TEST - {"loss"}


def _whole(losses: dict[str, tuple[str, ...]], points: dict[str, int], *, prefer_steps: bool) -> str | None:
    """The column of the whole loss with most points; that of a part only where there is no other."""
    whole = {name: words for name, words in losses.items() if not _part(words)}
    if not whole:
        return next(iter(losses)) if len(losses) == 1 else None

    def order(name: str) -> tuple[bool, int, int]:
        joined = "_".join(whole[name])
        known = _BEST_FIRST.index(joined) if joined in _BEST_FIRST else len(_BEST_FIRST)
        by_step = "step" in whole[name] and not prefer_steps
        return points.get(name, 0) == 0 or by_step, -points.get(name, 0), known

    return min(whole, key=order)
