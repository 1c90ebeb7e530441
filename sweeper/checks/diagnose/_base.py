"""What a check is: a pure function from facts to a finding, None, or the reason why it does not apply.

Everything about a check stands where it is defined:

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

from sweeper.checks.diagnose._facts import Facts, Raised
from sweeper.findings import Finding, FindingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplicable:
    """The answer of a check that cannot be made on these facts, with the reason."""

    why: str


Answer: TypeAlias = Finding | NotApplicable | None


class Rank(IntEnum):
    """How likely a finding is the cause of a failure, the likeliest first."""

    REFUSED = auto()
    """Fit refuses it, or every loss is NaN."""
    WRONG = auto()
    """The training cannot succeed, or learns something else than was meant."""
    HARMFUL = auto()
    """The training is slow, or its result is worth little."""
    SUSPECT = auto()
    """The first update, the design of the model or the labels themselves look as if nothing could be learned."""
    SIGN = auto()
    """It shows that something is wrong, but not what."""
    MINOR = auto()
    """It is worth knowing, but hardly the cause of a failure."""


class Role(Enum):
    """Whether a finding is a cause or a symptom of what the first steps look like."""

    CAUSE = auto()
    """It explains what the first steps look like."""
    SYMPTOM = auto()
    """It is what the first steps look like; left out where a cause is found."""
    INDEPENDENT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check for one fault in a script, its data or its model."""

    finds: tuple[FindingKind, ...]
    """The kinds of finding that it can return; the first gives the check its code."""
    about: str
    """What it looks at, in a few words."""
    look: Callable[[Facts], Answer]
    rank: Rank
    role: Role
    explains: tuple[FindingKind, ...]
    """Kinds of finding from an exception that this check replaces where it finds something: it knows the reason."""

    @property
    def code(self) -> str:
        """The code of the check: that of the first kind of its findings."""
        return self.finds[0].code

    def says_more_than(self, explained: Finding) -> bool:
        """Whether a finding of this check explains an exception better than the finding from its message."""
        return any(kind.code == explained.code for kind in (*self.finds, *self.explains))


def check(
    *finds: FindingKind,
    about: str,
    rank: Rank,
    role: Role = Role.INDEPENDENT,
    explains: tuple[FindingKind, ...] = (),
) -> Callable[[Callable[[Facts], Answer]], Check]:
    """A decorator that turns a function of the facts into a check."""

    def made(look: Callable[[Facts], Answer]) -> Check:
        return Check(finds=finds, about=about, look=look, rank=rank, role=role, explains=explains)

    return made


Wording: TypeAlias = Callable[[Match[str], Raised], tuple[str, str]]
"""A function from the match in an exception's message to title and remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One cause that an exception can have, and the pattern of messages by which it is recognised."""

    kind: FindingKind
    pattern: str
    """Regular expression, searched in `Kind: message` over all lines."""
    say: Wording
    line: str = ""
    """Regular expression that must be found in the user's own line too."""
    after_fit: bool = False
    """Whether it also explains exceptions after fit: it cannot come from having trained for a few steps only."""


def always(title: str, remedy: str) -> Wording:
    """A wording whose title and remedy do not depend on the message."""
    return lambda _match, _raised: (title, remedy)
