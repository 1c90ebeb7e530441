"""One reading of judged probes: what a cell says, where its row fails, and what of it trains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.recommend import build_map
from sweeper.rows import judged_rows
from sweeper.search import open_rows, unresolved
from sweeper.verdict import Label
from tests.recommend.test_rows import LABELS, RATES, judged, line, row_of, space
from tests.search.landscapes import boundary_space


def read(*cells):
    """The row whose rates, ascending, have a probe for each letter of a text, by seed."""
    probes = [
        judged(letter, rate=rate, seed=seed)
        for rate, letters in zip(RATES, cells, strict=False)
        for seed, letter in enumerate(letters)
    ]
    (row,) = judged_rows(space(), probes)
    return row


def places(cells):
    return [RATES.index(cell.learning_rate) for cell in cells]


def place(cell):
    return None if cell is None else RATES.index(cell.learning_rate)


@pytest.mark.parametrize(
    ("letters", "label", "agreeing", "failing"),
    [
        ("HHD", Label.HEALTHY, 2, 1),
        ("HD", Label.DIVERGED, 1, 1),
        ("SH", Label.STALLED, 1, 0),
        ("IHO", Label.INCONCLUSIVE, 1, 0),
        ("BBH", Label.STALLED, 2, 2),
        ("HMM", Label.HEALTHY, 1, 0),
        ("M", None, 0, 0),
    ],
)
def test_a_cell_says_what_most_seeds_say_and_counts_those_that_fail(letters, label, agreeing, failing):
    (cell,) = read(letters).cells
    assert (cell.label, cell.agreeing, cell.failing) == (label, agreeing, failing)
    assert cell.seeds == frozenset(range(len(letters)))


@pytest.mark.parametrize(
    ("cells", "failing"),
    [
        ("SHHHD", 4),
        (("H", "H", "HHD"), 2),  # one failing seed is enough
        ("SHHSS", 3),  # dead above all that trains
        ("SHSHS", 4),  # a stalled rate with one that trains above it is not
        ("SSSSS", None),
        ("SSSDS", 3),
        ("HBHHH", 1),
        ("HHIII", None),
        ("MMHMD", 4),
        (("H", "S", "HHD"), 2),  # most seeds learn above the rate that stalls: it is not for being high
        (("H", "S", "HDD"), 1),
    ],
)
def test_a_row_fails_where_a_seed_fails_or_all_is_dead_above(cells, failing):
    assert place(read(*cells).failing) == failing


@pytest.mark.parametrize(
    ("cells", "block", "stalled"),
    [
        ("SSHHHD", [2, 3, 4], 1),
        ("HHSHHH", [3, 4, 5], 2),
        ("HHHSHD", [0, 1, 2], None),
        ("HHIHHD", [3, 4], None),  # the higher one of two equals
        ("HHMHHH", [3, 4, 5], None),  # nobody knows whether the rate without a verdict trains
        ("HHHMHD", [0, 1, 2], None),
        ("HHIUUU", [0, 1], None),  # the wider run has no steady part
        ("IUIUUU", [3, 4, 5], None),
        ("HHHUUU", [0, 1, 2, 3, 4, 5], None),
        ("HDHHHH", [0], None),
        ("SSIIDD", [], 1),
    ],
)
def test_the_block_is_what_trains_over_most_decades_below_the_first_failure(cells, block, stalled):
    row = read(*cells)
    assert places(row.block) == block
    assert place(row.stalled) == stalled


@pytest.mark.parametrize(
    ("cells", "mixed"),
    [("HDHDD", True), ("HHDDD", False), (("H", "H", "HHD"), False), (("H", "D", "HHD"), True), ("HHSSS", False)],
)
def test_a_row_is_mixed_where_a_rate_trains_above_one_that_fails(cells, mixed):
    assert read(*cells).mixed is mixed


@pytest.mark.parametrize(
    ("letters", "failures", "split", "agreed"),
    [
        ("DDD", 3, False, True),
        ("DB", 2, False, True),  # it diverges or breaks: it fails either way
        ("HHD", 1, True, False),
        ("HO", 0, False, True),  # it trains either way
        ("HI", 0, False, False),
        ("SH", 1, True, False),  # above what trains a seed that stalls has failed, the other has not
        ("SSS", 3, False, True),
        ("SSD", 3, False, True),
        ("SSM", 2, False, True),
        ("ISI", 0, False, False),
    ],
)
def test_how_many_seeds_fail_above_the_rates_that_train_and_whether_they_agree(letters, failures, split, agreed):
    row = read("H", letters)
    cell = row.cells[1]
    assert (row.failures(cell), row.is_split(cell), row.is_agreed(cell)) == (failures, split, agreed)


def test_a_seed_that_stalls_below_rates_that_train_has_not_failed():
    row = read("SB", "H")
    assert (row.failures(row.cells[0]), row.is_agreed(row.cells[0])) == (1, False)


def test_one_seed_with_a_fault_of_the_data_is_a_fault_of_the_row():
    assert read("H", "HN", "H").data_fault
    assert not read("H", "HD", "B").data_fault


def test_no_rate_is_stable_where_the_data_of_one_seed_are_at_fault():
    probes = [*line("SHHHH"), judged("N", rate=RATES[4], seed=1)]
    axes = boundary_space(optimizers=1, sizes=(32,), seeds=(0, 1), resolution=0.5)
    assert [row.rates for row in open_rows(axes, probes)] == [()]
    assert row_of("SHHHH").safe is not None
    (row,) = _mapped(probes)
    assert (row.safe, row.recommended_learning_rate, row.fails_anyhow) == (None, None, True)
    assert "the data or the model are at fault" in row.reason


@pytest.mark.parametrize(("letters", "ends"), [("HHIUUU", (0, 1)), ("HHMHHH", (3, 5)), ("SHHHHD", (1, 4))])
def test_the_search_says_of_the_same_rates_as_the_map_that_they_train(letters, ends):
    axes = boundary_space(optimizers=1, sizes=(32,), resolution=0.5)
    (row,) = open_rows(axes, line(letters))
    safe = row_of(letters).safe
    assert row.trains == (safe.low, safe.high) == (RATES[ends[0]], RATES[ends[1]])


def test_the_chance_of_failing_counts_only_the_seeds_that_stall_above_all_that_trains():
    both = [judged(letter, rate=RATES[2], seed=seed) for seed, letter in enumerate("SS")]
    one = [judged(letter, rate=RATES[2], seed=seed) for seed, letter in enumerate("SH")]
    dead, split = (_mapped([*line("HH"), *probes])[0].cells[2] for probes in (both, one))
    assert split.diverges.probability < dead.diverges.probability


def test_seeds_of_which_one_diverges_and_one_breaks_the_model_do_not_disagree():
    axes = boundary_space(optimizers=1, sizes=(32,), seeds=(0, 1), resolution=0.5)
    row = line("SHHHD")
    assert not _disagree(axes, [*row, judged("B", rate=RATES[4], seed=1), judged("H", rate=RATES[3], seed=1)])
    assert _disagree(axes, [*row, judged("H", rate=RATES[4], seed=1), judged("H", rate=RATES[3], seed=1)])


def _mapped(probes):
    return build_map(space(seeds=(0, 1)), probes, ()).rows


def _disagree(axes, probes):
    return any("Seeds disagree" in one.what for one in unresolved(axes, tuple(probes)))


cells = st.lists(st.text("DSOHIBUMC", min_size=1, max_size=3), max_size=6)


@given(cells)
def test_what_a_row_says_holds_together(letters):
    row = read(*letters)
    assert set(row.block) <= set(row.below) <= set(row.judged)
    assert all(cell.trains and not row.failures(cell) for cell in row.block)
    assert row.failing is None or row.failures(row.failing)
    assert not any(row.failures(cell) for cell in row.below)
    assert row.stalled is None or (row.stalled in row.below and row.stalled not in row.block)
    for cell in row.judged:
        assert not (row.is_split(cell) and row.is_agreed(cell))
        assert cell.label is max(LABELS.values(), key=lambda label: _rank(label, cell))


def _rank(label, cell):
    worst = (Label.DIVERGED, Label.STALLED, Label.INCONCLUSIVE, Label.OVERFIT, Label.HEALTHY)
    return sum(one.label is label for one in cell.verdicts), -worst.index(label)


@given(cells, st.randoms(use_true_random=False))
def test_the_order_of_probes_leaves_the_reading(letters, chance):
    probes = [one for cell in read(*letters).cells for one in cell.probes]
    shuffled = list(probes)
    chance.shuffle(shuffled)
    assert judged_rows(space(), shuffled) == judged_rows(space(), probes)


def test_null_probes_and_rows_off_the_space_are_left_out():
    probes = [*line("SH"), judged("H", rate=0.0), judged("H", rate=RATES[0], batch_size=64)]
    (row,) = judged_rows(space(), probes)
    assert places(row.cells) == [0, 1]
