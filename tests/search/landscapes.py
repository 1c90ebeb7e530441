"""Simulated jobs: what a probe would say at each rate, for rows of known shape.

A landscape is a function from a probe to a letter: S stalled, U unclear, H healthy, D diverged, B broke the model (its
verdict is stalled), M out of memory. The same probe always gets the same letter.
"""

import math
import random

from sweeper.curve import Curve
from sweeper.probes import Outcome, OutcomeKind
from sweeper.recommend import build_map
from sweeper.search import BoundarySearch
from sweeper.space import OptimizerChoice, Space
from sweeper.verdict import Evidence, Judged, Label, Verdict

LABELS = {"D": Label.DIVERGED, "S": Label.STALLED, "H": Label.HEALTHY, "U": Label.INCONCLUSIVE, "B": Label.STALLED}
OPTIMIZERS = ("script", "sgd", "momentum", "adam", "rmsprop")
CENTRES = {"script": (-4.4, -1.3), "sgd": (-2.7, 0.2), "momentum": (-3.7, -0.8), "adam": (-4.6, -1.5)}


def boundary_space(*, optimizers=5, sizes=(8, 32, 128, 512), seeds=(0,), resolution=0.1, rates=(1e-6, 10.0)):
    return Space(
        optimizers=tuple(OptimizerChoice(label=name, name=name) for name in OPTIMIZERS[:optimizers]),
        learning_rates=rates,
        batch_sizes=sizes,
        seeds=seeds,
        steps=(100,) * len(sizes),
        resolution=resolution,
    )


def judge(probe, letter):
    """What the driver would hand to the search for a probe with that letter."""
    if letter == "M":
        return Judged(outcome=Outcome(probe=probe, kind=OutcomeKind.OOM), verdict=None)
    outcome = Outcome(probe=probe, kind=OutcomeKind.COMPLETED, curve=Curve(train_loss=(1.0,) * 10))
    if probe.is_null:
        return Judged(outcome=outcome, verdict=None)
    code = {"B": "broken", "N": "non_finite_without_update"}.get(letter, "seen")
    seen = Evidence(code=code, measured=1.0, threshold=0.5, step=None, sentence="As simulated.")
    return Judged(outcome=outcome, verdict=Verdict(label=LABELS.get(letter, Label.DIVERGED), evidence=(seen,)))


def _draw(*key):
    return random.Random("|".join(map(str, key)))


def row_edges(world, probe):
    """Where a row learns and where it fails, in decades: optimizers differ by decades, batch sizes by little."""
    base = _draw(world, probe.optimizer)
    learns, fails = CENTRES.get(probe.optimizer, (-4.6, -1.2))
    learns, fails = learns + base.gauss(0, 0.7), fails + base.gauss(0, 0.7)
    own = _draw(world, probe.optimizer, probe.batch_size)
    octaves = math.log10(probe.batch_size / 32)
    fails += 0.35 * octaves + own.gauss(0, 0.15)
    return min(learns + own.gauss(0, 0.1), fails - 0.6), fails


def monotone(world, *, width=0.0, band=0.0, dead=0.0):
    """Stalled, healthy, diverged; chance of a logistic `width`, an unclear `band`, a `dead` zone, in decades."""

    def letter(probe):
        learns, fails = row_edges(world, probe)
        chance = _draw(world, probe.id)
        at = math.log10(probe.learning_rate)
        lower, upper = (chance.gauss(0, 1) * width * 1.7 for _ in range(2))
        if at >= fails + upper:
            return "S" if at < fails + upper + dead else "D"
        if at >= learns + lower:
            return "H"
        return "U" if at >= learns + lower - band else "S"

    return letter


def island(world, *, below, wide, what="D", **more):
    """A monotone row with an island that begins so far below the edge, or above it where `below` is negative."""
    plain = monotone(world, **more)

    def letter(probe):
        at = math.log10(probe.learning_rate) - row_edges(world, probe)[1] + below
        return what if 0 <= at < wide else plain(probe)

    return letter


def fractal(world, *, wide=1.0):
    """Below the edge, rates fail one in two at random."""
    plain = monotone(world)

    def letter(probe):
        at = math.log10(probe.learning_rate) - row_edges(world, probe)[1]
        inside = -wide <= at < 0
        return _draw(world, probe.id).choice("HD") if inside else plain(probe)

    return letter


def always(letter):
    return lambda probe: letter


def search(space, landscape, *, workers=1, search=None, most=2000):
    """All judged probes in the order in which workers finish them, oldest first, and the most listed at once."""
    search = search or BoundarySearch()
    judged, flying = (), []
    while len(judged) < most:
        waiting = [probe for probe in search.next_probes(space, judged) if probe not in flying]
        flying += waiting[: workers - len(flying)]
        if not flying:
            return judged
        probe = flying.pop(0)
        judged += (judge(probe, "H" if probe.is_null else landscape(probe)),)
    raise AssertionError(f"not done after {most} probes")


def cells(judged):
    return [one for one in judged if not one.outcome.probe.is_null]


def lattice(space, low=-6.0, high=1.0):
    step = space.resolution
    return [float(f"{10 ** (k * step):.6g}") for k in range(round(low / step), round(high / step) + 1)]


def full_rows(space, landscape, *, low=-6.0, high=1.0):
    """The rows of the whole grid on the lattice with all seeds."""
    grid = [
        judge(probe, landscape(probe))
        for choice in space.optimizers
        for size in space.batch_sizes
        for rate in lattice(space, low, high)
        for seed in space.seeds
        for probe in [space.probe(optimizer=choice.label, learning_rate=rate, batch_size=size, seed=seed)]
    ]
    return build_map(space, grid, ()).rows


def rows_of(space, judged):
    return build_map(space, cells(judged), ()).rows


def steps_apart(found, whole, resolution):
    """The most lattice steps by which an edge of two rows differs; infinite when one of them lacks an edge."""
    mine, theirs = (_edge_places(row, resolution) for row in (found, whole))
    if mine.keys() != theirs.keys():
        return math.inf
    return max((abs(mine[key] - theirs[key]) for key in mine), default=0)


def _edge_places(row, resolution):
    rates = {(edge.kind.value, end): getattr(edge, end) for edge in row.edges for end in ("low", "high")}
    return {key: round(math.log10(rate) / resolution) for key, rate in rates.items() if rate is not None}
