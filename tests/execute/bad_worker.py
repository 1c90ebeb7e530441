"""A worker that trains nothing and behaves as it is told: `bad_worker.py BEHAVIOUR COMMANDS_FD REPLIES_FD`."""

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from sweeper.findings import Finding, Severity
from sweeper.memory import FitFacts
from sweeper.probes import OutcomeKind
from sweeper.protocol import AtFit, AtStage, Ending, Failed, Look, Looked, RunTrial, Start, Step, decode_command, encode
from sweeper.trial import Speed, Stage, TrialExtras, TrialMeasured

MIB = 1 << 20
FACTS = FitFacts(
    fit_site="train.py:1",
    model="model",
    parameters=1,
    optimizer="SGD",
    batch_size=8,
    samples=100_000,
    data="arrays",
    sample_bytes=4,
    weight_bytes=4,
    gradient_bytes=4,
    slot_bytes=0,
    activation_bytes=4,
    backend="tensorflow",
    device="cpu",
    xla=False,
    precision="float32",
)
EXTRAS = TrialExtras(speeds=(Speed(batch_size=8, samples_per_second=100.0),))


def measured(peak):
    return TrialMeasured(
        kind=OutcomeKind.COMPLETED,
        stage=Stage.DONE,
        start_bytes=peak // 2,
        peak_bytes=peak,
        steady_peak_bytes=peak,
        host_peak_bytes=peak,
        steps=10,
    )


def fill(amount):
    """Holds so much memory for good."""
    held = bytearray(os.urandom(MIB)) * (amount // MIB)
    time.sleep(60)
    return held


def main(behaviour, commands, replies):  # noqa: C901  one branch for each behaviour
    def send(message):
        replies.write(encode(message))
        replies.flush()

    def receive(kind):
        message = decode_command(commands.readline())
        assert isinstance(message, kind), message
        return message

    start = receive(Start)
    if behaviour == "no fit":
        print("nothing to train here", flush=True)  # noqa: T201
        send(
            Failed(
                findings=(Finding(code="SW002", severity=Severity.ERROR, title="no fit", evidence=""),),
                ending=Ending.RAN_THROUGH,
            )
        )
        return
    if behaviour == "dies at start":
        print("the script said why")  # noqa: T201
        os._exit(3)
    if behaviour == "fills at start":
        fill(400 * MIB)
    send(AtFit(place="train.py:1", number=1))
    receive(Look)
    send(Looked(facts=FACTS))
    batch_size = receive(RunTrial).request.batch_size
    send(AtStage(stage=Stage.TRAINING))
    once = Path(start.scratch + ".once")
    if behaviour == "is killed" or (behaviour == "is killed once" and not once.exists()):
        once.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "dies":
        print("some last words", flush=True)  # noqa: T201
        os.abort()
    if behaviour == "hangs":
        time.sleep(60)
    send(AtStage(stage=Stage.VALIDATION))
    if behaviour == "fills":
        fill(400 * MIB)
    if behaviour.startswith("fills group "):
        Path(behaviour.removeprefix("fills group ")).write_text(str(os.getpid()))
        fill(400 * MIB)
    if behaviour == "fails":
        failed = replace(measured(MIB), kind=OutcomeKind.ERROR, stage=Stage.TRAINING, cause="ValueError: no", steps=0)
        send(failed)
        return
    if behaviour.startswith("linear "):
        base, slope = map(int, behaviour.split()[1:])
        send(measured(base + slope * batch_size))
    else:
        send(measured(10**12 if behaviour == "peaks" else MIB))
    if behaviour == "fills afterwards":
        fill(400 * MIB)
    send(Step(steps=1))
    send(EXTRAS)


if __name__ == "__main__":
    main(sys.argv[1], os.fdopen(int(sys.argv[2]), "rb"), os.fdopen(int(sys.argv[3]), "wb"))
