"""The finished probes of a run with their verdicts, each judged once.

A verdict rests on the curve and on that of the null probe on the same batches. So a probe is judged again only when its
null probe ends after it. A probe longer than any null probe is judged by the noise and the initial level of a shorter
one, which has the same batches at first.
"""

from collections import defaultdict
from collections.abc import Iterable

from sweeper.job import JobInfo
from sweeper.probes import Outcome, Probe
from sweeper.sweep._verdicts import judge, pairing
from sweeper.verdict import Judged


def judge_all(outcomes: Iterable[Outcome], job: JobInfo) -> tuple[Judged, ...]:
    """All of them with their verdicts; null probes without one."""
    judgements = Judgements(job)
    for outcome in nulls_first(outcomes):
        judgements.add(outcome)
    return judgements.everything


def nulls_first(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes in an order in which none has to be judged twice."""
    return sorted(outcomes, key=lambda outcome: not outcome.probe.is_null)


class Judgements:
    """Finished probes by id, in the order in which they were added."""

    def __init__(self, job: JobInfo) -> None:
        self._job = job
        self._judged: dict[str, Judged] = {}
        self._nulls: dict[tuple[int, int, int], Outcome] = {}
        self._shorter: dict[tuple[int, int], Outcome] = {}
        self._without_null: defaultdict[tuple[int, int, int], list[Outcome]] = defaultdict(list)

    @property
    def everything(self) -> tuple[Judged, ...]:
        """All finished probes; the null probes without a verdict."""
        return tuple(self._judged.values())

    @property
    def done(self) -> int:
        """Finished probes, null probes not counted."""
        return len(self._judged) - len(self._nulls)

    def of(self, probe: Probe) -> Judged:
        """The verdict on a finished probe."""
        return self._judged[probe.id]

    def add(self, outcome: Outcome) -> tuple[Judged, ...]:
        """Takes in an outcome; the probes that can now be judged for good, because their null probe has ended."""
        probe = outcome.probe
        if not probe.is_null:
            self._judged[probe.id] = judged = self._judge(outcome)
            if pairing(probe) in self._nulls:
                return (judged,)
            self._without_null[pairing(probe)].append(outcome)
            return ()
        self._nulls[pairing(probe)] = outcome
        self._shorter.setdefault((probe.batch_size, probe.seed), outcome)
        self._judged[probe.id] = Judged(outcome=outcome, verdict=None)
        settled = tuple(self._judge(other) for other in self._without_null.pop(pairing(probe), ()))
        self._judged |= {judged.outcome.probe.id: judged for judged in settled}
        return settled

    def _judge(self, outcome: Outcome) -> Judged:
        probe = outcome.probe
        null = self._nulls.get(pairing(probe)) or self._shorter.get((probe.batch_size, probe.seed))
        return judge(outcome, null=None if null is None else null.curve, job=self._job)
