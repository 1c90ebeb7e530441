"""Which probes a page shows in full, with curve and evidence, when there are more than a page can hold.

Those matter most that show where verdicts change, and those that failed. All others keep their cell on the map.
"""

from itertools import pairwise
from typing import Final

from sweeper.followup import Purpose
from sweeper.probes import NULL_RATE, OutcomeKind
from sweeper.results import Probe, Results

MOST_DETAILED: Final = 700
"""Most probes in full on one page, about 3 kB each: with a map of 10,000 probes it stays below 6 MB."""


def detailed_probes(results: Results) -> frozenset[str]:
    """The ids of the probes that the page shows in full: the `MOST_DETAILED` that matter most."""
    probes = results.probes
    if len(probes) <= MOST_DETAILED:
        return frozenset(probe.id for probe in probes)
    distance = _distances(results)
    recommended = None if results.recommendation is None else results.recommendation.setting

    def rank(probe: Probe) -> tuple[int, int]:
        place = (probe.optimizer, probe.learning_rate, probe.batch_size)
        follows = probe.purpose == Purpose.OVERFIT
        if probe.learning_rate == NULL_RATE or place == recommended or follows:
            return 0, probe.seed
        failed = probe.label is None and probe.outcome != OutcomeKind.COMPLETED
        return (1 if failed else 2 + distance.get(place, 0)), probe.seed

    return frozenset(probe.id for probe in sorted(probes, key=rank)[:MOST_DETAILED])


def _distances(results: Results) -> dict[tuple[str, float, int], int]:
    """How many cells lie between each cell and the nearest change of verdict in its row."""
    found = {}
    for row in results.rows:
        verdicts = [cell.label for cell in row.cells]
        changes = [place for place, (one, other) in enumerate(pairwise(verdicts)) if one != other]
        for place, near in enumerate(_nearest(changes, len(verdicts))):
            found[row.optimizer, row.cells[place].learning_rate, row.batch_size] = near
    return found


def _nearest(changes: list[int], cells: int) -> list[int]:
    """For each cell the distance to the nearest change, which lies behind the cell of its number."""
    if not changes:
        return [cells] * cells
    return [min(max(change - place, place - change - 1) for change in changes) for place in range(cells)]
