"""Programs with one fault each, as people write them: the right finding comes first, or rightly none.

All are run whole, in a process of their own, as `sweeper diagnose` runs a script.
"""

import os
from pathlib import Path

import pytest

from sweeper import SilentView, load_settings
from sweeper.checks.driver import diagnose
from sweeper.sweep import probe, rebuild

PROGRAMS = Path(__file__).parent / "programs"
EXPECTED = {
    "channel_axis_missing": ("SW101", 18),
    "rgb_axis_missing": ("SW101", 9),
    "conv_into_lstm": ("SW103", 8),
    "adam_rate_ten": ("SW413", 7),
    "adam_rate_thousand_integer": ("SW124", 7),
    "adam_rate_thousand_lstm": ("SW413", 7),
    "unscaled_inputs": ("SW203", 15),
    "unscaled_images": ("SW203", 10),
    "second_dense_input_shape": ("SW108", 7),
    "syntax_error": ("SW131", 6),
    "softmax_pair_binary": ("SW303", 9),
    "overfit_random_labels": ("SW210", 11),
    "layers_fit_after_all": None,
    "float_labels_sparse": ("SW123", 9),
    "predict_without_batch": ("SW102", 11),
    "predict_without_batch_image": ("SW102", 12),
    "inhomogeneous_sequences": ("SW104", 7),
    "inhomogeneous_list": ("SW104", 9),
    "sigmoid_one_three_classes": ("SW302", 8),
    "sigmoid_one_three_classes_binary": ("SW302", 8),
    "sigmoid_one_three_onehot": ("SW302", 8),
    "dense_one_sigmoid_categorical": ("SW302", 8),
    "softmax_one": ("SW301", 8),
    "subclassed_softmax_one": ("SW301", 7),
    "two_units_one_label_column": ("SW303", 8),
    "labels_from_one": ("SW307", 10),
    "nan_in_inputs": ("SW201", 11),
    "string_column": ("SW121", 11),
    "string_labels": ("SW121", 12),
    "embedding_index": ("SW412", 4),
    "lstm_return_sequences": ("SW107", 6),
    "not_compiled": ("SW135", 5),
    "fit_twice_on_ruined_weights": ("SW414", 11),
    "dead_relu": ("SW405", 11),
    "deep_sigmoids": ("SW407", 10),
    "weights_clipped_by_callback": ("SW021", 16),
}
"""For each program the code of its first finding and the line that it names; None for a sound one."""
QUICK = {
    "sigmoid_one_three_classes",
    "predict_without_batch",
    "inhomogeneous_sequences",
    "layers_fit_after_all",
    "weights_clipped_by_callback",
}
"""Those that every run of the slow tests includes."""


def marked(name):
    return pytest.param(name, marks=pytest.mark.slow if name in QUICK else pytest.mark.collection)


@pytest.mark.parametrize("name", [marked(name) for name in EXPECTED])
def test_the_right_finding_comes_first(name, monkeypatch, warm_workers):
    monkeypatch.chdir(PROGRAMS)
    asked = load_settings({"target": f"{name}.py"}, environ=os.environ, cwd=PROGRAMS)
    report = diagnose(asked.settings, view=SilentView())
    findings = [(found.code, found.location) for found in report.findings]
    if EXPECTED[name] is None:
        assert findings == []
    else:
        code, line = EXPECTED[name]
        assert findings[0] == (code, f"{name}.py:{line}")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["unscaled_inputs", "subclassed_softmax_one"])
def test_a_probe_run_says_the_same_first(name, tmp_path, monkeypatch, warm_workers):
    monkeypatch.chdir(PROGRAMS)
    options = {"target": f"{name}.py", "lr": "1e-3", "steps": 5, "optimizer": "script", "batch_size": "script"}
    asked = load_settings(options | {"out": str(tmp_path / "run")}, environ=os.environ, cwd=PROGRAMS)
    result = probe(asked.settings, command=("test",), view=SilentView())
    assert result.results.findings[0].code == EXPECTED[name][0]
    assert result.results.findings == rebuild(tmp_path / "run").results.findings


def test_every_program_is_expected_to_show_something():
    assert {path.stem for path in PROGRAMS.glob("*.py")} == set(EXPECTED)
