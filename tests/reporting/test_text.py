import pytest

from sweeper.text import bytes_text, final_loss_text, moment_text, number_text, plural, rate_text, seconds_text


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0.0, "0"),
        (1e-6, "1e-6"),
        (1e-3, "1e-3"),
        (3.16228e-3, "3.16e-3"),
        (0.0125, "1.25e-2"),
        (0.1, "0.1"),
        (0.316228, "0.316"),
        (1.0, "1"),
        (10.0, "10"),
        (320.0, "320"),
        (1e5, "1e5"),
    ],
)
def test_rates_read_as_people_write_them(rate, text):
    assert rate_text(rate) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "\N{EN DASH}"),
        (0, "0"),
        (5, "5"),
        (0.12016, "0.1202"),
        (12280.0, "12,280"),
        (4.2e-5, "4.2e-5"),
        (-3.25, "-3.25"),
        (2.5e12, "2.5e12"),
    ],
)
def test_numbers_have_about_four_digits(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0 s"), (0.48, "0.48 s"), (42.3, "42 s"), (112.4, "1 min 52 s"), (7380, "2 h 3 min")]
)
def test_times(seconds, text):
    assert seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(None, "\N{EN DASH}"), (0, "0 bytes"), (999, "999 bytes"), (478_000, "478 kB"), (1_400_000_000, "1.4 GB")],
)
def test_amounts_of_memory(amount, text):
    assert bytes_text(amount) == text


def test_counts_agree_with_their_noun():
    assert [plural(count, "probe") for count in (0, 1, 1200)] == ["0 probes", "1 probe", "1,200 probes"]


def test_a_moment_names_its_zone():
    assert moment_text("2026-03-04T10:15:00+00:00") == "2026-03-04 10:15 UTC"
    assert moment_text("2026-03-04T10:15:00+02:00") == "2026-03-04 10:15 UTC+02:00"


def test_a_loss_that_was_not_finite_is_told_from_one_that_is_not_there():
    assert final_loss_text(None, 7) == "not finite"
    assert final_loss_text(None, 0) == "\N{EN DASH}"
    assert final_loss_text(0.5, 7) == "0.5"
