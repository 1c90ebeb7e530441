"""What follows once a map is complete, and what that says in the end.

Which probes follow is a function of the settings, the job and the outcomes of the map alone. So a resumed run goes on
as an undisturbed one would, and follow-ups do not depend on each other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sweeper.classify import Thresholds as VerdictThresholds
from sweeper.config import make_choice
from sweeper.followup import FollowUp, FollowUpsRead, LeftOut, OverfitReport, Purpose, Remedy
from sweeper.job import JobInfo
from sweeper.ranges import Recommendation
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
from sweeper.search import AbstractSearch, UnpairedGrid
from sweeper.settings import AUTO, Settings
from sweeper.space import SCRIPT, OptimizerChoice, OptionValue, Space
from sweeper.sweep._axes import planned_cells, search_of
from sweeper.sweep._verdicts import MapReading, read_map, within
from sweeper.text import plural
from sweeper.verdict import Judged

Wish: TypeAlias = FollowUp | LeftOut
"""What came of a wish for a follow-up."""

_NUMBERS = FollowUpThresholds()
_SETTINGS = {Purpose.WARMUP: "warmup", Purpose.CLIPNORM: "global_clipnorm"}
"""The setting on the optimizer axis that a remedy is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """Where follow-ups start from."""

    choice: OptimizerChoice
    batch_size: int
    learning_rate: float | None
    """None when no rate is safe."""


def follow_ups(settings: Settings, job: JobInfo, space: Space, judged: Sequence[Judged]) -> tuple[Wish, ...]:
    """What follows a complete map, in the order in which it was asked for."""
    if not _asked(settings):
        return ()
    advice = read_map(job, space, judged).recommendation
    return _wishes(settings, job, space, judged, _start(advice, job, space))


def expected_follow_ups(settings: Settings, job: JobInfo, space: Space) -> tuple[Wish, ...]:
    """What would follow if the script's own setting were recommended: as much as can be told before the map."""
    setting = replace(_own_setting(job, space), learning_rate=space.learning_rates[0])
    return _wishes(settings, job, space, None, setting)


def search_for(follow_up: FollowUp) -> AbstractSearch:
    """The search that a follow-up's space is made for."""
    return UnpairedGrid() if follow_up.purpose is Purpose.OVERFIT else search_of(follow_up.space)


def planned_probes(wishes: Sequence[Wish], judged: Sequence[Judged] = ()) -> int:
    """Probes that follow in all, null probes not counted; of a boundary search as far as `judged` tells."""
    return sum(planned_cells(wish.space, within(wish.space, judged)) for wish in wishes if isinstance(wish, FollowUp))


def wish_text(wish: Wish) -> str:
    """A follow-up in words."""
    if isinstance(wish, LeftOut):
        return f"--{wish.purpose} is left out: {wish.why}"
    where = f"{wish.optimizer} at batch size {wish.batch_size}"
    if wish.purpose is Purpose.OVERFIT:
        return f"one training of {plural(wish.space.steps[0], 'step')} with {where}, to see whether it overfits"
    name = remedy_name(wish.purpose, wish.value)
    return f"the row of {where} once more: {name[0].lower()}{name[1:]}"


def read_follow_ups(
    wishes: Sequence[Wish] | None, settings: Settings, job: JobInfo, space: Space, judged: Sequence[Judged]
) -> FollowUpsRead:
    """What follow-ups said; `wishes` is None before the map is complete."""
    if wishes is None:
        why = "the run ended before the map was complete"
        wishes = tuple(LeftOut(purpose=purpose, why=why) for purpose in _asked(settings))
    mapped = read_map(job, space, judged)
    overfit = [_overfit_report(wish, mapped, job, judged) for wish in wishes if wish.purpose is Purpose.OVERFIT]
    remedies = [_remedy(wish, mapped, job, judged) for wish in wishes if wish.purpose is not Purpose.OVERFIT]
    return FollowUpsRead(
        overfit=overfit[0] if overfit else None,
        remedies=tuple(remedies),
        purposes=_purposes(space, wishes, judged),
    )


def _purposes(space: Space, wishes: Sequence[Wish], judged: Sequence[Judged]) -> Mapping[str, Purpose]:
    """What each finished probe is for, by its id; a null probe that serves the map too is of the map."""
    parts = [(Purpose.MAP, space), *((wish.purpose, wish.space) for wish in wishes if isinstance(wish, FollowUp))]
    probes = [one.outcome.probe for one in judged]
    return {probe.id: purpose for purpose, part in reversed(parts) for probe in probes if part.holds(probe)}


def _asked(settings: Settings) -> tuple[Purpose, ...]:
    asked = {
        Purpose.OVERFIT: settings.overfit,
        Purpose.WARMUP: settings.warmup is not None,
        Purpose.CLIPNORM: settings.clipnorm is not None,
    }
    return tuple(purpose for purpose, wanted in asked.items() if wanted)


def _start(advice: Recommendation, job: JobInfo, space: Space) -> _Setting:
    if advice.optimizer is None or advice.learning_rate is None or advice.batch_size is None:
        return _own_setting(job, space)
    choice = next(choice for choice in space.optimizers if choice.label == advice.optimizer)
    rate = float(f"{advice.learning_rate:.6g}")
    return _Setting(choice=choice, batch_size=advice.batch_size, learning_rate=rate)


def _own_setting(job: JobInfo, space: Space) -> _Setting:
    """The script's own optimizer and batch size, or what is nearest to them on the map."""
    own = [choice for choice in space.optimizers if choice.label == SCRIPT]
    size = min(space.batch_sizes, key=lambda size: abs(math.log(size / job.batch_size)))
    return _Setting(choice=(*own, *space.optimizers)[0], batch_size=size, learning_rate=None)


def _wishes(
    settings: Settings, job: JobInfo, space: Space, judged: Sequence[Judged] | None, setting: _Setting
) -> tuple[Wish, ...]:
    return tuple(
        _overfit(job, space, setting)
        if purpose is Purpose.OVERFIT
        else _again(purpose, settings, space, judged, setting)
        for purpose in _asked(settings)
    )


def _overfit(job: JobInfo, space: Space, setting: _Setting) -> Wish:
    if setting.learning_rate is None:
        return LeftOut(purpose=Purpose.OVERFIT, why="no setting is known to be safe")
    size = setting.batch_size
    probe_steps = space.steps_at(size)
    why = why_no_overfit(
        job, batch_size=size, probe_steps=probe_steps, needed_passes=VerdictThresholds().overfit_passes
    )
    if why:
        return LeftOut(purpose=Purpose.OVERFIT, why=why)
    axes = Space(
        optimizers=(setting.choice,),
        learning_rates=(setting.learning_rate,),
        batch_sizes=(size,),
        seeds=space.seeds[:1],
        steps=(overfit_steps(job, batch_size=size, probe_steps=probe_steps),),
    )
    return FollowUp(purpose=Purpose.OVERFIT, space=axes, optimizer=setting.choice.label)


def _again(
    purpose: Purpose, settings: Settings, space: Space, judged: Sequence[Judged] | None, setting: _Setting
) -> Wish:
    """The row of a setting with a remedy; before the map is complete, `judged` is None and no norm is known."""
    size = setting.batch_size
    asked = settings.warmup if purpose is Purpose.WARMUP else settings.clipnorm
    value: float | None = None if asked == AUTO else asked
    if value is None:
        value = _warmup(space, size) if purpose is Purpose.WARMUP else _norm(space, judged, setting)
    if value is None:
        return LeftOut(purpose=purpose, why="no probe of its row trains well and tells the norm of its gradients")
    if purpose is Purpose.WARMUP and value >= space.steps_at(size):
        why = f"{value:g} steps are no less than the {space.steps_at(size)} of a probe; raise --steps"
        return LeftOut(purpose=purpose, why=why)
    try:
        choice = _with_setting(setting.choice, _SETTINGS[purpose], value)
    except ValueError as error:
        return LeftOut(purpose=purpose, why=str(error))
    if any(other.label == choice.label for other in space.optimizers):
        return LeftOut(purpose=purpose, why=f"{choice.label} is on the map already")
    axes = replace(space, optimizers=(choice,), batch_sizes=(size,), steps=(space.steps_at(size),), script=None)
    told = None if purpose is Purpose.CLIPNORM and judged is None and asked == AUTO else value
    return FollowUp(purpose=purpose, space=axes, optimizer=setting.choice.label, value=told)


def _warmup(space: Space, batch_size: int) -> int:
    return max(1, round(_NUMBERS.warmup_share * space.steps_at(batch_size)))


def _norm(space: Space, judged: Sequence[Judged] | None, setting: _Setting) -> float | None:
    """The norm to clip to; 1 stands for it before the map is complete."""
    if judged is None:
        return 1.0
    row = replace(
        space,
        optimizers=(setting.choice,),
        batch_sizes=(setting.batch_size,),
        steps=(space.steps_at(setting.batch_size),),
    )
    rate = setting.learning_rate or math.sqrt(space.learning_rates[0] * space.learning_rates[-1])
    return clip_norm(within(row, judged), rate)


def _with_setting(choice: OptimizerChoice, name: str, value: float) -> OptimizerChoice:
    """An entry of the optimizer axis with one more setting; raises `ValueError` when it cannot have that."""
    settings: dict[str, OptionValue] = dict(choice.options)
    if choice.warmup_steps:
        settings["warmup"] = choice.warmup_steps
    if name in settings:
        raise ValueError(f"{choice.label} has one already")
    settings[name] = int(value) if name == _SETTINGS[Purpose.WARMUP] else value
    return make_choice(choice.name, settings)


def _overfit_report(wish: Wish, mapped: MapReading, job: JobInfo, judged: Sequence[Judged]) -> OverfitReport:
    if isinstance(wish, LeftOut):
        return unknown_overfit(wish.why)
    found = [one for one in within(wish.space, judged) if not one.outcome.probe.is_null]
    return read_overfit(mapped.recommendation, found[0] if found else None, job, steps=wish.space.steps[0])


def _remedy(wish: Wish, mapped: MapReading, job: JobInfo, judged: Sequence[Judged]) -> Remedy:
    if isinstance(wish, LeftOut):
        return Remedy(purpose=wish.purpose, sentence=f"{remedy_name(wish.purpose, None)} was left out: {wish.why}.")
    mine = within(wish.space, judged)
    before = next(row for row in mapped.rows if (row.optimizer, row.batch_size) == (wish.optimizer, wish.batch_size))
    if search_for(wish).next_probes(wish.space, mine):
        name = remedy_name(wish.purpose, wish.value)
        return Remedy(purpose=wish.purpose, sentence=f"{name}: the run ended before that row was known.")
    (after,) = read_map(job, wish.space, judged).rows
    is_own = (wish.optimizer, wish.batch_size) == (SCRIPT, job.batch_size)
    own_rate = job.optimizer.learning_rate if is_own else None
    return read_remedy(wish, before=before, after=after, judged=mine, own_rate=own_rate)
