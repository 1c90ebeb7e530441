"""Findings: faults in the script, the data, the model or the set-up, each with what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """The rank of the severity, 0 for the worst."""
        return list(Severity).index(self)


FAIL_ON_NEVER = "never"
"""A level for `fails` that no finding reaches."""


def fails(findings: "Iterable[Finding]", level: str) -> bool:
    """Whether there is a finding of this severity or a worse one."""
    return level != FAIL_ON_NEVER and any(finding.severity.rank <= Severity(level).rank for finding in findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault, or something to know before the long job, with its evidence and a remedy."""

    code: str
    """Stable, such as `SW001`; docs/findings.md has a section for each."""
    severity: Severity
    title: str
    """One line."""
    evidence: str
    """What was seen, with numbers; may have several lines, such as a traceback."""
    location: str = ""
    """`file:line` in the user's own code, where it is known."""
    remedy: str = ""
    """The next step, in one or two sentences."""


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A kind of finding: its code, usual severity and title."""

    code: str
    """Stable, such as `SW001`; docs/findings.md has a section for each."""
    severity: Severity
    """The usual one."""
    title: str
    """The fault, without what differs from case to case; the heading of its section in docs/findings.md."""

    def found(
        self, *, evidence: str, title: str = "", severity: Severity | None = None, location: str = "", remedy: str = ""
    ) -> Finding:
        """A finding of this kind, by default with the kind's title and severity."""
        return Finding(
            code=self.code,
            severity=severity or self.severity,
            title=title or self.title,
            evidence=evidence,
            location=location,
            remedy=remedy,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A check that could not be made on a script, and why."""

    code: str
    about: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What is wrong with a script, and which checks could not be made."""

    findings: tuple[Finding, ...]
    """The likeliest cause first."""
    skipped: tuple[Skipped, ...] = ()
    suspicions: tuple[Finding, ...] = ()
    """Findings from a first batch that only matter if no probe trains; empty where they are among `findings`."""


def without(findings: Iterable[Finding], ignored: Iterable[str]) -> tuple[Finding, ...]:
    """The findings without those whose codes are to be ignored."""
    codes = set(ignored)
    return tuple(finding for finding in findings if finding.code not in codes)


SCRIPT_FAILED = FindingKind("SW001", Severity.ERROR, "the script failed before it reached fit")
NO_FIT = FindingKind("SW002", Severity.ERROR, "the script ended without calling fit")
OWN_LOOP = FindingKind("SW003", Severity.ERROR, "the script trains with a loop of its own and never calls fit")
FIT_FAILS = FindingKind("SW004", Severity.ERROR, "fit itself fails on this model and data")
ALL_FAIL_ALIKE = FindingKind("SW005", Severity.ERROR, "every probe failed in the same way")
LEGACY_KERAS = FindingKind("SW006", Severity.ERROR, "the script uses Keras 2")
SCRIPT_LEFT = FindingKind("SW007", Severity.ERROR, "the script's process ended before fit")
RATE_NOT_CONTROLLED = FindingKind("SW008", Severity.ERROR, "the learning rate of this training cannot be varied")
PART_OF_SAMPLES = FindingKind("SW009", Severity.NOTE, "probes draw from a part of the training samples")
NOT_FINITE_WITHOUT_UPDATE = FindingKind("SW010", Severity.ERROR, "the loss is not finite even without any update")
SAMPLES_NOT_KEPT = FindingKind("SW011", Severity.ERROR, "the samples could not be written to the run directory")
NO_BATCH_SIZE_FITS = FindingKind("SW012", Severity.ERROR, "no batch size fits in memory")
GPU_SHARED = FindingKind("SW013", Severity.WARNING, "other processes use the memory of this GPU")
OWN_BATCH_TOO_LARGE = FindingKind("SW014", Severity.WARNING, "the script's own batch size does not fit in memory")
ENGINE_UNSUITED = FindingKind("SW015", Severity.ERROR, "the engine that was asked for cannot train this model")
OTHER_LOSS_LOGGED = FindingKind("SW016", Severity.NOTE, "the loss that is logged is not the one that is trained")
LOSS_UNSEEN = FindingKind("SW017", Severity.ERROR, "the loss of this training cannot be seen")
NOT_PROBED = FindingKind("SW018", Severity.ERROR, "sweeper cannot probe this training")
WHICH_LOSS = FindingKind("SW019", Severity.NOTE, "which number is the loss of this training")
PROBE_DIFFERS = FindingKind(
    "SW020", Severity.WARNING, "a probe at the script's own setting does not train quite as the script does"
)
CALLBACK_CHANGES_TRAINING = FindingKind(
    "SW021", Severity.WARNING, "a callback changes what is trained, and probes do not"
)
MOVES_WITHOUT_RATE = FindingKind(
    "SW022", Severity.WARNING, "the training changes weights by other means than the learning rate"
)
RATE_SEARCH = FindingKind("SW023", Severity.WARNING, "a search for a learning rate is among the callbacks")
CALLBACK_NOT_TRIED = FindingKind("SW024", Severity.NOTE, "a callback could not be run without training")
CALLBACK_RAISES_AT_START = FindingKind("SW025", Severity.ERROR, "a callback of the script raises before the first step")
CALLBACK_RAISES = FindingKind(
    "SW027", Severity.WARNING, "a callback of the script raises in the first steps of training"
)
OWN_FIT_RAISES = FindingKind(
    "SW028", Severity.WARNING, "the script's own fit raises in its first steps, where a probe trains"
)
DATA_ASKS_MODEL = FindingKind("SW029", Severity.WARNING, "the data asks the model that is trained")
NOTHING_REPORTED = FindingKind("SW030", Severity.ERROR, "the command reports no loss")
COMMAND_FAILED = FindingKind("SW031", Severity.ERROR, "the command failed before it had reported a loss")
"""About the run itself: found by the worker, by the driver, or by both."""
