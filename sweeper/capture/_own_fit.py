"""The script's own fit, shortened to a few steps at any batch size, to measure its memory and speed.

Data, optimizer and callbacks are those of the long job, since its memory is to be measured. Only callbacks that write
or send are left out.
"""

import warnings
from dataclasses import dataclass, replace
from typing import Any

from sweeper.capture._call import Call, FitArguments, fit_batch_size, input_shapes, why_fixed
from sweeper.capture._callbacks import Callbacks, sorted_callbacks
from sweeper.capture.data import AbstractData, AbstractFeed, Arguments, TakenData, batches_of, data_of
from sweeper.job import Change

EPOCHS = 3
"""Epochs of a shortened fit. More than one, since training goes on with what a validation leaves in memory."""
EPOCH_STEPS = 4
"""Steps in each epoch of a shortened fit."""
MOST_EPOCHS = 6
"""Most epochs of a shortened fit where each is a short whole pass over the data; more only to reach its least steps."""
VALIDATION_STEPS = 3
"""Most steps of each validation."""
COPIES_STEPS = 3
"""Steps on batches of copies of the largest sample."""
REMAINDER_DIVISOR = 3
"""A last smaller batch of unknown size is taken to be a full one divided by this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitData:
    """The training or validation data of a fit call, with what is known of it."""

    kind: str
    """What the data is, in a word or two."""
    feed: AbstractFeed
    """Gives the data to fit in batches of any size."""
    taken: TakenData
    """A few samples, with what is known of their source."""
    batch_size: int
    """Samples in a step of the script's own fit."""
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
    """The arguments of one shortened call of the script's own fit."""

    arguments: Arguments
    batch_size: int
    pass_steps: int | None = None
    """Steps of an epoch that is a whole pass over the data; None for other epochs."""
    partial: int = 0
    """Samples in the last batch of a whole pass where that is smaller than the others; else 0."""
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
        self._base = call.arguments.without_model()
        self._first_epoch = int(self._base["initial_epoch"] or 0)

    @property
    def samples(self) -> int | None:
        """The number of samples that the script trains on; None when it is not known."""
        return self.train.feed.samples

    def for_samples(self) -> Call:
        """The call to take training samples by: without validation and callbacks, an iterator where it stands now."""
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
        """A fit of a few short epochs with validation, and with `least_steps` or more in all."""
        asked = self._base["validation_steps"] or VALIDATION_STEPS
        validation: Arguments = {"validation_steps": min(VALIDATION_STEPS, asked)}
        if self._validation is not None:
            own = self._validation.batch_size
            at = batch_size if own == self.train.batch_size else own
            validation["validation_data"] = self._validation.feed.at(at)["x"]
        steps = max(EPOCH_STEPS, -(-least_steps // EPOCHS))
        return self._over_all(batch_size, epochs=EPOCHS, steps=steps, least=least_steps, changes=validation)

    def timed(self, batch_size: int, *, steps: int) -> ShortFit:
        """A fit of `steps` or more without validation, for timing."""
        without: Arguments = {"validation_data": None, "validation_freq": []}
        return self._over_all(batch_size, epochs=1, steps=steps, least=steps, changes=without)

    def partial(self, batch_size: int) -> ShortFit | None:
        """A fit of one full batch and the smaller last one of a pass; None where no batch is smaller."""
        feed = self.train.feed
        if self.train.fixed or feed.drops_remainder:
            return None
        known = feed.samples is not None
        if not known and (feed.endless or batch_size == 1):
            return None
        smaller = feed.partial(batch_size) if known else max(1, batch_size // REMAINDER_DIVISOR)
        if not smaller:
            return None
        return self._alone(feed.few((batch_size, smaller)), batch_size, certain=known)

    def copies(self, batch_size: int) -> ShortFit | None:
        """A fit of a few batches of copies of the largest sample; None where all samples have one size."""
        if self.largest is None:
            return None
        arguments = self.train.feed.copies(self.largest, batch_size, COPIES_STEPS)
        return self._alone(arguments, batch_size, certain=False)

    def run(self, fit: ShortFit, watch: Any, *, own_callbacks: bool) -> None:
        """Runs a shortened fit; `watch` is a callback that is called after the script's own."""
        callbacks = [*(self._callbacks.kept if own_callbacks else ()), watch]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.call.original(self.call.model, **fit.arguments, callbacks=callbacks)

    def _over_all(self, batch_size: int, *, epochs: int, steps: int, least: int, changes: Arguments) -> ShortFit:
        """A fit on all of the script's data, in epochs of `steps` or, where that is less, of a whole pass."""
        asked = self._base | self.train.feed.at(batch_size) | {"verbose": 0, "validation_freq": 1} | changes
        del asked["callbacks"]
        each = int(getattr(self.call.model, "steps_per_execution", 1) or 1)
        steps = -(-steps // each) * each
        pass_steps = self.train.feed.steps(batch_size)
        first, own_steps = self._first_epoch, self._base["steps_per_epoch"]
        if pass_steps is None or pass_steps > steps or (own_steps is not None and own_steps < pass_steps):
            asked |= {"epochs": first + epochs, "steps_per_epoch": steps}
            return ShortFit(arguments=asked, batch_size=batch_size)
        wanted, least = -(-epochs * steps // max(pass_steps, 1)), -(-least // max(pass_steps, 1))
        epochs = max(epochs, least, min(MOST_EPOCHS, wanted))
        asked |= {"epochs": first + epochs, "steps_per_epoch": None}
        if asked["validation_freq"] == 1:
            asked["validation_freq"] = [first + 1, first + epochs]
        partial = self.train.feed.partial(batch_size)
        return ShortFit(arguments=asked, batch_size=batch_size, pass_steps=pass_steps, partial=partial)

    def _alone(self, data: Arguments, batch_size: int, *, certain: bool) -> ShortFit:
        """A fit of one epoch, without validation, on a few batches that were made for it."""
        without = {"validation_data": None, "validation_split": 0.0, "steps_per_epoch": None}
        asked = self._base | without | data | {"epochs": self._first_epoch + 1, "shuffle": False, "verbose": 0}
        del asked["callbacks"]
        return ShortFit(arguments=asked, batch_size=batch_size, certain=certain)
