"""The optimizers of the axis in one job: which of them trains, by which traced step, at which rates."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from sweeper.capture import (
    Job,
    clip_settings,
    distribution_scope,
    make_optimizer,
    put_rate_variable,
    rate_variable,
    set_clipping,
    set_rate,
)
from sweeper.engines._step import RecordedStep
from sweeper.engines._warm_up import WarmUp, warm_up
from sweeper.probes import Probe
from sweeper.space import SCRIPT, OptimizerChoice, OptionValue

_NULL_SGD = OptimizerChoice(label="sgd of null probes", name="sgd")
_Traced: TypeAlias = tuple[str, tuple[tuple[str, OptionValue], ...]]
"""What one traced step serves: an optimizer by name with its options, at any rate and with any warm-up."""


class AxisOptimizers:
    """Puts the optimizer that a probe trains with in place, in a model whose own optimizers are known."""

    def __init__(self, job: Job, step: RecordedStep) -> None:
        self._job = job
        self._step = step
        self._choices = {SCRIPT: OptimizerChoice(label=SCRIPT, name=SCRIPT)}
        self._null = SCRIPT
        self._optimizers: dict[_Traced, list[Any]] = {_traced(self._choices[SCRIPT]): job.optimizers}
        self._functions: dict[_Traced, Any] = {}
        self._rate_variables = [(optimizer, rate_variable(optimizer)) for optimizer in job.optimizers]
        self._clipping = [(optimizer, clip_settings(optimizer)) for optimizer in job.optimizers]
        self.keep_function(SCRIPT)

    def add(self, choices: Sequence[OptimizerChoice]) -> None:
        """Registers entries of the optimizer axis by their labels."""
        self._choices |= {choice.label: choice for choice in choices}

    def use_sgd_for_null_probes(self) -> None:
        """Lets null probes train with plain SGD instead of the script's own optimizer."""
        self.add([_NULL_SGD])
        self._null = _NULL_SGD.label

    def resolved(self, probe: Probe) -> Probe:
        """The probe with the optimizer that it really uses."""
        return replace(probe, optimizer=self._null) if probe.is_null else probe

    def select(self, label: str) -> list[Any]:
        """Puts the optimizer of an entry in place and returns it (or the script's several)."""
        model, choice = self._job.model, self._choices[label]
        traced = _traced(choice)
        if traced not in self._optimizers:
            self._optimizers[traced] = self._job.optimizers if choice.name == SCRIPT else [self._made(choice)]
            self._step.renew()
        optimizers, model.train_function = self._optimizers[traced], self._functions.get(traced)
        if choice.name == SCRIPT:
            model.optimizer = self._job.compiled
            # What is traced from here on clips so: a traced step of its own for each way to clip.
            for optimizer, own in self._clipping:
                set_clipping(optimizer, dict(choice.options) or own)
        else:
            model.optimizer = optimizers[0]
        return optimizers

    def keep_function(self, label: str) -> None:
        """Keeps the train function that fit has traced for an entry."""
        self._functions[_traced(self._choices[label])] = self._job.model.train_function

    def set_rate(self, probe: Probe) -> None:
        """Sets the rate of a resolved probe."""
        optimizers = self.select(probe.optimizer)
        self._put_rate_variables()
        set_rate(optimizers, self._rates(optimizers, probe.learning_rate))

    def hold_rate(self, rate: float) -> None:
        """Sets the rate of the script's own optimizers and keeps the step that fit runs."""
        self._put_rate_variables()
        set_rate(self._job.optimizers, self._rates(self._job.optimizers, rate))

    def _put_rate_variables(self) -> None:
        """Undoes that a callback has put a schedule in the place of a rate, as it does when training begins."""
        for optimizer, variable in self._rate_variables:
            put_rate_variable(optimizer, variable)

    def warm_up(self, probe: Probe) -> WarmUp:
        """How the rate of a resolved probe rises over its first steps."""
        choice = self._choices[probe.optimizer]
        optimizers = self._optimizers[_traced(choice)]
        rates = self._rates(optimizers, probe.learning_rate)
        return warm_up(optimizers, rates, over=choice.warmup_steps, steps=probe.steps)

    def _made(self, choice: OptimizerChoice) -> Any:
        model = self._job.model
        with distribution_scope(model):
            optimizer = make_optimizer(choice, loss_scaling=self._job.loss_scaling)
            optimizer.build(model.trainable_variables)
        self._job.state.keep(optimizer.variables)
        return optimizer

    def _rates(self, optimizers: Sequence[Any], rate: float) -> list[float]:
        """The rate of each optimizer: several keep the ratios that the script gave them."""
        if len(optimizers) == 1:
            return [rate]
        first = self._job.rates[0] or 1.0
        return [rate * own / first for own in self._job.rates]


def _traced(choice: OptimizerChoice) -> _Traced:
    return choice.name, choice.options
