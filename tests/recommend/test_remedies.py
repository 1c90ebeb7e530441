"""What a warm-up or clipping does to a row."""

import math
from dataclasses import replace

import pytest

from sweeper.curve import Curve
from sweeper.followup import FollowUp, Purpose
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.ranges import Cell, Edge, EdgeKind, Row, SafeRange
from sweeper.recommend import clip_norm, read_remedy
from sweeper.space import OptimizerChoice, Space
from sweeper.verdict import Evidence, Judged, Label, Verdict

SPACE = Space(
    optimizers=(OptimizerChoice(label="sgd(x)", name="sgd"),),
    learning_rates=(1e-4, 1.0),
    batch_sizes=(32,),
    seeds=(0,),
    steps=(200,),
)
WARMUP = FollowUp(purpose=Purpose.WARMUP, space=SPACE, optimizer="sgd", value=50)
CLIPPING = FollowUp(purpose=Purpose.CLIPNORM, space=SPACE, optimizer="sgd", value=2.5)


def row(fails, losses, *, safe=True, optimizer="sgd"):
    """A row that fails from a rate on (None: nowhere), with final losses at 1e-3, 1e-2 and so on."""
    cells = tuple(
        Cell(learning_rate=1e-3 * 10**place, label=Label.HEALTHY, agreeing=1, judged=1, score=loss, score_error=0.001)
        for place, loss in enumerate(losses)
    )
    return Row(
        optimizer=optimizer,
        batch_size=32,
        cells=cells,
        safe=SafeRange(low=1e-3, high=cells[-1].learning_rate) if safe else None,
        reason="",
        fastest_learning_rate=None,
        job_length=20.0,
        recommended_learning_rate=cells[-1].learning_rate if safe else None,
        edges=(Edge(kind=EdgeKind.DIVERGES, low=None, high=fails, sentence=""),),
    )


HARD = [0.5 * math.sin(7.0 * step) for step in range(200)]
"""How hard each batch is: far more than what the rows of the tests differ by."""


def probes_of(given, *, seeds=(0,), wobble=0.0):
    """A probe of each cell that ends at its final loss, on the same batches as those of every other row."""
    for cell in given.cells:
        for seed in seeds:
            own = [wobble * math.sin(3.0 * step + seed + len(given.optimizer)) for step in range(200)]
            losses = tuple(cell.score + hard + more for hard, more in zip(HARD, own, strict=True))
            yield probe(cell.learning_rate, [1.0], optimizer=given.optimizer, seed=seed, losses=losses)


def read(before, after, *, what=WARMUP, own=None, judged=None, **more):
    after = replace(after, optimizer="sgd(x)")
    found = (*probes_of(before, **more), *probes_of(after, **more)) if judged is None else judged
    return read_remedy(what, before=before, after=after, judged=found, own_rate=own)


def test_a_higher_edge_and_a_lower_loss_help():
    remedy = read(row(3e-3, [0.5]), row(2e-2, [0.5, 0.3]))
    assert (remedy.helps, remedy.edge_before, remedy.edge_after) == (True, 3e-3, 2e-2)
    assert remedy.gain == pytest.approx(6.67, rel=0.01)
    assert (remedy.loss_before, remedy.loss_after) == (0.5, 0.3)
    assert (remedy.optimizer, remedy.label) == ("sgd", "sgd(x)")
    assert remedy.sentence == (
        "Warm-up over 50 steps moves the edge from 3e-3 to 2e-2 (6.7x), moves the end of the stable range from 1e-3 to "
        "1e-2 (10x) and lowers the loss after 200 steps from 0.5 to 0.3. Start at 1e-2."
    )


def test_a_higher_edge_alone_does_not_help():
    remedy = read(row(3e-3, [0.5]), row(2e-2, [0.5, 0.495]))
    assert remedy.helps is False
    assert remedy.sentence == (
        "Warm-up over 50 steps does not help: it moves the edge from 3e-3 to 2e-2 (6.7x), moves the end of the safe "
        "range from 1e-3 to 1e-2 (10x) and does not lower the loss after 200 steps beyond chance (from 0.5 to 0.495)."
    )


@pytest.mark.parametrize(("loss", "helps"), [(0.491, False), (0.49, True)])
def test_a_loss_must_be_lower_by_more_than_a_tie(loss, helps):
    # 2% of the lower loss; how hard batches are does not matter.
    assert read(row(3e-3, [0.5]), row(3e-3, [loss])).helps is helps


@pytest.mark.parametrize(("wobble", "helps"), [(0.01, True), (0.1, False)])
def test_a_loss_must_be_lower_by_more_than_what_both_rows_differ_in_from_batch_to_batch(wobble, helps):
    remedy = read(row(3e-3, [0.5]), row(3e-3, [0.45]), wobble=wobble)
    assert remedy.helps is helps
    assert remedy.safe_before == remedy.safe_after == 1e-3


def test_more_seeds_make_a_smaller_gain_sure():
    rows = row(3e-3, [0.5]), row(3e-3, [0.45])
    assert not read(*rows, wobble=0.09).helps
    assert read(*rows, wobble=0.09, seeds=tuple(range(8))).helps


def test_probes_of_other_seeds_do_not_compare():
    before, after = row(3e-3, [0.5]), row(3e-3, [0.3], optimizer="sgd(x)")
    assert not read(before, after, judged=(*probes_of(before), *probes_of(after, seeds=(1,)))).helps


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (0.1, 0.14, "leaves the edge where it is, near 0.1 and"),
        (0.1, 0.16, "moves the edge from 0.1 to 0.16 (1.6x) and"),
        (0.1, 0.01, "moves the edge down from 0.1 to 1e-2 (0.1x) and"),
        (0.1, None, "moves the edge from 0.1 to above 1e-3 and"),
        (None, 0.1, "brings an edge at 0.1, where no rate failed without it and"),
        (None, None, "changes no edge, since no rate fails without it either and"),
    ],
)
def test_the_edge_is_told_of_as_it_lies(before, after, words):
    remedy = read(row(before, [0.5]), row(after, [0.5]))
    assert words in remedy.sentence
    assert (remedy.gain is None) == (None in {before, after})


def test_rates_that_become_safe_help():
    remedy = read(row(1e-3, [0.5], safe=False), row(2e-2, [0.5]))
    assert (remedy.helps, remedy.loss_before) == (True, None)
    assert "makes rates stable where none was; their lowest loss after 200 steps is 0.5" in remedy.sentence


@pytest.mark.parametrize(("own", "helps"), [(5e-3, True), (1e-3, False), (0.1, False), (None, False)])
def test_a_rate_of_the_script_that_becomes_safe_helps(own, helps):
    remedy = read(row(3e-3, [0.5]), row(2e-2, [0.5, 0.5]), own=own)
    assert remedy.helps is helps
    assert remedy.sentence.endswith("Start at 1e-2. Your 5e-3 is stable with it.") is helps


def test_a_row_that_loses_its_safe_rates_is_no_help():
    remedy = read(row(1e-2, [0.5]), row(1e-3, [0.5], safe=False))
    assert (remedy.helps, remedy.loss_after) == (False, None)
    assert remedy.sentence.endswith("and leaves no rate stable.")


def probe(rate, norms, *, label=Label.HEALTHY, seed=0, optimizer="sgd", losses=(1.0,)):
    made = Probe(optimizer=optimizer, learning_rate=rate, batch_size=32, seed=seed, steps=200)
    curve = Curve(train_loss=losses, gradient_norm=tuple(norms))
    evidence = Evidence(code="some_rule", measured=1.0, threshold=0.5, step=None, sentence="As seen.")
    outcome = Outcome(probe=made, kind=OutcomeKind.COMPLETED, curve=curve)
    return Judged(outcome=outcome, verdict=Verdict(label=label, evidence=(evidence,)))


@pytest.mark.parametrize("label", [Label.HEALTHY, Label.OVERFIT])
def test_the_norm_comes_from_the_probe_nearest_to_the_rate_that_trains(label):
    found = [
        probe(1e-3, [1.0] * 10),
        probe(1e-2, range(101), label=label),
        probe(2e-2, [5.0] * 10, label=Label.DIVERGED),
    ]
    assert clip_norm(found, 2e-2) == 90.0
    assert clip_norm(found, 1e-3) == 1.0
    assert clip_norm([probe(1e-3, [0.12345] * 10)], 1e-3) == 0.12


def test_norms_that_are_not_finite_are_left_out():
    assert clip_norm([probe(1e-3, [math.inf, math.nan, 2.0])], 1e-3) == 2.0


@pytest.mark.parametrize(
    "found", [[], [probe(1e-3, [1.0], label=Label.STALLED)], [probe(1e-3, [])], [probe(1e-3, [0.0, 0.0])]]
)
def test_without_a_probe_that_trains_and_has_norms_there_is_none(found):
    assert clip_norm(found, 1e-3) is None


@pytest.mark.parametrize(("norms", "clipped"), [([2.5, 3.0], 0.5), ([3.0, 2.0, 3.0], 2 / 3)])
def test_clipping_most_updates_is_told_of(norms, clipped):
    remedy = read(row(3e-3, [0.5]), row(3e-3, [0.3]), what=CLIPPING, judged=[probe(1e-3, norms, optimizer="sgd(x)")])
    assert remedy.clipped == pytest.approx(clipped)
    assert remedy.sentence.startswith("Clipping gradients to a global norm of 2.5 does not help: it leaves the edge")
    assert ("only another way to lower the rate" in remedy.sentence) == (clipped > 0.5)
