from dataclasses import replace

import pytest

from sweeper.trial import Speed, TrialExtras
from tests.batch_size import memory_samples
from tests.reporting import samples

CASES = memory_samples.every()


def document(report):
    return replace(samples.batch_size_alone("usual"), memory=report).document()["memory"]


@pytest.fixture
def usual():
    return document(CASES["usual"])


def test_a_small_search_is_told_whole():
    told = document(CASES["fixed"])
    assert told == {
        "limit_bytes": 4294967296,
        "limit_source": "--memory-limit",
        "limit_kind": "host",
        "others": "",
        "headroom": 0.1,
        "largest_that_fits": 32,
        "bound": "the model's input has a fixed batch dimension",
        "knee": None,
        "noise_scale": None,
        "recommended": 32,
        "reasons": ["It is the only size that the model takes."],
        "points": [{"batch_size": 32, "peak_bytes": 834400000}],
        "fit": None,
        "trials": [
            {
                "number": 1,
                "batch_size": 32,
                "goal": "verify",
                "accumulation": 1,
                "precision": None,
                "outcome": "completed",
                "stage": "done",
                "peak_bytes": 851088000,
                "steady_peak_bytes": 834400000,
                "host_peak_bytes": 851088000,
                "start_bytes": 470000000,
                "steps": 9,
                "samples_per_second": None,
                "seconds": 11.72,
                "cause": "",
                "log_tail": "",
            }
        ],
        "speeds": [],
        "accumulation": None,
        "elsewhere": [],
        "precision": None,
        "fit_site": "train.py:41",
        "model": "digits (Sequential)",
        "parameters": 2412554,
        "optimizer": "Adam",
        "own_batch_size": 32,
        "own_precision": "float32",
        "batch_size_fixed": "the model's input has a fixed batch dimension",
        "samples": 60000,
        "data": "arrays",
        "largest_sample": "",
        "backend": "tensorflow",
        "device": "cpu",
        "xla": False,
        "estimate": {
            "weight_bytes": 9650216,
            "gradient_bytes": 9650216,
            "slot_bytes": 19300440,
            "activation_bytes_per_sample": 2900000,
            "sample_bytes": 12288,
        },
        "changes": [{"what": "epochs", "detail": "A trial ends after a few steps."}],
    }


def test_a_run_without_a_search_has_none():
    assert samples.usual().document()["memory"] is None


def test_the_fit_comes_with_its_points_and_its_band(usual):
    assert [point["batch_size"] for point in usual["points"]] == [32, 104, 288, 496]
    assert (usual["fit"]["base_bytes"], usual["fit"]["bytes_per_sample"]) == (640e6, 6.2e6)
    band = usual["fit"]["band"]
    assert (band[0]["batch_size"], band[-1]["batch_size"]) == (32, 520)
    assert all(item["low_bytes"] < item["peak_bytes"] < item["high_bytes"] for item in band)


def test_without_a_fit_the_points_are_what_was_measured():
    assert document(replace(CASES["usual"], fit=None))["points"] == [
        {"batch_size": size, "peak_bytes": peak}
        for size, peak in ((32, 834_400_000), (104, 1_288_800_000), (288, 2_421_600_000), (496, 3_711_200_000))
    ]


def test_trials_are_told_in_the_order_in_which_they_ran(usual):
    assert [(trial["number"], trial["outcome"]) for trial in usual["trials"]] == [
        (1, "completed"),
        (2, "completed"),
        (3, "completed"),
        (4, "oom"),
        (5, "completed"),
    ]


def test_a_trial_has_the_speed_of_its_own_size_only(usual):
    timed = {trial["batch_size"]: trial["samples_per_second"] is not None for trial in usual["trials"]}
    assert timed == {32: True, 104: False, 288: False, 520: False, 496: True}
    assert [speed["batch_size"] for speed in usual["speeds"]] == [8, 16, 32, 64, 128, 256, 496]


def test_of_several_readings_of_a_speed_the_fastest_counts_and_none_with_another_setting():
    def timed(trial, speed):
        return replace(trial, extras=TrialExtras(speeds=(Speed(batch_size=32, samples_per_second=speed),)))

    first, second = memory_samples.trial(1, 32), memory_samples.trial(2, 32)
    mixed = memory_samples.trial(3, 32, precision="mixed_float16")
    trials = (timed(first, 100.0), timed(second, 90.0), timed(mixed, 300.0))
    told = document(replace(CASES["usual"], trials=trials))
    assert told["speeds"] == [{"batch_size": 32, "samples_per_second": 100.0}]
    assert [trial["samples_per_second"] for trial in told["trials"]] == [100.0, 90.0, 300.0]


def test_only_the_end_of_a_long_log_is_kept():
    broken = CASES["script_error"].trials[0]
    trial = replace(broken, measured=replace(broken.measured, log_tail="x" * 10_000 + "the end"))
    kept = document(replace(CASES["script_error"], trials=(trial,)))["trials"][0]["log_tail"]
    assert len(kept) == 2000
    assert kept.endswith("the end")
