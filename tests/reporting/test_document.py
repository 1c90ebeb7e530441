import json
import math
import random
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sweeper.curve import Curve
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.reporting import results_document
from sweeper.results import results_schema
from sweeper.thresholds import Threshold
from sweeper.verdict import Evidence, Judged, Label, Verdict
from tests.reporting import samples

SAMPLES = samples.every()
KEYS = [
    "schema",
    "sweeper",
    "target",
    "environment",
    "space",
    "probes",
    "rows",
    "scaling",
    "noise_scale",
    "recommendation",
    "overfit",
    "remedies",
    "unresolved",
    "memory",
    "findings",
    "changes",
    "thresholds",
]


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft202012Validator(results_schema())


@pytest.mark.parametrize("name", SAMPLES)
def test_every_document_satisfies_the_schema_and_has_no_nan(name, validator):
    document = SAMPLES[name].document()
    json.dumps(document, allow_nan=False)
    validator.validate(document)


def test_top_level_keys_come_in_a_fixed_order():
    assert list(SAMPLES["usual"].document()) == KEYS
    assert list(SAMPLES["nothing_trained"].document()) == KEYS


def test_the_order_in_which_probes_ended_does_not_show():
    sample = SAMPLES["several_seeds"]
    shuffled = list(sample.judged)
    random.Random(3).shuffle(shuffled)
    again = replace(sample, judged=tuple(shuffled)).document()
    assert json.dumps(again) == json.dumps(sample.document())


def test_probes_follow_the_axes():
    probes = SAMPLES["several_seeds"].document()["probes"]
    places = [(["script", "sgd"].index(p["optimizer"]), p["batch_size"], p["learning_rate"], p["seed"]) for p in probes]
    assert places == sorted(places)


def test_a_probe_says_how_it_ended_and_what_was_measured():
    document = SAMPLES["usual"].document()
    probe = next(p for p in document["probes"] if p["optimizer"] == "adam" and p["learning_rate"] == 1e-3)
    assert probe["id"] == "adam-lr0.001-b16-s0-n200"
    assert probe["curve"] == "probes/adam-lr0.001-b16-s0-n200.json"
    assert (probe["outcome"], probe["verdict"], probe["steps_run"]) == ("completed", "healthy", 200)
    assert probe["evidence"][0]["code"] == "falls"
    assert probe["final_loss"] == pytest.approx(0.15, rel=1)


def test_numbers_that_are_not_finite_become_null_and_keep_their_sentence():
    document = SAMPLES["all_diverged"].document()
    probe = next(p for p in document["probes"] if p["learning_rate"] == 1.0)
    assert probe["final_loss"] is None
    assert probe["first_nonfinite_loss"] == probe["steps_run"]
    evidence = probe["evidence"][0]
    assert (evidence["measured"], evidence["threshold"]) == (None, None)
    assert "NaN" in evidence["sentence"]


def test_a_probe_without_a_curve_has_no_verdict_and_no_file():
    document = SAMPLES["usual"].document()
    probe = next(p for p in document["probes"] if p["outcome"] == "oom")
    assert (probe["verdict"], probe["evidence"], probe["curve"], probe["final_loss"]) == (None, [], None, None)
    assert probe["cause"]
    assert probe["log_tail"]


def test_only_the_end_of_a_long_log_is_kept():
    outcome = Outcome(
        probe=Probe(optimizer="adam", learning_rate=1e-3, batch_size=32, seed=0, steps=5),
        kind=OutcomeKind.CRASHED,
        log_tail="x" * 10_000 + "the end",
    )
    sample = replace(SAMPLES["one_cell"], judged=(Judged(outcome=outcome, verdict=None),))
    kept = sample.document()["probes"][0]["log_tail"]
    assert len(kept) == 2000
    assert kept.endswith("the end")


def test_without_a_fit_call_there_are_findings_only():
    document = SAMPLES["nothing_trained"].document()
    assert document["target"]["job"] is None
    assert (document["space"], document["recommendation"]) == (None, None)
    assert (document["probes"], document["rows"], document["changes"]) == ([], [], [])
    assert document["findings"][0]["code"] == "SW001"


def test_a_row_has_its_safe_range_or_a_reason():
    rows = SAMPLES["usual"].document()["rows"]
    assert rows[1]["safe_learning_rate"] == {"low": 1e-4, "high": 3.16228e-3}
    none_found = SAMPLES["all_diverged"].document()["rows"][0]
    assert none_found["safe_learning_rate"] is None
    assert none_found["reason"]


def test_thresholds_keep_value_unit_and_reason():
    thresholds = SAMPLES["usual"].document()["thresholds"]
    assert [item["name"] for item in thresholds] == [item.name for item in samples.THRESHOLDS]
    assert set(thresholds[0]) == {"name", "value", "unit", "reason"}


def any_floats(**options):
    return st.floats(allow_nan=True, allow_infinity=True, **options)


@given(losses=st.lists(any_floats(), min_size=1, max_size=8), measured=any_floats(), threshold=any_floats())
@example(losses=[5e-324], measured=0.0, threshold=0.0)
@example(losses=[0.0, 0.0, 8.988465674311579e307, 8.98846567431158e307], measured=0.0, threshold=0.0)
def test_no_float_can_bring_nan_into_the_document(losses, measured, threshold):
    base = SAMPLES["one_cell"]
    probe = base.judged[0].outcome.probe
    evidence = Evidence(code="x", measured=measured, threshold=threshold, step=None, sentence="x")
    outcome = Outcome(
        probe=probe,
        kind=OutcomeKind.COMPLETED,
        curve=Curve(train_loss=tuple(losses)),
        samples_per_second=measured,
        seconds=1.0,
    )
    judged = Judged(outcome=outcome, verdict=Verdict(label=Label.HEALTHY, evidence=(evidence,)))
    document = results_document(
        run=base.run,
        job=base.job,
        space=base.space,
        judged=(judged,),
        rows=(),
        recommendation=None,
        findings=(),
        thresholds=(Threshold(name="x", value=threshold, unit="steps", reason="because"),),
    ).as_json()
    text = json.dumps(document, allow_nan=False)
    final = json.loads(text)["probes"][0]["final_loss"]
    last = json.loads(text)["probes"][0]["last_loss"]
    assert last == losses[-1] if math.isfinite(losses[-1]) else last is None
    finite = [loss for loss in losses if math.isfinite(loss)]
    assert final is None or min(finite) <= final <= max(finite)
