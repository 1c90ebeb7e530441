"""A worker that trains nothing: `lane_worker.py BEHAVIOUR COMMANDS_FD REPLIES_FD`. It prints the tasks that it gets."""

import os
import signal
import sys
import time

from sweeper.curve import Curve
from sweeper.probes import Outcome, OutcomeKind
from sweeper.protocol import Adopt, AtFit, ProbeEnded, Ready, RunProbe, SplitUp, Start, decode_command, encode

BAD_RATE = 13.0
LONGEST = 31.0


def main(behaviour, commands, replies):
    def send(message):
        replies.write(encode(message))
        replies.flush()

    def receive(kind):
        message = decode_command(commands.readline())
        assert isinstance(message, kind), message
        return message

    receive(Start)
    if behaviour == "leaves at once":
        sys.exit(3)
    send(AtFit(place="train.py:1", number=1))
    receive(Adopt)
    send(Ready())
    while True:
        order = receive(RunProbe)
        probes = (order.probe, *order.others)
        print("task", *(f"{probe.learning_rate:g}" for probe in probes), flush=True)  # noqa: T201
        fails(behaviour, probes, send)
        for probe in probes if behaviour != "splits up" or len(probes) == 1 else ():
            curve = Curve(train_loss=(1.0,) * probe.steps)
            send(ProbeEnded(outcome=Outcome(probe=probe, kind=OutcomeKind.COMPLETED, curve=curve), usable=True))


def fails(behaviour, probes, send):
    """What this worker does instead of training."""
    several = len(probes) > 1
    if behaviour == "dies" and any(probe.learning_rate == BAD_RATE for probe in probes):
        os.abort()
    if behaviour == "is killed" and several:
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "slow":
        time.sleep(4.0 if probes[0].learning_rate == LONGEST else 0.1)
    if behaviour == "hangs" and several:
        time.sleep(60)
    if behaviour == "ends half way" and several:
        curve = Curve(train_loss=(1.0,) * probes[0].steps)
        send(ProbeEnded(outcome=Outcome(probe=probes[0], kind=OutcomeKind.COMPLETED, curve=curve), usable=True))
        os.abort()
    if behaviour == "has no memory" and several:
        send(SplitUp(cause="out of memory", usable=False))
        time.sleep(60)
    if behaviour == "splits up" and several:
        send(SplitUp(cause="ValueError: vmap", usable=True))


if __name__ == "__main__":
    main(sys.argv[1], os.fdopen(int(sys.argv[2]), "rb"), os.fdopen(int(sys.argv[3]), "wb"))
