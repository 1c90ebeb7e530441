"""What a search has to answer: which probes come next?"""

from abc import ABC, abstractmethod

from sweeper.probes import Probe
from sweeper.space import Space
from sweeper.verdict import Judged


class AbstractSearch(ABC):
    """A way to choose the probes of a run. It keeps no state: each call is given all finished probes."""

    @abstractmethod
    def next_probes(self, space: Space, judged: tuple[Judged, ...]) -> tuple[Probe, ...]:
        """The probes to run next, the one that is worth most first; empty when the search is done.

        The answer depends on the arguments alone, so that a resumed run goes on as an undisturbed one would. With
        nothing judged it is the beginning of the search.

        Args:
            space: The axes of the map.
            judged: Every probe of the run that is finished, in any order.
        """
