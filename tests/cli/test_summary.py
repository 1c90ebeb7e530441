"""The results on the terminal: in how many cells seeds agree."""

from sweeper.cli._summary import agreement_parts
from sweeper.results import Cell, Row


def row(*cells):
    names = ("learning_rate", "label", "agreeing", "judged")
    found = tuple(Cell.model_construct(failed=None, **dict(zip(names, cell, strict=True))) for cell in cells)
    return Row.model_construct(optimizer="sgd", batch_size=32, cells=found)


def lines(*rows):
    return [part.plain for part in agreement_parts(rows)]


def test_one_seed_agrees_with_itself_and_nothing_is_said():
    assert lines(row((0.1, "healthy", 1, 1), (1.0, None, 0, 0))) == []


def test_seeds_that_agree_everywhere_take_one_line():
    found = lines(row((0.01, "healthy", 1, 1), (0.1, "healthy", 3, 3), (1.0, "diverged", 2, 2)))
    assert found == ["Seeds agree in 2 of 2 cells with more than one"]


def test_cells_in_which_seeds_disagree_are_named():
    assert lines(row((0.1, "healthy", 2, 3)), row((1.0, "diverged", 3, 3))) == [
        "Seeds agree in 1 of 2 cells with more than one, not at",
        "  sgd, batch size 32, 0.1: healthy in 2 of 3",
    ]


def test_a_long_list_of_them_is_cut():
    found = lines(row(*((10.0**-power, "healthy", 2, 3) for power in range(8))))
    assert found[-1] == "  and 2 more; the report has all"
    assert len(found) == 8
