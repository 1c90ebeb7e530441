"""Trainings of a job over rates from far too low to far too high, and the truth about each, from held-out samples.

Nothing of the truth is read off the loss curve that is judged, except that a loss which is not finite has failed and
that a slow training must have moved at all:

- *failed*: at the rate that learns best or above it, predictions of held-out samples are no better than one constant,
  at the end and after three times as many epochs; or a network built dead has come to predict the best constant.
- *sound*: they make at least 0.3 of what the best rate makes, and most of what the training had made by then, and the
  held-out loss is lower than that of the best constant.
- *slow*: below the best rate, not yet sound, better after three times as many epochs, and the loss fell by 2% or more.
- what lies between these is not counted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from foreign_curves_parts import nets
from foreign_curves_parts.jobs import Job
from foreign_curves_parts.nets import Array, Net, updates

RATES = {
    "sgd": np.geomspace(1e-4, 1e3, 15),
    "momentum": np.geomspace(1e-5, 1e2, 15),
    "adam": np.geomspace(1e-6, 1e1, 15),
}
HELD_OUT = 0.25
LONGER = 3
PLAIN = 0.3
"""A skill that makes longer training needless: the run has learnt."""
AT_CONSTANT = 0.02
NO_SKILL, OF_BEST, OF_OWN, MOVED = 0.05, 0.3, 0.7, 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One training: its two curves, and what its predictions were worth."""

    job: str
    classes: int
    name: str
    rate: float
    dead: bool
    by_epoch: tuple[float, ...]
    by_step: tuple[float, ...]
    skills: tuple[float, ...]
    """After each epoch: 0 is no better than a constant, 1 is perfect."""
    later: float
    """The same after three times as many epochs."""
    below: float
    """How far the held-out loss at the end lies below that of the best constant, as a part of it."""
    truth: str = ""


def runs_of(job: Job, *, seed: int, repeats: int) -> tuple[Run, ...]:
    """All trainings of a job with their truth."""
    found = []
    for repeat in range(repeats):
        random = np.random.default_rng([seed, repeat])
        x, y = job.data(random)
        rates = [(float(rate), False) for rate in RATES[job.optimizer]]
        dead = [(rate, True) for rate, _ in rates[4:9:4]] if job.shape.activation == "relu" else []
        group = [_train(job, x, y, rate, dead=is_dead, seed=(seed, repeat)) for rate, is_dead in (*rates, *dead)]
        best = max((run for run in group if not run.dead), key=lambda run: run.skills[-1])
        found += [replace(run, truth=_truth(run, best), name=f"{run.name} {repeat}") for run in group]
    return tuple(found)


def _truth(run: Run, best: Run) -> str:
    end = run.skills[-1]
    if not all(map(math.isfinite, run.by_epoch)):
        return "failed"
    if run.dead:
        return "failed" if abs(run.below) < AT_CONSTANT else ""
    if end < NO_SKILL and run.later < NO_SKILL and run.rate >= best.rate:
        return "failed"
    if run.below > 0.0 and end >= OF_BEST * best.skills[-1] and end >= OF_OWN * max(run.skills):
        return "sound"
    first, last = run.by_epoch[0], run.by_epoch[-1]
    fell = last < first - MOVED * abs(first)
    return "slow" if run.rate < best.rate and run.later > end and fell else ""


def _train(job: Job, x: Array, y: Array, rate: float, *, dead: bool, seed: tuple[int, int]) -> Run:
    random = np.random.default_rng([*seed, 1])
    held = int(len(x) * HELD_OUT)
    x, held_x, y, held_y = x[held:], x[:held], y[held:], y[:held]
    net = Net(replace(job.shape, dead=dead), x.shape[1], job.classes or y.shape[1], random)
    move = updates(net, job.optimizer, rate)
    next(move)
    by_step: list[float] = []
    by_epoch: list[float] = []
    below = 0.0
    skills: list[float] = []
    for epoch in range(LONGER * job.epochs):
        losses = []
        order = random.permutation(len(x))
        for begin in range(0, len(x) - job.batch + 1, job.batch):
            rows = order[begin : begin + job.batch]
            out, kept = net.outputs(x[rows], training=True)
            loss, gradient = job.loss(out, y[rows])
            losses.append(loss + net.penalty())
            if math.isfinite(losses[-1]):
                move.send(net.gradients(gradient, kept))
        if epoch < job.epochs:
            by_step += losses
            by_epoch.append(float(np.mean(losses)))
            skills.append(_skill(job, net, held_x, held_y, y))
            below = _below(job, net, held_x, held_y, y)
        if not math.isfinite(losses[-1]) or (len(skills) == job.epochs and skills[-1] > PLAIN):
            break
    later = _skill(job, net, held_x, held_y, y)
    return Run(
        job=job.name,
        classes=job.classes,
        name=f"{'dead ' if dead else ''}{rate:.2g}",
        rate=rate,
        dead=dead,
        by_epoch=tuple(by_epoch),
        by_step=tuple(by_step),
        skills=tuple(skills),
        later=later,
        below=below,
    )


def _skill(job: Job, net: Net, x: Array, y: Array, trained: Array) -> float:
    """How much better predictions of held-out samples are than the best constant of the trained ones."""
    out, _ = net.outputs(x)
    if not np.isfinite(out).all():
        return -1.0
    if job.classes:
        return _better((out.argmax(axis=1) != y.ravel()).mean(), (y != _commonest(trained)).mean())
    if job.loss in {nets.sigmoid_loss, nets.hinge_loss}:
        middle = 0.5 if job.loss is nets.sigmoid_loss else 0.0
        usual = trained.mean(axis=0) > middle
        return _better(((out > 0.0) != (y > middle)).mean(), ((y > middle) != usual).mean())
    if job.loss is nets.absolute_loss:
        return _better(np.abs(out - y).mean(), np.abs(y - np.median(trained, axis=0)).mean())
    values = np.exp(np.minimum(out, 50.0)) if job.loss is nets.poisson_loss else out
    return _better(((values - y) ** 2).mean(), ((y - trained.mean(axis=0)) ** 2).mean())


def _below(job: Job, net: Net, x: Array, y: Array, trained: Array) -> float:
    loss, _ = job.loss(net.outputs(x)[0], y)
    constant, _ = job.loss(np.repeat(_constant(job, trained), len(y), axis=0), y)
    return float((constant - loss) / abs(constant)) if math.isfinite(loss) else -math.inf


def _constant(job: Job, trained: Array) -> Array:
    """The outputs that are best if they are the same for all inputs."""
    mean = trained.mean(axis=0, keepdims=True)
    if job.classes:
        counts = np.bincount(trained.astype(int).ravel(), minlength=job.classes) + 1.0
        return np.log(counts / counts.sum())[None, :]
    if job.loss is nets.sigmoid_loss:
        return np.log(mean / (1.0 - mean))
    if job.loss is nets.poisson_loss:
        return np.log(mean)
    if job.loss is nets.hinge_loss:
        return np.where(mean > 0.0, 1.0, -1.0)
    return np.median(trained, axis=0, keepdims=True) if job.loss is nets.absolute_loss else mean


def _commonest(trained: Array) -> float:
    values, counts = np.unique(trained, return_counts=True)
    return float(values[counts.argmax()])


def _better(wrong: float, constant: float) -> float:
    return float(1.0 - wrong / constant) if constant > 0.0 else 0.0


def all_runs(jobs: Sequence[Job], *, seed: int, repeats: int) -> tuple[Run, ...]:
    """All trainings of a set of jobs; numbers that overflow are what is studied."""
    with np.errstate(all="ignore"):
        return tuple(run for place, job in enumerate(jobs) for run in runs_of(job, seed=seed + place, repeats=repeats))
