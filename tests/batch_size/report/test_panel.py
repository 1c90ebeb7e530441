from dataclasses import replace

import pytest

from sweeper.batch_size.report._panel import memory_panel, size_rows
from sweeper.batch_size.report._words import accumulation_lines, limit_text, predicted_peak
from tests.batch_size import memory_samples
from tests.reporting import samples

MEMORIES = {name: samples.batch_size_alone(name).results().memory for name in memory_samples.every()}


def changed(name, **changes):
    sample = samples.batch_size_alone(name)
    return replace(sample, memory=replace(sample.memory, **changes)).results().memory


@pytest.fixture
def usual():
    return memory_panel(MEMORIES["usual"])


def test_every_trial_and_every_timed_size_has_a_row_by_size(usual):
    assert [(row.batch_size, row.look.title) for row in usual.rows] == [
        (8, "timed"),
        (16, "timed"),
        (32, "fits"),
        (64, "timed"),
        (104, "fits"),
        (128, "timed"),
        (256, "timed"),
        (288, "fits"),
        (496, "fits"),
        (520, "out of memory"),
    ]


def test_the_sizes_that_have_a_name_are_marked(usual):
    assert {row.batch_size: row.marks for row in usual.rows if row.marks} == {
        32: ("yours",),
        128: ("recommended",),
        496: ("largest",),
    }


def test_a_row_says_which_part_of_the_limit_it_took(usual):
    largest = next(row for row in usual.rows if row.batch_size == 496)
    assert (largest.share, largest.width) == ("88%", 88.1)


def test_a_failed_trial_says_where_and_why(usual):
    assert usual.rows[-1].notes == "during batches of the largest samples: ended at 4.31 GB: over the limit of 4.29 GB"


def test_a_trial_with_another_setting_has_a_row_of_its_own():
    mixed = memory_samples.trial(6, 32, precision="mixed_float16")
    split = memory_samples.trial(7, 32, accumulation=8)
    memory = changed("usual", trials=(*memory_samples.usual().trials, mixed, split))
    rows = [row for row in size_rows(memory) if row.batch_size == 32]
    assert [(row.setting, row.marks) for row in rows] == [
        ("", ("yours",)),
        ("mixed_float16", ()),
        ("8 steps accumulated", ()),
    ]


def test_the_parts_add_up_to_what_was_measured(usual):
    panel = memory_panel(MEMORIES["fixed"])
    assert panel.parts_of == 32
    assert sum(part.bytes for part in panel.parts) == MEMORIES["fixed"].trials[0].peak_bytes
    assert sum(part.width for part in panel.parts) == pytest.approx(100, abs=0.1)
    assert usual.parts[-1].name == "Python, libraries, data, copies, work space"


def test_an_estimate_above_the_measured_peak_leaves_no_rest():
    facts = replace(memory_samples.facts(), activation_bytes=10**9)
    panel = memory_panel(changed("fixed", facts=facts))
    assert [part.name for part in panel.parts][-1].startswith("one batch")
    assert max(part.width for part in panel.parts) <= 100


def test_without_a_size_that_fits_there_are_no_parts():
    panel = memory_panel(MEMORIES["nothing_fits"])
    assert (panel.parts_of, panel.parts, panel.fit_note) == (None, (), "")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("usual", "496 is the largest batch size that fits; 128 is recommended"),
        ("all_pass", "1,437 is the largest batch size that fits, and is recommended"),
        ("fixed", "Batch size 32, which is fixed, fits"),
        ("nothing_fits", "No batch size fits into 537 MB (512 MiB)"),
    ],
)
def test_the_title_is_the_answer(name, title):
    assert memory_panel(MEMORIES[name]).title == title


def test_a_fixed_size_that_does_not_fit_is_said_to_be_fixed():
    memory = changed("nothing_fits", facts=replace(memory_samples.facts(), batch_size_fixed="it is"))
    assert memory_panel(memory).title == "Batch size 32, which is fixed, does not fit"


def test_the_legend_names_only_what_is_drawn():
    kinds = {name: [kind for kind, _ in memory_panel(memory).legend] for name, memory in MEMORIES.items()}
    assert kinds["usual"] == ["measured", "failed", "line", "speed", "knee"]
    assert kinds["all_pass"] == ["measured", "whisker", "line", "speed", "knee"]
    assert "compiled" in kinds["compiled"]
    assert kinds["nothing_fits"] == ["failed"]
    assert kinds["fixed"] == ["measured"]
    assert kinds["not_begun"] == []


def test_a_bend_and_samples_of_different_size_are_warned_of():
    assert [sentence[:12] for sentence in memory_panel(MEMORIES["curved"]).warnings] == ["Memory does ", "Samples diff"]
    assert memory_panel(MEMORIES["usual"]).warnings == ()


def test_precisions_are_compared_as_far_as_they_were_measured(usual):
    assert usual.precision == (("peak memory", "1.43 GB", "1.02 GB"), ("samples/s", "2,038", "3,890"))
    failed = replace(memory_samples.precision(), peak_bytes=None, samples_per_second=None, own_samples_per_second=None)
    panel = memory_panel(changed("usual", precision=failed))
    assert panel.precision == (("peak memory", "1.43 GB", "\N{EN DASH}"),)


def test_accumulation_is_lines_of_a_script():
    assert accumulation_lines(MEMORIES["usual"]).splitlines() == [
        "optimizer = keras.optimizers.Adam(..., gradient_accumulation_steps=8)",
        "model.fit(..., batch_size=128)",
    ]
    at_once = replace(memory_samples.accumulation(), steps=1)
    advice = replace(memory_samples.usual().advice, accumulation=at_once)
    assert accumulation_lines(changed("usual", advice=advice)) == "model.fit(..., batch_size=128)"
    assert accumulation_lines(MEMORIES["fixed"]) == ""


@pytest.mark.parametrize(
    ("amount", "text"),
    [(4 << 30, "4.29 GB (4 GiB)"), (512 << 20, "537 MB (512 MiB)"), (10**9, "1 GB"), (0, "0 bytes")],
)
def test_a_limit_is_also_said_in_the_unit_in_which_it_is_round(amount, text):
    assert limit_text(amount) == text


def test_a_prediction_lies_on_the_line_of_the_band():
    memory = MEMORIES["usual"]
    line = memory.fit
    for size in (32, 128, 519, 520, 4000):
        expected = line.base_bytes + size * line.bytes_per_sample
        assert predicted_peak(memory, size) == pytest.approx(expected, rel=1e-6)
    assert predicted_peak(MEMORIES["fixed"], 32) is None
