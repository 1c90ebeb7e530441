"""The one question that a search answers: which probes come next?"""

from abc import ABC, abstractmethod

from sweeper.probes import Probe
from sweeper.space import Space
from sweeper.verdict import Judged


class AbstractSearch(ABC):
    """A way to choose the probes of a run. It keeps no state: what is known is handed to it."""

    @abstractmethod
    def next_probes(self, space: Space, judged: tuple[Judged, ...]) -> tuple[Probe, ...]:
        """The probes to run next, in the order in which they are worth most; empty when the search is done.

        The answer depends on the arguments alone, so that a resumed run goes on as an undisturbed one would. With
        nothing judged it is the beginning of the search.

        Args:
            space: The axes of the map.
            judged: Every probe of the run that is finished, in any order.
        """
