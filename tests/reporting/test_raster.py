import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.reporting._looks import LOOKS, NOT_RUN, badness, worst
from sweeper.reporting._raster import raster_of

HEALTHY, STALLED = LOOKS[:2]
DIVERGED = next(look for look in LOOKS if look.name == "diverged")
rows = st.dictionaries(
    st.integers(-90, 30).map(lambda place: float(f"{10 ** (place * 0.1):.6g}")),
    st.sampled_from([HEALTHY, STALLED, DIVERGED]),
    min_size=1,
)


def shown(fields):
    return "".join(field.look.glyph if field.probed else field.look.glyph.lower() for field in fields)


def test_what_lies_between_two_that_agree_follows_and_an_edge_stays_open():
    raster = raster_of((1e-3, 1.0), step=0.5)
    assert shown(raster.fields({1e-3: STALLED, 1e-2: HEALTHY, 0.1: HEALTHY, 1.0: DIVERGED})) == "S·HhH·D"
    edge = raster.fields({1e-3: STALLED, 1e-2: HEALTHY})[1]
    assert edge.edges == (STALLED, HEALTHY)


def test_nothing_follows_beyond_the_rates_that_were_probed():
    fields = raster_of((1e-3, 1.0), step=1.0).fields({1e-2: HEALTHY})
    assert shown(fields) == "·H··"
    assert fields[0].edges is None


def test_of_several_rates_in_one_column_the_worst_is_shown():
    (field,) = raster_of((1e-3,), step=1.0).fields({1e-3: HEALTHY, 1.5e-3: DIVERGED})
    assert (field.look, field.rate) == (DIVERGED, 1.5e-3)


def test_a_row_without_probes_is_empty():
    assert shown(raster_of((1e-3, 1e-2), step=1.0).fields({})) == "··"


def test_columns_stand_at_powers_of_ten_whose_borders_meet():
    raster = raster_of((1e-3, 1e-2), step=0.5)
    assert raster.rates == (1e-3, 3.16228e-3, 1e-2)
    assert raster.decades == (1e-3, 1e-2)
    assert raster.edges == pytest.approx((10**-3.25, 10**-2.75, 10**-2.25, 10**-1.75), rel=1e-5)
    assert raster_of((2e-3, 3e-3), step=0.1).decades == (1.99526e-3, 3.16228e-3)


@given(rows)
def test_every_probed_rate_has_its_own_column_at_the_resolution(looks):
    raster = raster_of(tuple(looks), step=0.1)
    fields = raster.fields(looks)
    assert len(fields) == len(raster.rates)
    assert {field.rate: field.look for field in fields if field.probed} == looks
    assert fields[0].probed
    assert fields[-1].probed
    assert all(fields[raster.column(rate)].look is look for rate, look in looks.items())


def test_every_look_has_its_place_among_the_worst():
    assert sorted(map(badness, LOOKS)) == list(range(len(LOOKS)))
    assert worst((HEALTHY, NOT_RUN, STALLED), look_of=lambda look: look) is STALLED
