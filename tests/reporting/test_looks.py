import pytest

from sweeper.probes import OutcomeKind
from sweeper.ranges import CellLabel
from sweeper.reporting import LOOKS, NOT_RUN, look_of, look_of_cell


def test_letters_and_colours_tell_all_looks_apart():
    assert len({look.glyph for look in LOOKS}) == len(LOOKS)
    assert len({look.colour for look in LOOKS}) == len(LOOKS)


@pytest.mark.parametrize("label", CellLabel)
def test_every_label_has_a_look(label):
    assert look_of(label, None).name == label


@pytest.mark.parametrize("kind", OutcomeKind)
def test_every_bad_end_has_a_look(kind):
    look = look_of(None, kind)
    assert (look is NOT_RUN) == (kind in {OutcomeKind.CANCELLED, OutcomeKind.COMPLETED})


def test_a_cell_without_an_answer_is_not_run():
    assert look_of_cell(None) is NOT_RUN
    assert look_of(None, None) is NOT_RUN


def test_a_probe_without_updates_has_no_label_to_show():
    assert look_of(None, OutcomeKind.COMPLETED) is NOT_RUN
    assert look_of(CellLabel.HEALTHY, OutcomeKind.COMPLETED).glyph == "H"
