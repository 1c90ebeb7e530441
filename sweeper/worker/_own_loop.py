"""A loop of the script's own is taken over: it trains probe after probe in the script's thread, as this one asks it."""

import traceback
from functools import partial
from pathlib import Path

from sweeper.capture import Overlay, set_aside
from sweeper.engines import AbstractEngine, NoLoss, ReferenceEngine, Unsuited
from sweeper.job import Change, Engine
from sweeper.own_loop import OwnLoop, adopt_loop, capture_loop, describe_loop, keep_loop
from sweeper.protocol import Adopt, AtFit, Capture, Captured, Ready, ToWorker
from sweeper.settings import DEFAULT_STEPS
from sweeper.worker import failures
from sweeper.worker._describe import devices
from sweeper.worker._entry import Link
from sweeper.worker._loop import fail, refusals_told, run_next, signs_of_life
from sweeper.worker._take import keep_in_folder


def take_over_loop(link: Link, loop: OwnLoop, overlay: Overlay, *, diagnose: bool, before: tuple[Change, ...]) -> None:
    """Has the loop train what the driver asks for; never returns.

    `overlay` keeps what the loop writes, and `before` is what was changed until then.
    """
    assert loop.at is not None
    place = loop.at.place
    if diagnose:
        fail(link, failures.own_loop(place, "sweeper diagnose"))
    link.send(AtFit(place=place, number=1, own_loop=True))
    order = link.receive()
    try:
        with refusals_told(link, place):
            engine = _ready_engine(link, loop, overlay, order, before)
    except NoLoss as error:
        fail(link, failures.loss_unseen(error, place))
    except BaseException as error:  # noqa: BLE001  whatever it is, the user must learn of it
        traceback.print_exc()
        fail(link, failures.loop_not_probed(error, place))
    link.send(Ready())
    while True:
        run_next(link, engine)


def _ready_engine(
    link: Link, loop: OwnLoop, overlay: Overlay, order: ToWorker, before: tuple[Change, ...]
) -> AbstractEngine:
    set_aside()
    if isinstance(order, Adopt):
        with overlay.removed():
            return ReferenceEngine(adopt_loop(loop, Path(order.folder)))
    if not isinstance(order, Capture):
        assert loop.at is not None
        fail(link, failures.own_loop(loop.at.place, "sweeper batch"))
    assert isinstance(order, Capture)
    if order.engine not in {Engine.AUTO, Engine.LOOP}:
        raise Unsuited(f"the script trains in a loop of its own, which {order.engine} cannot run")
    alive = signs_of_life(link)
    training = capture_loop(loop, steps=order.steps or DEFAULT_STEPS, alive=lambda: alive(0))
    info = describe_loop(training, before=before, devices=devices())
    with overlay.removed():
        keep_in_folder(order, partial(keep_loop, training), what="the weights")
    link.send(Captured(job=info))
    return ReferenceEngine(training)
