"""What becomes of probes, of starts and of the run when workers end in every way: workers are functions here."""

import queue
import signal
from dataclasses import replace

import pytest

from sweeper.execute import AbstractChild, AbstractLauncher, Exit, Timeouts
from sweeper.findings import NO_FIT
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.protocol import (
    Adopt,
    AtFit,
    Ending,
    Failed,
    Listed,
    ProbeEnded,
    Ready,
    RunProbe,
    Start,
    decode_command,
    encode,
)
from tests.worker.driving import GivenProbes, drive

KILLED, CRASHED = Exit(status=-signal.SIGKILL), Exit(status=-signal.SIGSEGV)
OUT_OF_MEMORY = Exit(status=-signal.SIGKILL, for_memory=True)
FIRST = Probe(optimizer="adam", learning_rate=1.0, batch_size=8, seed=0, steps=3)
SECOND = Probe(optimizer="adam", learning_rate=2.0, batch_size=8, seed=0, steps=3)
BRIEF = 0.5


class Child(AbstractChild):
    """Answers each command with what a function makes of it: messages, or the way in which it ends."""

    def __init__(self, answer, log):
        self._answer, self._log = answer, log
        self._said = queue.SimpleQueue()
        self._exit = None

    def send(self, line):
        for said in self._answer(decode_command(line)):
            if isinstance(said, str):
                self._log.write_text(said)
            elif isinstance(said, Exit):
                self._exit = said
                self._said.put(None)
            else:
                self._said.put([encode(said).rstrip(b"\n")])

    def receive(self):
        return self._said.get()

    def held_bytes(self):
        return 0

    def close(self, *, grace_s):
        self._said.put(None)
        return self._exit or Exit(status=0)


class Launcher(AbstractLauncher):
    """Workers that answer as a function says, which is given the number of the worker too, from 1."""

    def __init__(self, answer):
        self.launched = 0
        self._answer = answer

    def launch(self, slot, log):
        self.launched += 1
        number = self.launched
        log.parent.mkdir(exist_ok=True)
        return Child(lambda message: self._answer(number, message) or well(message), log)


def well(message):
    match message:
        case Start():
            return [AtFit(place="train.py:1", number=1)]
        case Adopt():
            return [Ready()]
        case RunProbe():
            return [ProbeEnded(outcome=completed(probe), usable=True) for probe in (message.probe, *message.others)]
    raise AssertionError(message)


def completed(probe):
    return Outcome(probe=probe, kind=OutcomeKind.COMPLETED)


@pytest.fixture
def run(tmp_path):
    def run(answer, probes=(FIRST, SECOND), workers=1, **limits):
        launcher = Launcher(answer)
        timeouts = Timeouts(**({"start": 60.0, "probe": 60.0} | limits))
        work = GivenProbes(probes, tmp_path / "job", samples_kept=True)
        drive(work, "train.py", launcher=launcher, timeouts=timeouts, workers=workers)
        return work, launcher.launched

    return run


def at_start(*ends):
    """Workers of which the first ones end so before the fit call."""

    def answer(number, message):
        return ["last words", ends[number - 1]] if isinstance(message, Start) and number <= len(ends) else None

    return answer


def in_first_probe(*ends):
    """Workers of which the first ones end so in the first probe."""

    def answer(number, message):
        first = isinstance(message, RunProbe) and message.probe == FIRST and number <= len(ends)
        return ["last words", ends[number - 1]] if first else None

    return answer


def test_all_goes_well(run):
    work, launched = run(lambda number, message: None)
    assert list(work.outcomes.values()) == [completed(FIRST), completed(SECOND)]
    assert (work.notes, launched) == ([], 1)


def test_a_worker_that_something_outside_killed_before_the_fit_call_is_started_again(run):
    work, launched = run(at_start(KILLED, KILLED, KILLED))
    assert len(work.outcomes) == 2
    assert launched == 4
    assert (
        work.notes
        == ["the process was ended by signal 9 (SIGKILL) before the fit call was reached; starting a new worker"] * 3
    )


@pytest.mark.parametrize(
    ("ends", "cause"),
    [
        ((Exit(status=3),), "the process ended with exit status 3"),
        ((CRASHED, CRASHED), "the process was ended by signal 11 (SIGSEGV)"),
        ((KILLED,) * 4, "the process was ended by signal 9 (SIGKILL)"),
        ((OUT_OF_MEMORY,), "the kernel killed it for memory"),
    ],
)
def test_a_worker_that_does_not_get_ready_ends_the_run_with_its_last_words(run, ends, cause):
    work, launched = run(at_start(*ends))
    (finding,) = work.findings
    assert (finding.code, finding.evidence) == ("SW007", "last words")
    assert finding.title == f"the script's process ended before training could begin: {cause}"
    assert (work.outcomes, launched, len(work.notes)) == ({}, len(ends), len(ends) - 1)


def test_a_script_that_does_not_come_to_its_fit_call_ends_the_run(run):
    work, _ = run(lambda number, message: [Ending.STOPPED.value], start=BRIEF)
    (finding,) = work.findings
    assert (finding.code, finding.title) == ("SW001", "the script did not reach its fit call within 0 s")


def test_a_last_message_ends_the_run_and_what_the_script_printed_is_with_it(run):
    failed = Failed(findings=(NO_FIT.found(evidence="It ran to its end."),), ending=Ending.RAN_THROUGH)
    work, _ = run(lambda number, message: ["bye", failed])
    (finding,) = work.findings
    assert finding.evidence == "It ran to its end.\nIt printed last:\n  bye"


def test_the_fit_calls_of_a_script_are_a_last_message_too(run):
    work, launched = run(lambda number, message: [Listed(sites=())])
    assert (work.findings, work.sites, launched) == ((), (), 1)


def test_a_probe_is_tried_again_where_something_outside_killed_its_worker(run):
    work, launched = run(in_first_probe(KILLED, KILLED, KILLED))
    assert list(work.outcomes.values()) == [completed(FIRST), completed(SECOND)]
    assert launched == 4
    assert (
        work.notes
        == [f"the process was ended by signal 9 (SIGKILL) during {FIRST.id}; it is tried again in a new worker"] * 3
    )


@pytest.mark.parametrize(
    ("ends", "kind", "cause"),
    [
        ((Exit(status=7),) * 2, OutcomeKind.CRASHED, "the process ended with exit status 7"),
        ((CRASHED,) * 2, OutcomeKind.CRASHED, "the process was ended by signal 11 (SIGSEGV)"),
        ((KILLED,) * 4, OutcomeKind.CRASHED, "the process was ended by signal 9 (SIGKILL)"),
        ((OUT_OF_MEMORY,), OutcomeKind.OOM, "the kernel killed the process for memory"),
    ],
)
def test_a_probe_that_ends_its_worker_each_time_has_that_as_its_outcome(run, ends, kind, cause):
    work, launched = run(in_first_probe(*ends))
    outcome = work.outcomes[FIRST.id]
    assert (outcome.kind, outcome.cause, outcome.log_tail) == (kind, cause, "last words")
    assert work.outcomes[SECOND.id] == completed(SECOND)
    assert (launched, len(work.notes)) == (len(ends) + 1, len(ends) - 1)


@pytest.mark.parametrize(
    ("limits", "cause"),
    [({"probe": BRIEF}, "ended after 0 s"), ({"probe": None, "silence": BRIEF}, "no step for so long after 0 s")],
)
def test_a_probe_that_takes_too_long_is_not_tried_again(run, limits, cause):
    def answer(number, message):
        return ["silent from here on"] if isinstance(message, RunProbe) and message.probe == FIRST else None

    work, launched = run(answer, **limits)
    outcome = work.outcomes[FIRST.id]
    assert (outcome.kind, outcome.cause) == (OutcomeKind.TIMEOUT, cause)
    assert work.outcomes[SECOND.id] == completed(SECOND)
    assert (launched, work.notes) == (2, [])


@pytest.mark.parametrize(("probes", "launched"), [((FIRST, SECOND), 2), ((FIRST,), 1)])
def test_a_worker_that_cannot_be_trusted_is_replaced_if_a_probe_waits(run, probes, launched):
    failed = Outcome(probe=FIRST, kind=OutcomeKind.OOM, cause="no memory")

    def answer(number, message):
        first = isinstance(message, RunProbe) and message.probe == FIRST
        return [ProbeEnded(outcome=failed, usable=False)] if first else None

    work, started = run(answer, probes)
    assert work.outcomes[FIRST.id] == failed
    assert len(work.outcomes) == len(probes)
    assert started == launched


def test_a_further_worker_that_is_lost_at_its_start_leaves_the_first_one_to_its_work(run):
    def answer(number, message):
        return [KILLED] if isinstance(message, Start) and number == 2 else None

    probes = [replace(FIRST, learning_rate=float(number)) for number in range(1, 101)]
    work, _ = run(answer, probes, workers=2)
    assert {outcome.kind for outcome in work.outcomes.values()} == {OutcomeKind.COMPLETED}
    assert len(work.outcomes) == len(probes)
    assert work.findings == ()
