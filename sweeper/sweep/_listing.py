"""What can be had of a script without a probe: its fit calls, a diagnosis, or its job."""

import math
from pathlib import Path
from typing import TypeAlias

from sweeper.classify import VerdictThresholds
from sweeper.execute import AbstractExecutor, StopLevel
from sweeper.protocol import Capture, Captured, Diagnosed, Failed, Listed
from sweeper.recommend import FollowUpThresholds
from sweeper.settings import Settings
from sweeper.sweep._stop import StopSwitch

Reply: TypeAlias = Captured | Listed | Diagnosed | Failed


def first_reply(executor: AbstractExecutor, order: Capture, switch: StopSwitch) -> Reply | None:
    """What the first worker says of the script; None when the person has stopped it."""
    with executor:
        executor.begin(order)
        while not executor.over and switch.level is StopLevel.RUN:
            match executor.next_event():
                case Captured() | Listed() | Diagnosed() | Failed() as reply:
                    return reply
    return None


_LONGER = math.ceil(FollowUpThresholds().overfit_most_probes / VerdictThresholds().overfit_passes)
"""How many times as many samples as a short probe draws the longest training can pass over often enough to overfit."""


def capture_order(settings: Settings, *, folder: Path, sample_bytes: int) -> Capture:
    """What the first worker is told to take."""
    steps = settings.length.steps
    listed = settings.batch_sizes if isinstance(settings.batch_sizes, tuple) else ()
    sizes = [size for size in listed if isinstance(size, int)]
    known = sizes and len(sizes) == len(listed)
    return Capture(
        folder=str(folder.resolve()),
        sample_bytes=sample_bytes,
        samples=steps * max(sizes) if steps is not None and known else None,
        steps=steps,
        times=_LONGER if settings.overfit else 1,
        engine=settings.engine,
    )
