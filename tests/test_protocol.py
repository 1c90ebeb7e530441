import io
import math
from dataclasses import replace

import pytest

from sweeper.curve import Curve, same_curve
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.protocol import ProbeEnded, RunProbe, Step, decode_command, decode_reply, encode, send
from sweeper.space import OptimizerChoice

PROBE = Probe(optimizer="adam", learning_rate=0.1, batch_size=8, seed=0, steps=3)


def test_a_curve_with_a_nan_crosses_the_pipe_unchanged():
    curve = Curve(train_loss=(1.0, math.inf, math.nan), first_nonfinite_loss=2, val_steps=(0,), val_loss=(-math.inf,))
    outcome = Outcome(probe=PROBE, kind=OutcomeKind.COMPLETED, curve=curve)
    line = encode(ProbeEnded(outcome=outcome, usable=True))
    assert line.count(b"\n") == 1
    back = decode_reply(line)
    assert isinstance(back, ProbeEnded)
    assert same_curve(back.outcome.curve, curve)


def test_a_command_is_read_as_the_message_that_was_sent():
    pipe = io.BytesIO()
    choice = OptimizerChoice(label="adam", name="adam", options=(("beta_1", 0.5),))
    message = RunProbe(probe=PROBE, choice=choice, others=(replace(PROBE, learning_rate=0.2),))
    send(pipe, message)
    assert decode_command(pipe.getvalue()) == message


@pytest.mark.parametrize("line", [b"", b"hello there", b"RunProbe {}", b"Step {}", encode(Step(steps=1))])
def test_what_is_no_command_is_refused(line):
    with pytest.raises(ValueError, match="not one of|validation error|Invalid JSON"):
        decode_command(line)
