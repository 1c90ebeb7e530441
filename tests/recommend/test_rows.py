import math
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sweeper.curve import Curve
from sweeper.job import COMMAND, JobInfo, OptimizerInfo
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.ranges import EdgeKind, SafeRange
from sweeper.recommend import RangeThresholds, build_map, recommend
from sweeper.recommendation import Standing
from sweeper.space import SCRIPT, OptimizerChoice, Space
from sweeper.verdict import Evidence, Judged, Label, Verdict

STEPS = 100
RATES = (1e-4, 3.16228e-4, 1e-3, 3.16228e-3, 1e-2, 3.16228e-2)
LABELS = {"D": Label.DIVERGED, "S": Label.STALLED, "O": Label.OVERFIT, "H": Label.HEALTHY, "I": Label.INCONCLUSIVE}
CODES = {"B": (Label.STALLED, "broken"), "U": (Label.HEALTHY, "unstable"), "N": (Label.DIVERGED, "nothing")}
FAILED = {"M": OutcomeKind.OOM, "C": OutcomeKind.CRASHED}


def evidence(code):
    return Evidence(code=code, measured=1.0, threshold=0.5, step=3, sentence="As seen.")


def verdict(letter):
    if letter == "U":
        return Verdict(label=Label.HEALTHY, evidence=(evidence("progress"), evidence("unstable")))
    if letter == "B":
        return Verdict(label=Label.STALLED, evidence=(evidence("broken"),))
    if letter == "N":
        return Verdict(label=Label.DIVERGED, evidence=(evidence("non_finite_without_update"),))
    return Verdict(label=LABELS[letter], evidence=(evidence("some_rule"),))


def judged(letter, *, rate, loss=1.0, optimizer=SCRIPT, batch_size=32, seed=0, jitter=0.0):
    """A probe whose verdict is the letter's: D, S, O, H, I as labels begin, B broken, U unstable, M memory, C crash."""
    probe = Probe(optimizer=optimizer, learning_rate=rate, batch_size=batch_size, seed=seed, steps=STEPS)
    if letter in FAILED:
        return Judged(outcome=Outcome(probe=probe, kind=FAILED[letter], cause="It failed."), verdict=None)
    losses = tuple(loss + jitter * (-1) ** step for step in range(STEPS))
    losses = (*losses[:-1], math.nan) if letter == "D" else losses
    outcome = Outcome(probe=probe, kind=OutcomeKind.COMPLETED, curve=Curve(train_loss=losses))
    return Judged(outcome=outcome, verdict=verdict(letter))


def line(letters, *, losses=None, **more):
    """One probe for each letter, by ascending rate."""
    values = losses or [1.0] * len(letters)
    return [
        judged(letter, rate=rate, loss=loss, **more)
        for letter, rate, loss in zip(letters, RATES, values, strict=False)
        if letter != " "
    ]


def space(*, optimizers=(SCRIPT,), batch_sizes=(32,), seeds=(0,), steps=None):
    return Space(
        optimizers=tuple(OptimizerChoice(label=label, name=label) for label in optimizers),
        learning_rates=RATES,
        batch_sizes=batch_sizes,
        seeds=seeds,
        steps=steps or (STEPS,) * len(batch_sizes),
    )


def job(*, rate=1e-3, batch_size=32):
    return JobInfo(
        fit_site="train.py:12",
        fit_number=1,
        model="mlp",
        parameters=10,
        trainable_parameters=10,
        loss="mse",
        optimizer=OptimizerInfo(name="Adam", learning_rate=rate),
        batch_size=batch_size,
        train_samples=1000,
        val_samples=100,
        val_source="held out",
        sample_bytes=1000,
        backend="tensorflow",
    )


def row_of(letters, **more):
    return build_map(space(), line(letters, **more), ()).rows[0]


def advice(probes, *, axes=None, of=None):
    axes, of = axes or space(), of or job()
    return recommend(build_map(axes, probes, (), job=of).rows, of, axes)


@pytest.mark.parametrize(
    ("letters", "safe"),
    [
        ("SHHHHD", (1, 4)),  # the grid steps are the margin
        ("SHHHDD", (1, 3)),
        ("SHHHHH", (1, 5)),
        ("HHHHHH", (0, 5)),
        ("SOHHOD", (1, 4)),  # overfit rates are stable
        ("SHHHID", (1, 3)),
        ("SHHUUD", (1, 2)),  # unstable rates are not safe
        ("SHHHBD", (1, 3)),
        ("SHHHSS", (1, 3)),  # dead above what trains
        ("SHSHHH", (3, 5)),  # one lucky rate, then the real block
        ("HHIUUU", (0, 1)),  # a wider run that begins with a jump has no steady part
        ("HDHHHH", (0, 0)),  # the first divergence counts, not the last
        ("HHMHHH", (3, 5)),  # a probe without curve breaks the block, and is no divergence
        ("HHHHMM", (0, 3)),
        ("  HHHD", (2, 4)),
    ],
)
def test_the_safe_range_is_what_trains_steadily_below_the_first_failure(letters, safe):
    low, high = safe
    assert row_of(letters).safe == SafeRange(low=RATES[low], high=RATES[high])


def test_the_margin_cuts_below_the_failing_rate():
    probes = [judged("H", rate=1e-3), judged("H", rate=8e-3), judged("D", rate=1e-2)]
    length = 10**0.5
    row = build_map(
        space(), probes, (), thresholds=RangeThresholds(margin=0.4, margin_growth=0.2, stretch=length)
    ).rows[0]
    assert row.job_length == length
    assert row.safe == SafeRange(low=1e-3, high=3.16228e-3)
    wide = build_map(space(), probes, (), thresholds=RangeThresholds(margin=1.0, margin_growth=0.0)).rows[0]
    assert wide.safe == SafeRange(low=1e-3, high=1e-3)


@pytest.mark.parametrize(("steps", "high"), [(1, 6.30957e-3), (STEPS, 6.30957e-3), (100 * STEPS, 2.29087e-3)])
def test_the_margin_grows_with_the_length_of_the_job(steps, high):
    rates = [1e-3 * 10 ** (i / 10) for i in range(10)]
    probes = [*(judged("H", rate=rate) for rate in rates), judged("D", rate=1e-2)]
    row = build_map(space(), probes, (), job=job(), job_steps=steps).rows[0]
    assert row.safe is not None
    assert row.safe.high == pytest.approx(high, rel=1e-4)
    assert f"{max(1, steps // STEPS)} times as long" in row.reason


def test_seeds_that_disagree_end_the_range_where_the_chance_of_failing_is_a_tenth():
    rates = [1e-3 * 10 ** (i / 10) for i in range(10)]
    failing = dict(zip(rates[-5:], (1, 1, 2, 2, 3), strict=True))
    probes = [
        judged("HD"[seed < failing.get(rate, 0)], rate=rate, seed=seed)
        for rate in rates
        for seed in range(3 if rate in failing else 1)
    ]
    ragged = build_map(
        space(seeds=(0, 1, 2)), probes, (), thresholds=RangeThresholds(margin=0.0, margin_growth=0.0)
    ).rows[0]
    assert ragged.safe is not None
    assert "chance of that may be 10% or more" in ragged.reason
    assert ragged.safe.high < rates[-6]
    chances = [cell.diverges.probability for cell in ragged.cells]
    assert chances == sorted(chances)
    assert chances[0] < 0.02 < chances[-2] < chances[-1]


def test_final_losses_are_compared_on_the_seeds_that_all_rates_have_had():
    probes = [*line("HHH", losses=[3.0, 2.0, 1.0]), judged("H", rate=RATES[0], seed=1, loss=0.1)]
    row = build_map(space(seeds=(0, 1)), probes, ()).rows[0]
    assert [cell.score for cell in row.cells] == [3.0, 2.0, 1.0]
    assert row.cells[0].judged == 2
    apart = [judged("H", rate=RATES[0], seed=1, loss=0.1), judged("H", rate=RATES[1], seed=0, loss=2.0)]
    assert [cell.score for cell in build_map(space(seeds=(0, 1)), apart, ()).rows[0].cells] == [0.1, 2.0]


def test_the_fastest_rate_may_lie_above_the_stable_range_and_then_the_row_is_limited_by_the_edge():
    inside, beyond = row_of("HHHHHD", losses=[5, 4, 3, 1, 2, 9]), row_of("HHHHHD", losses=[5, 4, 3, 2, 1, 9])
    assert (inside.fastest_learning_rate, inside.is_edge_limited) == (RATES[3], False)
    close = [judged("H", rate=rate, loss=1 / rate) for rate in (1e-3, 3e-3, 8e-3)]
    row = build_map(space(), [*close, judged("D", rate=1e-2)], ()).rows[0]
    assert row.fastest_learning_rate == 8e-3
    assert row.is_edge_limited
    assert row.recommended_learning_rate == row.safe.high
    assert not beyond.is_edge_limited
    limit = recommend((row,), job(rate=1.0), space()).limit
    assert "8e-3" in limit
    assert "--warmup" in limit
    of_command = recommend((row,), replace(job(rate=1.0), model=COMMAND), space()).limit
    assert "where the program has them" in of_command
    assert "--" not in of_command
    assert recommend((inside,), job(rate=1.0), space()).limit == ""


def test_a_rate_that_is_almost_as_fast_is_preferred_as_it_lies_further_from_the_edge():
    null = [
        Outcome(
            probe=judged("H", rate=0.0).outcome.probe,
            kind=OutcomeKind.COMPLETED,
            curve=Curve(train_loss=(10.0,) * STEPS),
        )
    ]
    probes = line("HHHHHD", losses=[9, 5.0, 1.05, 1.04, 1.0, 9])
    assert build_map(space(), probes, null).rows[0].recommended_learning_rate == RATES[2]
    probes = line("HHHHHD", losses=[9, 5.0, 1.1, 1.04, 1.0, 9])
    assert build_map(space(), probes, null).rows[0].recommended_learning_rate == RATES[3]


def test_one_diverging_seed_of_three_ends_the_range():
    probes = [item for seed in range(3) for item in line("HHHHH", seed=seed)]
    probes[4] = judged("D", rate=RATES[4], seed=0)
    row = build_map(space(seeds=(0, 1, 2)), probes, ()).rows[0]
    assert row.safe == SafeRange(low=RATES[0], high=RATES[3])
    assert (row.cells[4].label, row.cells[4].agreeing, row.cells[4].judged) == (Label.HEALTHY, 2, 3)
    assert "1 of 3 seeds" in row.reason


@pytest.mark.parametrize(("letters", "label"), [("HD", "D"), ("SH", "S"), ("HHS", "H"), ("HO", "O"), ("IHD", "D")])
def test_a_cell_says_what_most_seeds_say_and_the_worse_on_a_tie(letters, label):
    probes = [judged(letter, rate=1e-3, seed=seed) for seed, letter in enumerate(letters)]
    cell = build_map(space(), probes, ()).rows[0].cells[0]
    assert cell.label is LABELS[label]
    assert cell.agreeing == letters.count(label)


def test_a_cell_without_curves_says_how_its_probes_ended():
    cell = row_of("M").cells[0]
    assert (cell.label, cell.failed, cell.judged, cell.score) == (None, OutcomeKind.OOM, 0, None)


def test_the_score_is_the_median_over_seeds_with_its_error():
    probes = [judged("H", rate=1e-3, loss=loss, seed=seed, jitter=0.1) for seed, loss in enumerate((1.0, 2.0, 9.0))]
    cell = build_map(space(), probes, ()).rows[0].cells[0]
    assert cell.score == pytest.approx(2.0, abs=0.11)
    assert 0.0 < cell.score_error < 0.2


def test_a_cell_with_a_loss_that_is_not_finite_has_no_score():
    assert row_of("D").cells[0].score is None


@pytest.mark.parametrize(
    ("letters", "words"),
    [
        ("", "No probe of this row has a curve."),
        ("MC", "ran out of memory."),
        ("DDDDDD", "Extend --lr downwards."),
        ("BDDDDD", "the lowest rate judged, 1e-4, stops learning"),
        ("SSSSSS", "for a reason that need not be the rate"),
        ("SSSDDD", "--lr 1e-3:3.16e-3:log:7"),
        ("IIIIII", "some could not be judged"),
        ("IIIDDD", "No rate below 3.16e-3, which diverges, was seen to train"),
        ("NNNNNN", "the data or the model are at fault"),
        ("SUUUDD", "warm-up"),
        ("SUHHDD", "From 3.16e-4 on, where rates begin to train, the loss first jumps above its start."),
    ],
)
def test_a_row_without_a_safe_range_says_why_and_what_to_do(letters, words):
    row = row_of(letters)
    assert row.safe is None
    assert row.recommended_learning_rate is None
    assert words in row.reason


def test_rates_within_the_margin_only_are_not_safe():
    row = build_map(space(), [judged("S", rate=1e-3), judged("H", rate=8e-3), judged("D", rate=1e-2)], ()).rows[0]
    assert row.safe is None
    assert "only within 0.49 decades of 1e-2" in row.reason


def test_the_recommended_rate_has_the_lowest_loss_in_the_safe_range():
    assert row_of("HHHHHD", losses=[5, 4, 1, 2, 3, 9]).recommended_learning_rate == RATES[2]


def test_a_lower_loss_above_the_stable_range_is_named_but_not_recommended():
    row = row_of("HHHUUD", losses=[5, 4, 3, 2, 1, 9])
    assert row.recommended_learning_rate == RATES[2]
    assert "at 1e-2, lies above the stable range" in row.reason


@pytest.mark.parametrize(
    ("letters", "learns", "diverges"),
    [
        ("SSHHDD", (1, 2), (3, 4)),
        ("HHHHHH", (None, 0), (5, None)),
        ("DDDDDD", None, (None, 0)),
        ("SSSSSS", (5, None), (5, None)),
        ("SSSSDD", (3, None), (3, 4)),
        ("SHIIDD", (0, 1), (3, 4)),
    ],
)
def test_edges_lie_between_the_rates_where_verdicts_change(letters, learns, diverges):
    def rate(index):
        return None if index is None else RATES[index]

    found = {edge.kind: (edge.low, edge.high) for edge in row_of(letters).edges}
    assert found.get(EdgeKind.LEARNS) == (None if learns is None else tuple(rate(index) for index in learns))
    assert found[EdgeKind.DIVERGES] == tuple(rate(index) for index in diverges)


def test_a_row_without_curves_has_no_edges():
    assert row_of("MM").edges == ()


def test_the_noise_of_a_row_is_the_median_over_its_null_probes():
    null = [judged("H", rate=0.0, loss=2.0, jitter=jitter, seed=seed).outcome for seed, jitter in enumerate((1, 2, 9))]
    other = judged("H", rate=0.0, batch_size=64, jitter=50.0).outcome
    rows = build_map(space(batch_sizes=(32, 64, 128)), (), (*null, other)).rows
    assert rows[0].noise == pytest.approx(2 * 1.4826)
    assert rows[1].noise == pytest.approx(50 * 1.4826)
    assert rows[2].noise is None


def test_null_probes_among_the_judged_are_no_cells():
    row = build_map(space(), [judged("S", rate=0.0), *line("HH")], ()).rows[0]
    assert [cell.learning_rate for cell in row.cells] == list(RATES[:2])


@given(st.permutations(line("SSHHHD") + line("SHHUDD", seed=1)))
def test_the_order_of_probes_leaves_the_rows(probes):
    usual = build_map(space(), line("SSHHHD") + line("SHHUDD", seed=1), ()).rows
    assert build_map(space(), probes, ()).rows == usual


@given(st.text("DSOHIBUMC", max_size=6))
def test_every_map_has_reasons_and_a_range_of_rates_that_train(letters):
    row = row_of(letters)
    assert row.reason.endswith(".")
    assert (row.safe is None) == (row.recommended_learning_rate is None)
    if row.safe is not None:
        inside = [cell for cell in row.cells if row.safe.low <= cell.learning_rate <= row.safe.high]
        assert inside
        assert all(cell.label in {Label.HEALTHY, Label.OVERFIT} for cell in inside)
        assert row.safe.low <= row.recommended_learning_rate <= row.safe.high
    assert advice(line(letters)).reason.endswith(".")


@given(st.text("DSOHIBUMC", min_size=1, max_size=6), st.integers(0, 5))
@example("HHBBC", 4)  # the divergence is the highest rate with a curve
@example("HCHDDO", 5)  # without it a rate above two that diverge trains
def test_one_more_divergence_never_raises_the_safe_end(letters, at):
    row = row_of(letters)
    worse = row_of(letters[: min(at, len(letters) - 1)] + "D" + letters[min(at, len(letters) - 1) + 1 :])
    if row.safe is not None and worse.safe is not None and row.safe.low == worse.safe.low:
        assert worse.safe.high <= row.safe.high


def test_the_optimizer_with_the_lower_loss_is_recommended():
    probes = line("HHH", losses=[3, 2, 2]) + line("HHH", losses=[3, 1, 2], optimizer="adamw")
    found = advice(probes, axes=space(optimizers=(SCRIPT, "adamw")))
    assert (found.optimizer, found.learning_rate, found.batch_size) == ("adamw", RATES[1], 32)
    assert "less than at the recommended rate of any other row" in found.reason


@pytest.mark.parametrize(("loss", "jitter"), [(0.99, 0.0), (0.9, 0.5)], ids=["by little", "within noise"])
def test_the_scripts_own_optimizer_is_kept_on_a_tie(loss, jitter):
    probes = line("HHH", jitter=jitter) + line("HHH", losses=[loss] * 3, optimizer="adamw", jitter=jitter)
    assert advice(probes, axes=space(optimizers=("adamw", SCRIPT))).optimizer == SCRIPT


def test_the_wider_safe_range_wins_a_tie_of_others():
    probes = line("SHD", optimizer="sgd") + line("HHHHD", optimizer="adamw")
    assert advice(probes, axes=space(optimizers=("sgd", "adamw"))).optimizer == "adamw"


def sizes(small, large, *, steps):
    probes = line("HHH", losses=[small] * 3, batch_size=16) + line("HHH", losses=[large] * 3, batch_size=64)
    return space(batch_sizes=(16, 64), steps=steps), probes


@pytest.mark.parametrize(
    ("losses", "steps", "own", "chosen"),
    [
        ((2.0, 1.0), (100, 100), 16, 16),  # the larger batch saw four times the samples
        ((1.0, 2.0), (100, 100), 64, 16),  # better with a quarter of the samples
        ((1.0, 2.0), (400, 100), 64, 64),  # the smaller batch made four times the steps
        ((2.0, 1.0), (400, 100), 16, 64),  # better with a quarter of the steps
        ((1.0, 1.0), (100, 100), 64, 64),
        ((9.0, 1.0), (100, 100), 48, 64),  # the nearest size stands in for one that is not on the map
    ],
)
def test_another_batch_size_must_be_better_for_no_more_steps_and_samples(losses, steps, own, chosen):
    axes, probes = sizes(*losses, steps=steps)
    assert advice(probes, axes=axes, of=job(batch_size=own)).batch_size == chosen


def test_the_scripts_own_rate_is_kept_when_it_is_as_good():
    found = advice(line("HHHHD", losses=[3, 1.0, 1.01, 1, 9]))
    assert found.learning_rate == 1e-3
    assert found.reason.startswith("It reached a loss of 1.01 after 100 steps: your own rate")


def test_without_any_safe_range_there_is_no_recommendation_but_a_reason():
    found = advice(line("DDDD"))
    assert (found.optimizer, found.learning_rate, found.batch_size, found.safe) == (None, None, None, None)
    assert "Extend --lr downwards" in found.reason
    assert "sgd" in advice(line("DDDD", optimizer="sgd") + line("SSS"), axes=space(optimizers=("sgd", SCRIPT))).reason


@pytest.mark.parametrize(
    ("optimizer", "batch_size", "words"),
    [("adamw", 32, "add --optimizer script"), (SCRIPT, 64, "The script's batch size, 32, is not on the map")],
)
def test_a_script_off_the_map_is_told_how_to_get_on_it(optimizer, batch_size, words):
    probes = line("HHHH", optimizer=optimizer, batch_size=batch_size)
    script = advice(probes, axes=space(optimizers=(optimizer,), batch_sizes=(batch_size,))).script
    assert script.standing is Standing.UNKNOWN
    assert words in script.sentence


def test_an_empty_space_has_no_rows_and_says_so():
    axes = replace(space(), optimizers=())
    assert "space is empty" in recommend(build_map(axes, (), ()).rows, job(), axes).reason
