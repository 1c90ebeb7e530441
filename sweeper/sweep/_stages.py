"""The two stages of a run: the probes of its map, then those of its follow-ups."""

from collections.abc import Iterable, Sequence

from sweeper.followup import FollowUp, FollowUpPlan
from sweeper.job import JobInfo
from sweeper.probes import Probe
from sweeper.settings import Settings
from sweeper.space import SCRIPT, OptimizerChoice, Space
from sweeper.sweep._axes import planned_map_probes, search_of
from sweeper.sweep._followups import expected_follow_ups, follow_ups, planned_probes, search_for
from sweeper.sweep._verdicts import within
from sweeper.verdict import Judged


class Stages:
    """Which probes a run still needs: those of the map, then follow-ups, which are settled once the map is complete.

    `settled` are the follow-ups that were settled before, if the run had come so far.
    """

    def __init__(
        self, settings: Settings, job: JobInfo, space: Space, *, settled: tuple[FollowUpPlan, ...] | None = None
    ) -> None:
        self._settings = settings
        self._job = job
        self._space = space
        self._search = search_of(space)
        self._expected = expected_follow_ups(settings, job, space)
        self._plans = settled

    @property
    def expected(self) -> tuple[FollowUpPlan, ...]:
        """The follow-ups that there would be if the script's own setting were recommended."""
        return self._expected

    @property
    def follow_ups(self) -> tuple[FollowUpPlan, ...] | None:
        """The follow-ups of the map; None before it is known to be complete."""
        return self._plans

    def next_probes(self, judged: tuple[Judged, ...]) -> tuple[Probe, ...]:
        """The probes to run next, the one that is worth most first; empty when a stage is done."""
        if self._plans is None:
            return self._search.next_probes(self._space, within(self._space, judged))
        parts = (plan for plan in self._plans if isinstance(plan, FollowUp))
        probes = (one for part in parts for one in search_for(part).next_probes(part.space, within(part.space, judged)))
        return tuple(dict.fromkeys(probes))

    def settle(self, judged: tuple[Judged, ...], *, in_flight: Iterable[Probe] = ()) -> bool:
        """Settles the follow-ups if the map is complete now; returns whether it did.

        No follow-up is settled before the last probe of the map has ended, even if the search asks for no other probe.
        """
        if self._plans is not None or any(self._space.holds(probe) for probe in in_flight):
            return False
        if self.next_probes(judged):
            return False
        self._plans = follow_ups(self._settings, self._job, self._space, judged)
        return True

    def planned(self, judged: Sequence[Judged] = ()) -> int:
        """How many probes the map and its follow-ups take, null probes not counted; an estimate for searches."""
        following = self._expected if self._plans is None else self._plans
        return planned_map_probes(self._space, within(self._space, judged)) + planned_probes(following, judged)

    def follow_up_cost(self) -> float:
        """What the follow-ups cost before they are settled, in probes of the map."""
        return sum(self._cost(part) * planned_map_probes(part.space) for part in self._to_come())

    def extra_follow_up_cost(self) -> float:
        """What the follow-ups cost beyond their number, in probes of the map, since some are longer than those."""
        return sum((self._cost(part) - 1) * planned_map_probes(part.space) for part in self._to_come())

    def _to_come(self) -> tuple[FollowUp, ...]:
        return tuple(plan for plan in self._expected if isinstance(plan, FollowUp)) if self._plans is None else ()

    def _cost(self, part: FollowUp) -> float:
        return part.space.steps[0] / self._space.steps_at(part.batch_size)

    def cost(self, probe: Probe) -> float:
        """What a probe costs, in probes of the map at its batch size: the ratio of their steps."""
        return probe.steps / self._space.steps_at(probe.batch_size)

    def choice(self, label: str) -> OptimizerChoice:
        """The entry of the optimizer axis that a label stands for."""
        followers = (plan.space for plan in self._plans or () if isinstance(plan, FollowUp))
        choices = {choice.label: choice for space in (*followers, self._space) for choice in space.optimizers}
        return choices.get(label, OptimizerChoice(label=SCRIPT, name=SCRIPT))
