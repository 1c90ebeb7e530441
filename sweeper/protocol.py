"""What the driver and a worker say to each other: one message a line, JSON, over two pipes.

```
worker                                   driver
  AtFit (the chosen fit call is reached)  ->
                                          <-  Capture (take the samples; tell me the job)
  Captured (facts about the job)          ->      or  Adopt (use what another worker took)
  Ready                                   ->
                                          <-  RunProbe
  Step (a sign of life, now and then)     ->
  ProbeEnded (an outcome), for each probe ->      or  SplitUp (they cannot train as one)
                                          <-  RunProbe ... until the pipe is closed

  AtFit                                   ->          in a memory trial
                                          <-  Look
  Looked (facts about the fit call)       ->
                                          <-  RunTrial
  AtStage (how far it is), Step           ->
  TrialMeasured, then TrialExtras         ->  then the worker ends

  Diagnosed (findings)                    ->  instead of AtFit where Start asks for it, then the worker ends

  Failed (findings: no fit, script error) ->  at any time before Ready, then the worker ends
```
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, TypeAlias, TypeVar

from sweeper import codec
from sweeper.diagnose import Skipped
from sweeper.findings import Finding
from sweeper.job import Engine, EngineInfo, JobInfo
from sweeper.memory import FitFacts, Stage, TrialExtras, TrialMeasured, TrialRequest
from sweeper.probes import Outcome, Probe
from sweeper.settings import EarlierFits
from sweeper.space import OptimizerChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The first message to a worker: what to run."""

    target: str
    script_args: tuple[str, ...]
    fit: str | None
    data: str | None
    earlier_fits: EarlierFits
    list_fits: bool = False
    """Whether to run on through every fit call and list them, instead of taking over at one."""
    diagnose: bool = False
    """Whether to say what is wrong with the script instead of taking over at its fit call."""
    scratch: str
    """Folder for what the script writes after an earlier fit call that was cut short."""
    precision: str | None = None
    """Global dtype policy to set when Keras is imported; None leaves it to the script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtFit:
    """The chosen fit call is reached."""

    place: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Take the samples, keep them in a folder, and tell the job."""

    folder: str
    sample_bytes: int
    samples: int | None
    """Training samples that the longest probe draws; None leaves it to `steps`."""
    steps: int | None
    """Steps of the longest probe; None asks for as many samples as there are."""
    times: int = 1
    """How many times as much to take of data that has an end, for a probe that shall pass over all of it."""
    engine: Engine = Engine.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """Use the samples and weights that another worker kept in a folder."""

    folder: str
    engine: EngineInfo
    """What that worker chose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """The job was taken and its samples are in the folder."""

    job: JobInfo
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The worker can run probes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProbe:
    """Run this probe next, and others of the same optimizer, batch size and steps with it as one program."""

    probe: Probe
    choice: OptimizerChoice
    others: tuple[Probe, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A sign of life, with the number of steps of the probe that have run."""

    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeEnded:
    """A probe has an outcome."""

    outcome: Outcome
    usable: bool
    """Whether the worker can be trusted with another probe; it ends if not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitUp:
    """The probes that were to run as one program failed together; each may still train alone."""

    cause: str
    usable: bool
    """Whether the worker can be trusted with another probe; it ends if not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSite:
    """One fit call that the target reaches."""

    number: int
    place: str
    model: str
    parameters: int | None
    loss: str
    optimizer: str
    batch_size: int | None
    data: str
    """What kind of data it trains on and how many samples, in words."""
    calls: int


class Ending(StrEnum):
    """Why a worker goes no further."""

    RAN_THROUGH = "ran-through"
    """The script ran to its end."""
    RAISED = "raised"
    """The script raised, or could not be run."""
    LEFT = "left"
    """The script ended its process itself; only what it printed says why."""
    NO_ROOM = "no-room"
    """The samples could not be written to the run directory."""
    STOPPED = "stopped"
    """The worker ended the process, for what its findings say."""

    @property
    def is_of_script(self) -> bool:
        """Whether the script ended, so that what it printed may say why."""
        return self in {Ending.RAN_THROUGH, Ending.RAISED, Ending.LEFT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Every fit call that the target reached."""

    sites: tuple[FitSite, ...]
    findings: tuple[Finding, ...] = ()
    """How the script ended, if not well."""
    ending: Ending = Ending.RAN_THROUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosed:
    """What is wrong with the script, or nothing; the worker ends."""

    findings: tuple[Finding, ...]
    """The likeliest cause first."""
    skipped: tuple[Skipped, ...] = ()
    fit_site: str = ""
    """`file:line` of the fit call that was looked at; empty when none was reached."""
    seconds: float = 0.0
    """Seconds that the look took, without the start of the script and the steps that were trained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The worker can go no further; it ends."""

    findings: tuple[Finding, ...]
    sites: tuple[FitSite, ...] = ()
    ending: Ending = Ending.STOPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Tell what is known of the fit call, and train nothing yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is known of the fit call."""

    facts: FitFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTrial:
    """Run the script's own fit for a few steps."""

    request: TrialRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class AtStage:
    """A trial has reached a stage."""

    stage: Stage


M = TypeVar("M")

ToWorker: TypeAlias = Start | Capture | Adopt | RunProbe | Look | RunTrial
FromWorker: TypeAlias = (
    AtFit
    | Captured
    | Ready
    | Step
    | ProbeEnded
    | SplitUp
    | Listed
    | Diagnosed
    | Failed
    | Looked
    | AtStage
    | TrialMeasured
    | TrialExtras
)

_COMMANDS: dict[str, type[ToWorker]] = {
    kind.__name__: kind for kind in (Start, Capture, Adopt, RunProbe, Look, RunTrial)
}
_REPLIES: dict[str, type[FromWorker]] = {
    kind.__name__: kind
    for kind in (
        *(AtFit, Captured, Ready, Step, ProbeEnded, SplitUp, Listed, Diagnosed, Failed),
        *(Looked, AtStage, TrialMeasured, TrialExtras),
    )
}


def encode(message: ToWorker | FromWorker) -> bytes:
    """The message as one line."""
    return f"{type(message).__name__} {codec.dump(message)}\n".encode()


def decode_command(line: bytes) -> ToWorker:
    """The command of one line; raises `ValueError` when it is none."""
    return _decode(line, _COMMANDS)


def decode_reply(line: bytes) -> FromWorker:
    """The reply of one line; raises `ValueError` when it is none."""
    return _decode(line, _REPLIES)


def _decode(line: bytes, kinds: Mapping[str, type[M]]) -> M:
    name, _, body = line.partition(b" ")
    kind = kinds.get(name.decode(errors="replace"))
    if kind is None:
        raise ValueError(f"not one of {', '.join(kinds)}: {line[:80]!r}")
    return codec.load(kind, body)


def send(pipe: IO[bytes], message: ToWorker | FromWorker) -> None:
    """Writes one message."""
    pipe.write(encode(message))
    pipe.flush()
