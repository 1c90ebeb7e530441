"""What a run probes, in two stages: its map, and once that is complete what follows from it."""

from collections.abc import Iterable, Sequence

from sweeper.followup import FollowUp, Wish
from sweeper.job import JobInfo
from sweeper.probes import Probe
from sweeper.settings import Settings
from sweeper.space import SCRIPT, OptimizerChoice, Space
from sweeper.sweep._axes import planned_cells, search_of
from sweeper.sweep._followups import expected_follow_ups, follow_ups, planned_probes, search_for
from sweeper.sweep._verdicts import within
from sweeper.verdict import Judged


class Stages:
    """The map and its follow-ups. What follows is settled once, when the map is complete.

    `settled` is what was settled before, if the run had come so far.
    """

    def __init__(
        self, settings: Settings, job: JobInfo, space: Space, *, settled: tuple[Wish, ...] | None = None
    ) -> None:
        self._settings = settings
        self._job = job
        self._space = space
        self._search = search_of(space)
        self._expected = expected_follow_ups(settings, job, space)
        self._wishes = settled

    @property
    def expected(self) -> tuple[Wish, ...]:
        """What would follow if the script's own setting were recommended."""
        return self._expected

    @property
    def follow_ups(self) -> tuple[Wish, ...] | None:
        """What follows the map; None before it is known to be complete."""
        return self._wishes

    def next_probes(self, judged: tuple[Judged, ...]) -> tuple[Probe, ...]:
        """The probes to run next, in the order in which they are worth most; empty when a stage is done."""
        if self._wishes is None:
            return self._search.next_probes(self._space, within(self._space, judged))
        parts = (wish for wish in self._wishes if isinstance(wish, FollowUp))
        probes = (one for part in parts for one in search_for(part).next_probes(part.space, within(part.space, judged)))
        return tuple(dict.fromkeys(probes))

    def settle(self, judged: tuple[Judged, ...], *, in_flight: Iterable[Probe] = ()) -> bool:
        """Settles what follows if the map is complete now; whether it did.

        Nothing follows before the last probe of the map has ended, whatever the search makes of the others.
        """
        if self._wishes is not None or any(self._space.holds(probe) for probe in in_flight):
            return False
        if self.next_probes(judged):
            return False
        self._wishes = follow_ups(self._settings, self._job, self._space, judged)
        return True

    def planned(self, judged: Sequence[Judged] = ()) -> int:
        """Probes of the map and of what follows, null probes not counted; searches are estimated."""
        following = self._expected if self._wishes is None else self._wishes
        return planned_cells(self._space, within(self._space, judged)) + planned_probes(following, judged)

    def further_worth(self) -> float:
        """What the follow-ups to come cost, in probes of the map."""
        return sum(self._worth(part) * planned_cells(part.space) for part in self._to_come())

    def extra_worth(self) -> float:
        """The same beyond their number, for those that are longer than probes of the map."""
        return sum((self._worth(part) - 1) * planned_cells(part.space) for part in self._to_come())

    def _to_come(self) -> tuple[FollowUp, ...]:
        return tuple(wish for wish in self._expected if isinstance(wish, FollowUp)) if self._wishes is None else ()

    def _worth(self, part: FollowUp) -> float:
        return part.space.steps[0] / self._space.steps_at(part.batch_size)

    def worth(self, probe: Probe) -> float:
        """What a probe costs, in probes of the map at its batch size."""
        return probe.steps / self._space.steps_at(probe.batch_size)

    def choice(self, label: str) -> OptimizerChoice:
        """The entry of the optimizer axis that a label stands for."""
        followers = (wish.space for wish in self._wishes or () if isinstance(wish, FollowUp))
        choices = {choice.label: choice for space in (*followers, self._space) for choice in space.optimizers}
        return choices.get(label, OptimizerChoice(label=SCRIPT, name=SCRIPT))
