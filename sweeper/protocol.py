"""The messages between the driver and a worker: one JSON message in each line, over two pipes.

```
worker                                   driver
  AtFit (the chosen fit call is reached)  ->
                                          <-  Capture (take the samples; tell me the job)
  Captured (facts about the job)          ->      or  Adopt (use what another worker took)
  Ready                                   ->
                                          <-  RunProbe
  Step (a sign of life, now and then)     ->
  ProbeEnded (an outcome), for each probe ->      or  SplitUp (they cannot train as one), ScriptEnded
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
from sweeper.findings import Finding, Skipped
from sweeper.job import Engine, EngineInfo, JobInfo
from sweeper.memory import FitFacts
from sweeper.probes import Outcome, Probe
from sweeper.settings import EarlierFits
from sweeper.space import OptimizerChoice
from sweeper.trial import Stage, TrialExtras, TrialMeasured, TrialRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The first message to a worker: what to run."""

    target: str
    script_args: tuple[str, ...]
    fit: str | None
    data: str | None
    earlier_fits: EarlierFits
    list_fits: bool = False
    """Whether to let the script run on and list all its fit calls, instead of taking over at one."""
    diagnose: bool = False
    """Whether to diagnose the script instead of taking over at its fit call."""
    scratch: str
    """Folder for files that the script writes after an earlier fit call that was shortened."""
    precision: str | None = None
    """Global dtype policy to set when Keras is imported; None leaves it to the script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtFit:
    """Reply: the chosen fit call is reached, or a training loop of the script's own."""

    place: str
    number: int
    own_loop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Command: capture the job at the fit call, keep its samples in a folder, and reply with `Captured`."""

    folder: str
    sample_bytes: int
    samples: int | None
    """Training samples that the longest probe draws; None leaves it to `steps`."""
    steps: int | None
    """Steps of the longest probe; None asks for as many samples as there are."""
    times: int = 1
    """How many times as many samples to take of finite data, for a probe that is to pass over all of it."""
    engine: Engine = Engine.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """Command: use the samples and weights that another worker kept in a folder, and reply with `Ready`."""

    folder: str
    engine: EngineInfo
    """The engine that the other worker chose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """Reply: the job is captured and its samples are in the folder."""

    job: JobInfo
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Reply: the worker can run probes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProbe:
    """Command: run a probe, and others of the same optimizer, batch size and steps with it as one program."""

    probe: Probe
    choice: OptimizerChoice
    others: tuple[Probe, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Reply: a sign of life, with the number of steps that the probe has run."""

    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeEnded:
    """Reply: a probe has ended, with its outcome."""

    outcome: Outcome
    usable: bool
    """Whether the worker can be trusted with another probe; it ends if not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitUp:
    """Reply: probes that ran as one program failed together; each may still train alone."""

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
    """Why a worker ends."""

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
    """Reply: all fit calls that the target reached; the worker ends."""

    sites: tuple[FitSite, ...]
    findings: tuple[Finding, ...] = ()
    """Why the script failed; empty when it ran to its end."""
    ending: Ending = Ending.RAN_THROUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosed:
    """Reply: the diagnosis of the script; the worker ends."""

    findings: tuple[Finding, ...]
    """The likeliest cause first."""
    skipped: tuple[Skipped, ...] = ()
    fit_site: str = ""
    """`file:line` of the fit call that was looked at; empty when none was reached."""
    seconds: float = 0.0
    """Seconds that the checks took, without the start of the script and the training steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Reply: the worker cannot go on and ends."""

    findings: tuple[Finding, ...]
    sites: tuple[FitSite, ...] = ()
    ending: Ending = Ending.STOPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Command: reply with the facts of the fit call, and train nothing yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Reply: the facts of the fit call."""

    facts: FitFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTrial:
    """Command: run the script's own fit for a few steps, as a memory trial."""

    request: TrialRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class AtStage:
    """Reply: a memory trial has reached a stage."""

    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptEnded:
    """Reply: the script's own loop came to its end during a probe, which another worker can begin again."""

    cause: str


M = TypeVar("M")

ToWorker: TypeAlias = Start | Capture | Adopt | RunProbe | Look | RunTrial
FromWorker: TypeAlias = (
    AtFit
    | Captured
    | Ready
    | Step
    | ProbeEnded
    | SplitUp
    | ScriptEnded
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
        *(AtFit, Captured, Ready, Step, ProbeEnded, SplitUp, ScriptEnded, Listed, Diagnosed, Failed),
        *(Looked, AtStage, TrialMeasured, TrialExtras),
    )
}


def encode(message: ToWorker | FromWorker) -> bytes:
    """A message as one line of JSON."""
    return f"{type(message).__name__} {codec.dump(message)}\n".encode()


def decode_command(line: bytes) -> ToWorker:
    """The command in a line; raises `ValueError` when it is none."""
    return _decode(line, _COMMANDS)


def decode_reply(line: bytes) -> FromWorker:
    """The reply in a line; raises `ValueError` when it is none."""
    return _decode(line, _REPLIES)


def _decode(line: bytes, kinds: Mapping[str, type[M]]) -> M:
    name, _, body = line.partition(b" ")
    kind = kinds.get(name.decode(errors="replace"))
    if kind is None:
        raise ValueError(f"not one of {', '.join(kinds)}: {line[:80]!r}")
    return codec.load(kind, body)


def send(pipe: IO[bytes], message: ToWorker | FromWorker) -> None:
    """Writes one message to a pipe."""
    pipe.write(encode(message))
    pipe.flush()
