"""What a check is: a pure function of the facts that answers with a finding, nothing, or why it cannot tell.

All that is known of a check is said where it is defined:

```
@check(UNSCALED_INPUTS, about="scale of the inputs", rank=Rank.HARMFUL, role=Role.CAUSE)
def scaled_inputs(facts: Facts) -> Answer:
    ...
    return UNSCALED_INPUTS.found(evidence="x: 0 to 255", remedy="Divide the pixels by 255.")
```
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from re import Match
from typing import TypeAlias

from sweeper.diagnose._facts import Facts, Raised
from sweeper.findings import Finding, FindingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplicable:
    """A check that cannot be made on these facts."""

    why: str


Answer: TypeAlias = Finding | NotApplicable | None


class Rank(IntEnum):
    """How likely it is that a finding is the cause of a failure, the likeliest first."""

    REFUSED = auto()
    """Fit refuses it, or every loss is NaN."""
    WRONG = auto()
    """The training cannot succeed, or learns something else than was meant."""
    HARMFUL = auto()
    """The training is slow, or its result is worth little."""
    SUSPECT = auto()
    """The first update, the design of the model or the labels themselves look as if nothing could be learned."""
    SIGN = auto()
    """It shows that something is wrong rather than what."""
    MINOR = auto()
    """It is worth knowing, but hardly the cause of a failure."""


class Role(Enum):
    """What a finding has to do with others."""

    CAUSE = auto()
    """It explains what the first steps look like."""
    SYMPTOM = auto()
    """It is what the first steps look like; left out where a cause is found."""
    INDEPENDENT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that can be wrong."""

    finds: tuple[FindingKind, ...]
    """Kinds of its findings; the first gives the check its code."""
    about: str
    """What is looked at, in a few words."""
    look: Callable[[Facts], Answer]
    rank: Rank
    role: Role
    explains: tuple[FindingKind, ...]
    """What an exception can seem to mean for which this check, where it finds something, gives a better reason."""

    @property
    def code(self) -> str:
        """The code of the kind of its findings, of the first where there are several."""
        return self.finds[0].code

    def says_more_than(self, explained: Finding) -> bool:
        """Whether its findings are a better reason for an exception than what the exception seems to mean."""
        return any(kind.code == explained.code for kind in (*self.finds, *self.explains))


def check(
    *finds: FindingKind,
    about: str,
    rank: Rank,
    role: Role = Role.INDEPENDENT,
    explains: tuple[FindingKind, ...] = (),
) -> Callable[[Callable[[Facts], Answer]], Check]:
    """A decorator that makes a check of a function of the facts."""

    def made(look: Callable[[Facts], Answer]) -> Check:
        return Check(finds=finds, about=about, look=look, rank=rank, role=role, explains=explains)

    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A check that could not be made, and why."""

    code: str
    about: str
    why: str


Say: TypeAlias = Callable[[Match[str], Raised], tuple[str, str]]
"""From what a pattern found in a message to title and remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that an exception can mean."""

    kind: FindingKind
    pattern: str
    """Of `Kind: message`, over all lines."""
    say: Say
    line: str = ""
    """A pattern that the person's own line must show, too."""
    after_fit: bool = False
    """Whether it counts in what is done with a model after fit, too: that it has trained for a few steps only does not
    bring it about."""


def always(title: str, remedy: str) -> Say:
    """A title and a remedy that do not depend on the message."""
    return lambda _match, _raised: (title, remedy)
