"""A loop of the script's own as what trains in probes: it goes on with its own batches, from the kept start."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from sweeper.capture import (
    CapturedTraining,
    OtherWeights,
    UncontrollableOptimizer,
    check_initializers,
    copied_weights,
    fresh_weights,
    inner,
    instances,
    is_loss_scaling,
    is_seed_state,
    load_initial_weights,
    make_optimizer,
    path_of,
    peak_rate,
    read,
    save_weights,
    schedule_name,
    write,
)
from sweeper.engines import AbstractTraining, CurveRecorder, NoLoss, varied_seed
from sweeper.own_loop._loop import RECOGNISED_AFTER, OwnLoop, Step
from sweeper.probes import Probe
from sweeper.space import SCRIPT, OptimizerChoice
from sweeper.text import plural, rate_text

FIRST_SECONDS = 60.0
"""Time after which no more of the script's own first steps are recorded, if there are enough to tell anything."""
FEWEST_STEPS = 20
"""Steps from which on a probe says something although the script came to its end before it was over."""
_ZERO_STEPS = 2
"""Steps at rate 0 that show whether the rate is in sweeper's hands."""


class CutShort(Exception):
    """The script came to its end during a probe, which can begin again in another process."""


class LoopTraining(AbstractTraining):
    """A loop in the state that every probe starts from."""

    has_norm = True
    validates = False

    def __init__(self, loop: OwnLoop, captured: CapturedTraining) -> None:
        self.loop = loop
        self.captured = captured
        self.first_vals = {}
        self.most_steps: int | None = None
        """The steps that the script makes in all, where it came to its end within the first ones."""
        self.own_steps = loop.first_steps()
        """The script's own first steps; none where its rate changed within them."""
        self.seeds = [variable for variable in captured.state.variables if is_seed_state(variable)]
        self.weights = weights_of(loop)
        self.fresh: list[int] = []
        """Which of the weights still are what their initializers drew."""
        self._choices = {SCRIPT: OptimizerChoice(label=SCRIPT, name=SCRIPT)}
        self._made: dict[str, Any] = {}
        self._probes = 0

    def add_choices(self, choices: Sequence[OptimizerChoice]) -> None:
        self._choices |= {choice.label: choice for choice in choices}

    def weights_seed(self, seed: int) -> int:
        return seed if seed and self.fresh else 0

    @cached_property
    def _other_weights(self) -> OtherWeights:
        copies = copied_weights(self.weights, self.fresh, self.captured.state)
        return OtherWeights(self.weights, self.fresh, copies)

    def start_from(self, seed: int) -> None:
        state = self.captured.state
        state.restore()
        if self.weights_seed(seed):
            self._other_weights.write(seed)
        for number, variable in enumerate(self.seeds):
            write(variable, varied_seed(state.value(variable), seed=seed, number=number))
        self.loop.set_back()

    def begin(self, probe: Probe) -> Probe:
        choice = self._choices[probe.optimizer]
        self.loop.instead = None if choice.name == SCRIPT or probe.is_null else self._optimizer(choice)
        if self._is_own(probe):
            return probe
        self.start_from(probe.seed)
        captured = self.captured
        if self.loop.instead is not None:
            self.loop.rates.hold(self.loop.instead, probe.learning_rate)
        first = captured.rates[0] or 1.0
        for optimizer, own in zip(captured.optimizers, captured.rates, strict=True):
            rate = probe.learning_rate if len(captured.rates) == 1 else probe.learning_rate * own / first
            self.loop.rates.hold(optimizer, rate)
        return probe

    def train(self, probe: Probe, recorder: CurveRecorder, *, validate: bool) -> None:
        del validate
        if self._is_own(probe):
            numbers = [(step.loss, step.norm, step.finite) for step in self.own_steps]
            recorder.chunk(numbers[: probe.steps], seconds=self.loop.first_seconds * probe.steps / len(numbers))
            return
        rises = self._choices[probe.optimizer].warmup_steps
        self._probes += 1

        def take(step: Step | None) -> bool:
            if step is None:
                return False
            over = recorder.step(step.loss, step.norm, step.finite)
            if recorder.taken < rises:
                self._hold_share(probe, (recorder.taken + 1) / rises)
            return over

        if rises:
            self._hold_share(probe, 1 / rises)
        if self.loop.ended:
            raise CutShort("the script has come to its end")
        self.loop.run(take)
        if not recorder.over:
            self._cut_short(probe, recorder)

    def evaluate(self) -> float:
        raise NotImplementedError("a loop of the script's own is not validated")

    def can_evaluate(self, error: Exception) -> bool:
        del error
        return False

    def _hold_share(self, probe: Probe, share: float) -> None:
        """Sets the rate of a warm-up to a share of that of the probe."""
        self.loop.rates.hold(self.loop.instead or self.captured.optimizers[0], probe.learning_rate * share)

    def _cut_short(self, probe: Probe, recorder: CurveRecorder) -> None:
        """Decides what a probe is worth during which the script came to its end; raises unless it is worth something.

        A script may stop itself where its loss is not finite, or no longer falls: that is the end of the probe then.
        """
        if recorder.saw_nonfinite or (self._probes == 1 and self.loop.error is None and recorder.taken >= FEWEST_STEPS):
            return
        if self._probes > 1:
            raise CutShort(f"the script came to its end after {recorder.taken} of {probe.steps} steps")
        if self.loop.error is not None:
            raise self.loop.error
        raise RuntimeError(f"the script came to its end after {recorder.taken} of {probe.steps} steps")

    def _is_own(self, probe: Probe) -> bool:
        """Whether a probe would repeat the script's own first steps, which were recorded."""
        rate = self.captured.rates[0]
        return (
            probe.optimizer == SCRIPT
            and probe.seed == 0
            and probe.steps <= len(self.own_steps)
            and float(f"{probe.learning_rate:.6g}") == rate
            and self._choices[SCRIPT].warmup_steps == 0
        )

    def _optimizer(self, choice: OptimizerChoice) -> Any:
        """The optimizer of an entry of the axis, which makes the updates instead of the script's."""
        if choice.label not in self._made:
            optimizer = make_optimizer(choice, loss_scaling=False)
            optimizer.build(list(self.loop.trained.values()))
            self.captured.state.keep(optimizer.variables)
            self._made[choice.label] = optimizer
        return self._made[choice.label]


def weights_of(loop: OwnLoop) -> list[Any]:
    """What differs between two runs of one script: the variables of its models and all that were updated, in order."""
    import keras

    trained = list(loop.trained.values())
    place = {id(variable): number for number, variable in enumerate(trained)}
    firsts = [
        (min(places), model)
        for model in instances(keras.Model)
        if model.built and (places := [place[id(one)] for one in model.trainable_variables if id(one) in place])
    ]
    known: dict[int, Any] = {}
    # The outermost model of those that begin with the same variable has the most of them.
    for _, model in sorted(firsts, key=lambda pair: (pair[0], -len(pair[1].variables))):
        known |= {id(variable): variable for variable in model.variables if id(variable) not in known}
    known |= {id(variable): variable for variable in trained if id(variable) not in known}
    return [variable for variable in known.values() if hasattr(variable, "path")]


def models_of(loop: OwnLoop) -> list[Any]:
    """The models whose weights the loop updates, those inside another one left out."""
    import keras

    mine = [
        (model, {id(one) for one in model.variables})
        for model in instances(keras.Model)
        if model.built and any(id(one) in loop.trained for one in model.trainable_variables)
    ]
    # A Sequential has a functional model inside of it with the same variables.
    mine.sort(key=lambda pair: (-len(pair[1]), type(pair[0]).__name__ == "Functional"))
    outer = [model for number, (model, has) in enumerate(mine) if not any(has <= other for _, other in mine[:number])]
    order = {key: number for number, key in enumerate(loop.trained)}
    return sorted(outer, key=lambda model: min(order.get(id(one), len(order)) for one in model.trainable_variables))


def capture_loop(loop: OwnLoop, *, steps: int, alive: Callable[[], None]) -> LoopTraining:
    """Records the loop's own first steps, and makes it ready for probes.

    Raises `NoLoss` where no loss of its updates can be seen, `UncontrollableOptimizer` where weights move at rate 0.
    """
    _record_first_steps(loop, steps=steps, alive=alive)
    loop.keep_unready()
    loop.keep_new()
    training = _ready(loop)
    captured = training.captured
    training.fresh = fresh_weights(training.weights, captured.state)
    if not loop.ended:
        _check_zero_rate(training)
    if loop.ended:
        # In another process the loop is recognised anew, after as many updates.
        training.most_steps = max(1, len(training.own_steps) - RECOGNISED_AFTER)
    if any(len(rates) > 1 for rates in loop.own_rates):
        training.own_steps = []
    return training


def adopt_loop(loop: OwnLoop, folder: Path) -> LoopTraining:
    """Makes a loop ready for probes with the weights that another worker kept; raises `ValueError` if they differ."""
    facts = json.loads((folder / "facts.json").read_text())
    if len(loop.optimizers) < len(facts["rates"]):
        loop.run(lambda _: len(loop.optimizers) == len(facts["rates"]))
    loop.keep_unready()
    loop.keep_new()
    training = _ready(loop)
    training.own_steps = [Step(**step) for step in facts["own_steps"]]
    loop.first_seconds = facts["first_seconds"]
    training.captured.rates = facts["rates"]
    loop.kinds = {tuple(kind) for kind in facts["kinds"]}
    training.fresh = facts["fresh"]
    check_initializers(training.weights, training.fresh)
    state = training.captured.state
    copies = copied_weights(training.weights, fresh_weights(training.weights, state), state)
    load_initial_weights(folder / "weights.npz", training.weights, training.weights, copies, state)
    return training


def keep_loop(training: LoopTraining, folder: Path) -> None:
    """Writes initial weights and the script's own steps, so that other workers start from the same and know them."""
    folder.mkdir(parents=True, exist_ok=True)
    training.captured.state.restore()
    save_weights(folder / "weights.npz", training.weights)
    facts = {
        "rates": training.captured.rates,
        "fresh": training.fresh,
        "kinds": sorted(training.loop.kinds),
        "own_steps": [asdict(step) for step in training.own_steps],
        "first_seconds": training.loop.first_seconds,
    }
    (folder / "facts.json").write_text(json.dumps(facts))


def _record_first_steps(loop: OwnLoop, *, steps: int, alive: Callable[[], None]) -> None:
    started = time.monotonic()
    taken = len(loop.first_steps())

    def over(step: Step | None) -> bool:
        nonlocal taken
        taken += step is not None
        alive()
        if taken >= steps:
            # What ended a step before all optimizers were known may be a part of one.
            taken = len(loop.first_steps())
        if not taken:
            return loop.unseen() >= FEWEST_STEPS
        late = time.monotonic() - started > FIRST_SECONDS
        return taken >= steps or (late and taken >= FEWEST_STEPS)

    loop.run(over)
    if not loop.first_steps():
        raise NoLoss(f"{plural(loop.unseen(), 'update')} of {_names(loop)} were seen, and no loss of any")


def _names(loop: OwnLoop) -> str:
    return " and ".join(type(inner(optimizer)).__name__ for optimizer in loop.optimizers)


def _ready(loop: OwnLoop) -> LoopTraining:
    """The training with its optimizers and their rates."""
    captured = CapturedTraining(
        batch_size=loop.samples_in_step() or 1,
        batch_size_fixed="the script's own loop makes its batches",
        state=loop.state,
        optimizers=list(loop.optimizers),
    )
    captured.only = _only(loop)
    captured.schedule = schedule_name(loop.optimizers[0])
    peaks = [peak_rate(optimizer, None) or 0.0 for optimizer in loop.optimizers]
    highest = [float(f"{max(seen):.6g}") for seen in loop.own_rates]
    captured.rates = [max(pair) for pair in zip(highest, peaks, strict=True)]
    seen = loop.own_rates[0]
    if captured.schedule:
        captured.rate_unknown = "" if peaks[0] else f"{captured.schedule} cannot be evaluated"
    elif len(seen) > 1:
        captured.rate_unknown = "the loop sets the rate itself"
        captured.changed(
            "learning rate",
            f"the loop sets the rate itself ({rate_text(min(seen))} to {rate_text(max(seen))} in its first steps); "
            "probes train at constant rates instead",
        )
    if captured.schedule and len(captured.optimizers) > 1:
        captured.changed("learning rate", "the schedules of all optimizers were replaced by constant rates")
    return LoopTraining(loop, captured)


def _only(loop: OwnLoop) -> str:
    if len(loop.optimizers) > 1:
        return f"the loop trains with {len(loop.optimizers)} optimizers, whose rates change by the same factor"
    if loop.traced:
        return "the loop makes its updates inside a traced function (tf.function, train_on_batch), which holds them"
    return "the loop scales its loss for half precision" if is_loss_scaling(loop.optimizers[0]) else ""


def _check_zero_rate(training: LoopTraining) -> None:
    """Raises `UncontrollableOptimizer` where weights move although every rate is 0."""
    loop = training.loop
    null = Probe(optimizer=SCRIPT, learning_rate=0.0, batch_size=1, seed=0, steps=_ZERO_STEPS)
    recorder = CurveRecorder(steps=_ZERO_STEPS, progress=lambda _: None)
    try:
        training.train(training.begin(null), recorder, validate=False)
    except Exception:
        if not loop.ended:
            raise
    if loop.ended:
        return
    moved = [
        path_of(variable)
        for variable in loop.trained.values()
        if (read(variable) != training.captured.state.value(variable)).any()
    ]
    if moved:
        raise UncontrollableOptimizer(
            f"{_names(loop)}: with a learning rate of 0, {plural(len(moved), 'variable')} of {len(loop.trained)} "
            f"changed all the same ({', '.join(moved[:3])})"
        )
