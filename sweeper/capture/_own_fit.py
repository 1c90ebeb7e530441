"""The script's own fit, cut short: its data, its optimizer, its callbacks, at any batch size.

This is what the long job will run, so it is what its memory must be measured on. Only the number of steps is changed,
and callbacks that write or send are left out.
"""

import warnings
from dataclasses import dataclass, replace
from typing import Any

from sweeper.capture._call import Call, FitArguments, fit_batch_size, input_shapes, why_fixed
from sweeper.capture._callbacks import Callbacks, sorted_callbacks
from sweeper.capture.data import AbstractData, AbstractFeed, Arguments, TakenData, batches_of, data_of
from sweeper.job import Change

EPOCHS = 3
"""Shortened epochs of a trial: what a validation leaves in memory is there when training goes on after it."""
EPOCH_STEPS = 4
"""Steps in each."""
MOST_EPOCHS = 6
"""Epochs where a whole pass takes fewer steps."""
VALIDATION_STEPS = 3
"""Most steps of a validation."""
COPIES_STEPS = 3
"""Steps on batches of copies of the largest sample."""
SOME_PART = 3
"""Where the size of the last smaller batch is not known, it is taken to be this part of a full one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitData:
    """The training or validation data of a fit call, with what is known of them."""

    kind: str
    """What the data is, in a word or two."""
    feed: AbstractFeed
    taken: TakenData
    """A few samples, with what is known of their source."""
    batch_size: int
    """Samples in a step at the fit site."""
    fixed: str
    """Why other batch sizes cannot be made; empty when they can."""


def _fit_data(data: AbstractData, model: Any) -> FitData:
    """The data of a fit call; raises `UnusableData`, or what Keras raises on a faulty call."""
    taken = data.look(input_shapes(model))
    fixed = data.why_fixed() or taken.whole_reason or why_fixed(model)
    own = fit_batch_size(model, taken.samples, taken.batch_size)
    feed = data.feed(own, fixed=bool(fixed))
    return FitData(kind=data.kind, feed=feed, taken=taken, batch_size=own, fixed=fixed)


def _validation_data(call: Call) -> FitData | None:
    """The validation data of a fit call where it comes in batches; None for arrays and where there is none."""
    data = call.arguments["validation_data"]
    batches = None if data is None or isinstance(data, tuple | list) else batches_of(data)
    return None if batches is None else _fit_data(batches, call.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortFit:
    """One call of the script's own fit that is cut short."""

    arguments: Arguments
    batch_size: int
    passes: int | None = None
    """Steps of an epoch where each is a whole pass over the data; None where epochs are cut."""
    partial: int = 0
    """Samples in the last batch of such an epoch, if it is smaller than the others."""
    certain: bool = True
    """Whether the script itself would train on such batches."""


class OwnFit:
    """The fit call of a script, to be run for a few steps at a time."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.train = _fit_data(data_of(call.arguments.given), call.model)
        self.largest = self.train.feed.find_largest() if not self.train.fixed else None
        self._validation = _validation_data(call)
        self._callbacks: Callbacks = sorted_callbacks(call.arguments["callbacks"])
        self._base = dict(call.arguments.values)
        self._base.pop(next(iter(self._base)))  # the model itself
        self._first_epoch = int(self._base["initial_epoch"] or 0)

    @property
    def samples(self) -> int | None:
        """Samples that the script trains on; None when that is not known."""
        return self.train.feed.samples

    def for_samples(self) -> Call:
        """The call for taking training samples: without validation, and with an iterator at its present position."""
        x = self.train.feed.at(self.train.batch_size)["x"]
        values = self.call.arguments.values | {"x": x, "validation_data": None, "callbacks": None}
        return replace(self.call, arguments=FitArguments(values=values))

    def changes(self) -> tuple[Change, ...]:
        """What the shortened fits do differently from the script."""
        cut = f"trials are the script's own fit, cut to {EPOCHS} epochs of {EPOCH_STEPS} steps"
        changes = [Change(what="length", detail=cut)]
        if self._callbacks.left_out:
            names = ", ".join(type(item).__name__ for item in self._callbacks.left_out)
            changes.append(Change(what="callbacks", detail=f"{names}: left out of trials, since they write or send"))
        if self.train.feed.how and not self.train.fixed:
            changes.append(Change(what="input pipeline", detail=self.train.feed.how))
        return tuple(changes)

    def main(self, batch_size: int, *, least_steps: int = 0) -> ShortFit:
        """Training with validation, in a few epochs."""
        asked = self._base["validation_steps"] or VALIDATION_STEPS
        validation: Arguments = {"validation_steps": min(VALIDATION_STEPS, asked)}
        if self._validation is not None:
            own = self._validation.batch_size
            at = batch_size if own == self.train.batch_size else own
            validation["validation_data"] = self._validation.feed.at(at)["x"]
        steps = max(EPOCH_STEPS, -(-least_steps // EPOCHS))
        return self._over_all(batch_size, epochs=EPOCHS, steps=steps, least=least_steps, changes=validation)

    def timed(self, batch_size: int, *, steps: int) -> ShortFit:
        """Training without validation, for a number of steps."""
        without: Arguments = {"validation_data": None, "validation_freq": []}
        return self._over_all(batch_size, epochs=1, steps=steps, least=steps, changes=without)

    def partial(self, batch_size: int) -> ShortFit | None:
        """A full batch and the last smaller one of a pass; None where there is no smaller one."""
        feed = self.train.feed
        if self.train.fixed or feed.drops_remainder:
            return None
        known = feed.samples is not None
        if not known and (feed.endless or batch_size == 1):
            return None
        smaller = feed.partial(batch_size) if known else max(1, batch_size // SOME_PART)
        if not smaller:
            return None
        return self._alone(feed.few((batch_size, smaller)), batch_size, certain=known)

    def copies(self, batch_size: int) -> ShortFit | None:
        """A few batches of copies of the largest sample; None where all samples have one size."""
        if self.largest is None:
            return None
        arguments = self.train.feed.copies(self.largest, batch_size, COPIES_STEPS)
        return self._alone(arguments, batch_size, certain=False)

    def run(self, fit: ShortFit, watch: Any, *, own_callbacks: bool) -> None:
        """Trains; `watch` is a callback that comes after the script's own ones."""
        callbacks = [*(self._callbacks.kept if own_callbacks else ()), watch]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.call.original(self.call.model, **fit.arguments, callbacks=callbacks)

    def _over_all(self, batch_size: int, *, epochs: int, steps: int, least: int, changes: Arguments) -> ShortFit:
        """Training on all of the script's data, in epochs of so many steps or, if that is less, of a whole pass."""
        asked = self._base | self.train.feed.at(batch_size) | {"verbose": 0, "validation_freq": 1} | changes
        del asked["callbacks"]
        each = int(getattr(self.call.model, "steps_per_execution", 1) or 1)
        steps = -(-steps // each) * each
        passes = self.train.feed.steps(batch_size)
        first, own_steps = self._first_epoch, self._base["steps_per_epoch"]
        if passes is None or passes > steps or (own_steps is not None and own_steps < passes):
            asked |= {"epochs": first + epochs, "steps_per_epoch": steps}
            return ShortFit(arguments=asked, batch_size=batch_size)
        wanted, least = -(-epochs * steps // max(passes, 1)), -(-least // max(passes, 1))
        epochs = max(epochs, least, min(MOST_EPOCHS, wanted))
        asked |= {"epochs": first + epochs, "steps_per_epoch": None}
        if asked["validation_freq"] == 1:
            asked["validation_freq"] = [first + 1, first + epochs]
        partial = self.train.feed.partial(batch_size)
        return ShortFit(arguments=asked, batch_size=batch_size, passes=passes, partial=partial)

    def _alone(self, data: Arguments, batch_size: int, *, certain: bool) -> ShortFit:
        """One epoch on a few batches that were made for it."""
        without = {"validation_data": None, "validation_split": 0.0, "steps_per_epoch": None}
        asked = self._base | without | data | {"epochs": self._first_epoch + 1, "shuffle": False, "verbose": 0}
        del asked["callbacks"]
        return ShortFit(arguments=asked, batch_size=batch_size, certain=certain)
