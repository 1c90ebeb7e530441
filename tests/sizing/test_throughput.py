import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.memory import GradientNorms, Speed
from sweeper.sizing import knee, noise_scale


def speeds(**by_size):
    return [Speed(batch_size=int(size[1:]), samples_per_second=speed) for size, speed in by_size.items()]


def norms(*pairs):
    return [GradientNorms(batch_size=size, mean_square=square, batches=8) for size, square in pairs]


def test_the_knee_is_the_smallest_size_with_95_percent_of_the_best():
    assert knee(speeds(b8=500, b16=949, b32=950, b64=1000, b128=990)) == 32


def test_two_timed_sizes_show_no_knee():
    assert knee(speeds(b8=500, b16=900)) is None
    assert knee([]) is None


def test_speed_that_only_grows_has_its_knee_at_the_end():
    assert knee(speeds(b8=1, b16=2, b32=4, b64=8)) == 64


@given(signal=st.floats(1e-6, 1e6), noise=st.floats(1e-6, 1e6), small=st.integers(1, 64), ratio=st.integers(2, 64))
def test_the_noise_scale_is_what_the_norms_were_made_of(signal, noise, small, ratio):
    if not 1e-4 < noise / signal < 1e4:
        return
    large = small * ratio
    found = noise_scale(norms((small, signal + noise / small), (large, signal + noise / large)))
    assert found == pytest.approx(noise / signal, rel=1e-3)


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [(32, 1.0)],
        [(32, 1.0), (32, 2.0)],
        [(32, 1.0), (512, 1.0)],
        [(32, 1.0), (512, 2.0)],
        [(32, 16.0), (512, 1.0)],
        [(32, math.nan), (512, 1.0)],
        [(32, math.inf), (512, 1.0)],
        [(32, 1e308), (512, 1e308)],
        [(32, 0.0), (512, 0.0)],
    ],
)
def test_norms_that_do_not_tell_noise_from_signal_give_no_noise_scale(pairs):
    assert noise_scale(norms(*pairs)) is None
