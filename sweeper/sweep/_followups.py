"""What follows once a map is complete, and what that says in the end.

Which probes follow is a function of the settings, the job and the outcomes of the map alone. So a resumed run goes on
as an undisturbed one would, and follow-ups do not depend on each other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sweeper.classify import VerdictThresholds
from sweeper.followup import FollowUp, FollowUpPlan, FollowUpsRead, OverfitReport, Purpose, Remedy, SkippedFollowUp
from sweeper.job import JobInfo
from sweeper.ranges import Row
from sweeper.recommend import (
    FollowUpThresholds,
    clip_norm,
    overfit_steps,
    read_overfit,
    read_remedy,
    remedy_name,
    unknown_overfit,
    why_no_overfit,
)
from sweeper.search import AbstractSearch, GridWithoutNulls
from sweeper.settings import AUTO, Settings, make_choice
from sweeper.space import SCRIPT, OptimizerChoice, OptionValue, Space
from sweeper.sweep._axes import planned_map_probes, search_of
from sweeper.sweep._verdicts import read_map, within
from sweeper.text import plural
from sweeper.verdict import Judged

_NUMBERS = FollowUpThresholds()
_SETTINGS = {Purpose.WARMUP: "warmup", Purpose.CLIPNORM: "global_clipnorm"}
"""The setting on the optimizer axis that a remedy is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """The setting that follow-ups start from, and everything that decides which they are."""

    settings: Settings
    job: JobInfo
    space: Space
    """The axes of the map."""
    judged: Sequence[Judged] | None
    """The finished probes; None before the map is complete."""
    choice: OptimizerChoice
    batch_size: int
    learning_rate: float | None
    """None when no rate is stable."""

    @property
    def steps(self) -> int:
        """Updates of a probe of the map."""
        return self.space.steps_at(self.batch_size)


def follow_ups(settings: Settings, job: JobInfo, space: Space, judged: Sequence[Judged]) -> tuple[FollowUpPlan, ...]:
    """The follow-ups of a complete map, in the order in which they were asked for."""
    if not _asked(settings):
        return ()
    start = replace(_own_setting(settings, job, space), judged=judged, learning_rate=None)
    advice = read_map(job, space, judged, job_steps=settings.job_steps).recommendation
    if advice.optimizer is not None and advice.learning_rate is not None and advice.batch_size is not None:
        choice = next(choice for choice in space.optimizers if choice.label == advice.optimizer)
        rate = float(f"{advice.learning_rate:.6g}")
        start = replace(start, choice=choice, batch_size=advice.batch_size, learning_rate=rate)
    return tuple(_plan(purpose, start) for purpose in _asked(settings))


def expected_follow_ups(settings: Settings, job: JobInfo, space: Space) -> tuple[FollowUpPlan, ...]:
    """The follow-ups if the script's own setting were recommended: as much as is known before the map."""
    start = _own_setting(settings, job, space)
    return tuple(_plan(purpose, start) for purpose in _asked(settings))


def search_for(follow_up: FollowUp) -> AbstractSearch:
    """The search that chooses the probes of a follow-up."""
    return GridWithoutNulls() if follow_up.purpose is Purpose.OVERFIT else search_of(follow_up.space)


def planned_probes(plans: Sequence[FollowUpPlan], judged: Sequence[Judged] = ()) -> int:
    """How many probes follow-ups take, null probes not counted; an estimate where they are searched."""
    return sum(
        planned_map_probes(plan.space, within(plan.space, judged)) for plan in plans if isinstance(plan, FollowUp)
    )


def plan_text(plan: FollowUpPlan) -> str:
    """A follow-up in words."""
    if isinstance(plan, SkippedFollowUp):
        return f"--{plan.purpose} is left out: {plan.why}"
    where = f"{plan.optimizer} at batch size {plan.batch_size}"
    if plan.purpose is Purpose.OVERFIT:
        return f"one training of {plural(plan.space.steps[0], 'step')} with {where}, to see whether it overfits"
    name = remedy_name(plan.purpose, plan.value)
    return f"the row of {where} once more: {name[0].lower()}{name[1:]}"


def read_follow_ups(
    plans: Sequence[FollowUpPlan] | None, settings: Settings, job: JobInfo, space: Space, judged: Sequence[Judged]
) -> FollowUpsRead:
    """The results of follow-ups; `plans` is None before the map is complete."""
    if plans is None:
        why = "the run ended before the map was complete"
        plans = tuple(SkippedFollowUp(purpose=purpose, why=why) for purpose in _asked(settings))
    overfit = [_overfit_report(plan, job, judged) for plan in plans if plan.purpose is Purpose.OVERFIT]
    others = [plan for plan in plans if plan.purpose is not Purpose.OVERFIT]
    rows = read_map(job, space, judged, job_steps=settings.job_steps).rows if others else ()
    remedies = [_remedy(plan, rows, job, judged, settings) for plan in others]
    return FollowUpsRead(
        overfit=overfit[0] if overfit else None,
        remedies=tuple(remedies),
        purposes=_purposes(space, plans, judged),
    )


def _purposes(space: Space, plans: Sequence[FollowUpPlan], judged: Sequence[Judged]) -> Mapping[str, Purpose]:
    """What each finished probe is for, by its id; a null probe that serves the map too is of the map."""
    parts = [(Purpose.MAP, space), *((plan.purpose, plan.space) for plan in plans if isinstance(plan, FollowUp))]
    probes = [one.outcome.probe for one in judged]
    return {probe.id: purpose for purpose, part in reversed(parts) for probe in probes if part.holds(probe)}


def _asked(settings: Settings) -> tuple[Purpose, ...]:
    asked = {
        Purpose.OVERFIT: settings.overfit,
        Purpose.WARMUP: settings.warmup is not None,
        Purpose.CLIPNORM: settings.clipnorm is not None,
    }
    return tuple(purpose for purpose, wanted in asked.items() if wanted)


def _own_setting(settings: Settings, job: JobInfo, space: Space) -> _Start:
    """The script's own optimizer and batch size, or what is nearest to them on the map; its rate does not matter."""
    own = [choice for choice in space.optimizers if choice.label == SCRIPT]
    return _Start(
        settings=settings,
        job=job,
        space=space,
        judged=None,
        choice=(*own, *space.optimizers)[0],
        batch_size=min(space.batch_sizes, key=lambda size: abs(math.log(size / job.batch_size))),
        learning_rate=space.learning_rates[0],
    )


def _plan(purpose: Purpose, start: _Start) -> FollowUpPlan:
    return _overfit(start) if purpose is Purpose.OVERFIT else _again(purpose, start)


def _overfit(start: _Start) -> FollowUpPlan:
    if start.learning_rate is None:
        return SkippedFollowUp(purpose=Purpose.OVERFIT, why="no setting is known to be stable")
    size, needed = start.batch_size, VerdictThresholds().overfit_passes
    why = why_no_overfit(start.job, batch_size=size, probe_steps=start.steps, needed_passes=needed)
    if why:
        return SkippedFollowUp(purpose=Purpose.OVERFIT, why=why)
    axes = Space(
        optimizers=(start.choice,),
        learning_rates=(start.learning_rate,),
        batch_sizes=(size,),
        seeds=start.space.seeds[:1],
        steps=(overfit_steps(start.job, batch_size=size, probe_steps=start.steps),),
    )
    return FollowUp(purpose=Purpose.OVERFIT, space=axes, optimizer=start.choice.label)


def _again(purpose: Purpose, start: _Start) -> FollowUpPlan:
    """The plan to probe the row of a setting again with a remedy."""
    clips = purpose is Purpose.CLIPNORM
    asked = start.settings.clipnorm if clips else start.settings.warmup
    found = asked if asked != AUTO else _norm(start) if clips else _warmup(start)
    choice = _changed_choice(purpose, start, found)
    if isinstance(choice, str):
        return SkippedFollowUp(purpose=purpose, why=choice)
    axes = replace(
        start.space, optimizers=(choice,), batch_sizes=(start.batch_size,), steps=(start.steps,), script=None
    )
    unknown = clips and asked == AUTO and start.judged is None
    value = None if unknown else found
    return FollowUp(purpose=purpose, space=axes, optimizer=start.choice.label, value=value)


def _changed_choice(purpose: Purpose, start: _Start, value: float | None) -> OptimizerChoice | str:
    """The entry of the optimizer axis with a remedy, or why there is none, as the end of a sentence."""
    if value is None:
        return "no probe of its row trains well and tells the norm of its gradients"
    if purpose is Purpose.CLIPNORM and start.job.optimizer.only:
        return f"its clipping cannot be changed: {start.job.optimizer.only}"
    if purpose is Purpose.WARMUP and value >= start.steps:
        return f"{value:g} steps are no less than the {start.steps} of a probe; raise --steps"
    try:
        choice = _with_setting(start.choice, _SETTINGS[purpose], value)
    except ValueError as error:
        return str(error)
    on_map = any(other.label == choice.label for other in start.space.optimizers)
    return f"{choice.label} is on the map already" if on_map else choice


def _warmup(start: _Start) -> int:
    return max(1, round(_NUMBERS.warmup_share * start.steps))


def _norm(start: _Start) -> float | None:
    """The norm to clip gradients to; 1 as a placeholder before the map is complete."""
    if start.judged is None:
        return 1.0
    row = replace(start.space, optimizers=(start.choice,), batch_sizes=(start.batch_size,), steps=(start.steps,))
    rates = start.space.learning_rates
    return clip_norm(within(row, start.judged), start.learning_rate or math.sqrt(rates[0] * rates[-1]))


def _with_setting(choice: OptimizerChoice, name: str, value: float) -> OptimizerChoice:
    """An entry of the optimizer axis with one more setting; raises `ValueError` when it cannot have that."""
    settings: dict[str, OptionValue] = dict(choice.options)
    if choice.warmup_steps:
        settings[_SETTINGS[Purpose.WARMUP]] = choice.warmup_steps
    if name in settings:
        raise ValueError(f"{choice.label} has one already")
    settings[name] = int(value) if name == _SETTINGS[Purpose.WARMUP] else value
    return make_choice(choice.name, settings)


def _overfit_report(plan: FollowUpPlan, job: JobInfo, judged: Sequence[Judged]) -> OverfitReport:
    if isinstance(plan, SkippedFollowUp):
        return unknown_overfit(plan.why)
    found = [one for one in within(plan.space, judged) if not one.outcome.probe.is_null]
    return read_overfit(plan, found[0] if found else None, job)


def _remedy(
    plan: FollowUpPlan, rows: Sequence[Row], job: JobInfo, judged: Sequence[Judged], settings: Settings
) -> Remedy:
    if isinstance(plan, SkippedFollowUp):
        return Remedy(purpose=plan.purpose, sentence=f"{remedy_name(plan.purpose, None)} was left out: {plan.why}.")
    mine = within(plan.space, judged)
    before = next(row for row in rows if (row.optimizer, row.batch_size) == (plan.optimizer, plan.batch_size))
    if search_for(plan).next_probes(plan.space, mine):
        name = remedy_name(plan.purpose, plan.value)
        return Remedy(purpose=plan.purpose, sentence=f"{name}: the run ended before that row was known.")
    (after,) = read_map(job, plan.space, judged, job_steps=settings.job_steps).rows
    is_own = (plan.optimizer, plan.batch_size) == (SCRIPT, job.batch_size)
    own_rate = job.optimizer.learning_rate if is_own else None
    return read_remedy(plan, before=before, after=after, judged=_of_size(judged, plan), own_rate=own_rate)


def _of_size(judged: Sequence[Judged], plan: FollowUp) -> tuple[Judged, ...]:
    """The probes at the batch size and of the length of a follow-up."""
    probes = ((one, one.outcome.probe) for one in judged)
    size, steps = plan.batch_size, plan.space.steps[0]
    return tuple(one for one, probe in probes if (probe.batch_size, probe.steps) == (size, steps))
