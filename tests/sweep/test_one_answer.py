"""One run, one answer: every number that two outputs of a run say is the same, over runs of seventeen kinds.

The runs are real trainings of a small network. Their outputs are those that a person reads: results.json and
report.html in the run directory, the text on the terminal, the last lines of `lr` and `batch`, `--print`, and the gate.
"""

import json
import re
from dataclasses import dataclass, replace

import jsonschema
import pytest
from rich.console import Console

from sweeper.batch_size.verbs._batch import Printed as PrintedSize
from sweeper.batch_size.verbs._batch import _finish as finish_batch
from sweeper.cli._lr import Printed
from sweeper.cli._lr import _finish as finish_lr
from sweeper.cli._summary import summary
from sweeper.cli.finish import finish
from sweeper.errors import ExitStatus
from sweeper.results import results_schema
from sweeper.settings import FailOn
from tests.sweep.driven import run
from tests.sweep.kinds import KINDS
from tests.sweep.one_answer import (
    Said,
    contradictions,
    said_by_document,
    said_by_page,
    said_by_sentence,
    said_by_terminal,
    twice,
)


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What a run printed and wrote."""

    results: dict
    page: str
    terminal: str
    lr: str
    rate: str
    batch: str
    size: str
    gate: str

    def said(self):
        results = self.results
        yield from said_by_document(results)
        yield from said_by_page(self.page, results)
        yield from said_by_terminal(self.terminal)
        advice = results["recommendation"]
        if advice and advice["optimizer"] is not None:
            row = ("row", advice["optimizer"], advice["batch_size"])
            yield from said_by_sentence(self.terminal.split("Use ")[-1].split("Your ")[0], row, "terminal, sentences")
            yield from said_by_sentence("Use " + self.terminal.split("Use ")[-1], row, "terminal, headline")
            if len(results["rows"]) == 1:
                yield from said_by_sentence(self.lr.splitlines()[-1], row, "last line of lr")
                yield Said("lr --print rate", row, "recommended_learning_rate", self.rate.strip())
                if results["memory"]:
                    yield from said_by_sentence(self.batch.splitlines()[-1], row, "last line of batch")
        if advice:
            own = re.search(r"Your (\S+) ", advice["script"]["sentence"])
            if own:
                yield Said("sentence on the script", ("own",), "rate", own[1])
            ours = ("row", "script", advice["script"]["batch_size"])
            yield from said_by_sentence(advice["script"]["sentence"], ours, "sentence on the script")


def run_of(kind, folder, capsys):
    """A run of a kind: trained, recorded and printed."""
    result = run(kind.settings, kind.script, folder)
    return _printed(replace(result, status=ExitStatus.DONE), capsys)


def _printed(result, capsys):
    wide = Console(width=400)
    with wide.capture() as captured:
        for part in summary(result.results, result.directory, width=400):
            wide.print(part)
    printed = {}
    capsys.readouterr()
    for name, ending in (
        ("lr", lambda: finish_lr(result, print_only=None, as_json=False)),
        ("rate", lambda: finish_lr(result, print_only=Printed.RATE, as_json=False)),
        ("batch", lambda: finish_batch(result, print_only=None, as_json=False) if result.results.memory else None),
        ("size", lambda: finish_batch(result, print_only=PrintedSize.SIZE, as_json=False)),
    ):
        if name != "size" or result.results.memory:
            ending()
        printed[name] = capsys.readouterr().out
    finish(result, fail_on=(FailOn.UNSAFE,), as_json=True)
    return Outputs(
        results=json.loads((result.directory / "results.json").read_text()),
        page=(result.directory / "report.html").read_text(),
        terminal=captured.get(),
        gate=capsys.readouterr().err,
        **printed,
    )


@pytest.fixture(scope="module")
def runs():
    return {}


@pytest.fixture(params=KINDS)
def outputs(request, runs, tmp_path, capsys):
    """What a run of each kind says; each is made once."""
    if request.param not in runs:
        runs[request.param] = run_of(KINDS[request.param], tmp_path, capsys)
    return runs[request.param]


def test_no_two_outputs_of_a_run_contradict_each_other(outputs):
    said = list(outputs.said())
    assert contradictions(said) == []
    assert twice(said) >= 6
    jsonschema.Draft202012Validator(results_schema()).validate(outputs.results)


def test_batch_sizes_compare_by_what_does_not_grow_with_them(outputs, request):
    name = request.node.callspec.params["outputs"]
    comparison = (outputs.results["recommendation"] or {"comparison": None})["comparison"]
    expected = {"loss is a sum": "loss per sample", "loss is a sum, with validation": "validation loss"}
    if comparison is not None:
        assert comparison["measure"] == expected.get(name, "loss")
        losses = [one["loss"] for one in comparison["sizes"]]
        assert losses == sorted(losses)
        assert comparison["sentence"] in outputs.terminal
        assert comparison["sentence"] in outputs.page
    assert comparison is not None or name not in expected


def test_what_is_recommended_trains_well_and_what_trains_well_is_stable(outputs):
    for row in outputs.results["rows"]:
        well, stable, rate = (row[f"{name}_learning_rate"] for name in ("trains_well", "stable", "recommended"))
        assert (well is None) == (stable is None) == (rate is None)
        if well is not None:
            assert stable["low"] <= well["low"] <= rate <= well["high"] <= stable["high"]
        fastest = row["fastest_learning_rate"]
        inside = stable is not None and fastest is not None and stable["low"] <= fastest <= stable["high"]
        assert row["fastest_is_stable"] == (None if fastest is None else inside)


def test_no_recommended_rate_lies_where_the_same_run_says_to_stay_below(outputs):
    for row in outputs.results["rows"]:
        failing = [edge["high"] for edge in row["edges"] if edge["kind"] == "diverges" and edge["high"] is not None]
        assert all(row["recommended_learning_rate"] < rate for rate in failing if row["recommended_learning_rate"])
    for item in outputs.results["unresolved"]:
        assert "Stay well below" not in item["what"]


def test_no_cell_is_called_healthy_that_most_probably_fails_and_every_interval_holds_its_value(outputs):
    for row in outputs.results["rows"]:
        for cell in row["cells"]:
            chance = cell["diverges"]
            assert chance is None or chance["low"] <= chance["probability"] <= chance["high"]
            assert cell["label"] not in {"healthy", "overfit"} or chance["probability"] < 0.5
    assert not re.search(r"(under 1%|over 99%) \(\1 to \1\)", outputs.page)
    assert not re.search(r": healthy[^\"<]*chance of (?:diverging|failing) (?:[5-9]\d%|over)", outputs.page)


def test_what_a_person_reads_calls_nothing_stalled(outputs):
    findings, *rows = re.split(r"(?m)^ *optimizer  ", outputs.terminal)
    assert "stalled" not in "".join(rows or findings)
    hidden = r"(?s)<script.*?</script>|<style.*?</style>|<section id=\"(?:decided|findings)\">.*?</section>"
    assert "stalled" not in re.sub(hidden, "", outputs.page)


def test_the_gate_fails_for_every_standing_that_is_not_safe_and_says_the_sentence(outputs):
    script = outputs.results["recommendation"]["script"]
    assert ("gate failed: " in outputs.gate) == (script["standing"] != "safe")
    if script["standing"] != "safe":
        assert script["sentence"] in outputs.gate


def test_print_prints_nothing_where_nothing_is_recommended(outputs):
    advice = outputs.results["recommendation"]
    assert (outputs.rate == "") == (advice["learning_rate"] is None)


def test_these_runs_show_what_there_is_to_disagree_about(runs, tmp_path, capsys):
    for name, kind in KINDS.items():
        if name not in runs:
            (tmp_path / name).mkdir()
            runs[name] = run_of(kind, tmp_path / name, capsys)
    documents = [run.results for run in runs.values()]
    rows = [row for document in documents for row in document["rows"]]
    labels = {cell["label"] or cell["failed"] for row in rows for cell in row["cells"]}
    assert {"healthy", "too_slow", "diverged", "oom"} <= labels
    assert any(row["fastest_is_stable"] is False for row in rows)
    assert any(row["stable_learning_rate"] is None for row in rows)
    assert any(row["trains_well_learning_rate"] != row["stable_learning_rate"] for row in rows)
    assert any(cell["agreeing"] < cell["judged"] for row in rows for cell in row["cells"])
    assert any(document["unresolved"] for document in documents)
    assert {document["recommendation"]["script"]["standing"] for document in documents} >= {
        "safe",
        "unknown",
        "too_high",
    }


def test_the_comparison_finds_a_number_that_was_changed(runs, tmp_path, capsys):
    outputs = runs.get("search of one row") or run_of(KINDS["search of one row"], tmp_path, capsys)
    rate = outputs.rate.strip()
    for changed in (
        replace(outputs, rate="0.000123"),
        replace(outputs, lr=outputs.lr.replace(f"rate: {rate}", "rate: 0.5")),
        replace(outputs, page=outputs.page.replace("learning_rate=", "learning_rate=9")),
        replace(outputs, terminal=outputs.terminal.replace("..", "1..")),
        replace(outputs, page=outputs.page.replace("final loss 0", "final loss 9")),
    ):
        assert contradictions(list(changed.said())) != []
