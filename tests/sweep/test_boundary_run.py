"""A boundary search as a run does it: planned again after every outcome, stopped by a budget, resumed."""

from dataclasses import replace

import jsonschema
import pytest

from sweeper.events import JobCaptured, Note, ProbeDone
from sweeper.probes import OutcomeKind
from sweeper.record import Manifest, RunDirectory
from sweeper.results import results_schema
from sweeper.run import RunState
from sweeper.space import OptimizerChoice
from sweeper.sweep._results import RunRecord, write_results
from tests.sweep.made import Sitting, Watching, failed, settings, trained

ASKED = settings(batch_sizes=(16, 32), optimizers=(OptimizerChoice(label="script", name="script"),))


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def run(tmp_path):
    manifest = Manifest(
        sweeper_version="1", created="2026-01-01T00:00:00+00:00", command=(), settings=ASKED, script=(), versions=()
    )
    made = RunDirectory.create(tmp_path / "run", manifest)
    with made.lock():
        yield made


def finish(run, *, train=trained, clock=None, view=None, **limits):
    return Sitting(run, replace(ASKED, **limits), clock=clock or Clock(), view=view).finish(train)


def results_of(run, work, state=RunState.COMPLETE):
    known = RunRecord(job=work.job, space=work.space, judged=work.judged, findings=(), limit=work.spent)
    return write_results(run, known, state=state, slots=()).results


def ids(work):
    return [one.outcome.probe.id for one in work.judged]


def test_the_edges_of_every_row_are_found_to_the_resolution(run):
    view = Watching()
    work = finish(run, view=view)
    assert work.complete
    results = results_of(run, work)
    jsonschema.Draft202012Validator(results_schema()).validate(results.as_json())
    assert len(results.rows) == 2
    for row in results.rows:
        (edge,) = [edge for edge in row.edges if edge.kind == "diverges"]
        assert (edge.low, edge.high) == (0.251189, 0.316228)
        assert row.safe_learning_rate.high == pytest.approx(0.1032, rel=0.01)
        assert len(row.cells) < 25
    assert results.space.resolution == 0.1
    assert view.of(ProbeDone)[-1].done == view.of(ProbeDone)[-1].planned == results.environment.planned


def test_the_number_of_probes_is_known_about_from_the_start(run):
    view = Watching()
    work = finish(run, view=view)
    needed = sum(not one.outcome.probe.is_null for one in work.judged)
    assert view.of(JobCaptured)[0].planned == pytest.approx(needed, rel=0.4)


def test_a_limit_on_probes_ends_the_run_with_what_is_known_and_a_larger_one_goes_on(run):
    whole = RunDirectory.create(run.path.parent / "whole", run.manifest)
    with whole.lock():
        undisturbed = finish(whole)
    view = Watching()
    short = finish(run, view=view, max_probes=6)
    assert not short.complete
    assert short.spent == "--max-probes of 6 is reached"
    assert [event.text for event in view.of(Note)] == ["--max-probes of 6 is reached: no more probes begin"]
    assert sum(not one.outcome.probe.is_null for one in short.judged) == 6
    results = results_of(run, short, RunState.INCOMPLETE)
    assert {item.issue for item in results.unresolved} == {"open"}
    assert results.environment.limit == short.spent
    assert results.environment.planned > 6
    assert finish(run, max_probes=6).spent
    again = finish(run, max_probes=1000)
    assert again.complete
    assert again.spent == ""
    assert set(ids(again)) == set(ids(undisturbed))


def test_a_budget_counts_from_the_first_probe_and_for_each_sitting(run):
    clock = Clock()

    def slow(task):
        clock.now += 10.0
        return trained(task)

    clock.now = 500.0
    work = finish(run, train=slow, clock=clock, budget_s=45.0)
    assert len(work.judged) == 5
    assert work.spent == "--budget of 45 s is spent"
    assert not work.complete
    clock.now += 1000.0
    again = finish(run, train=slow, clock=clock, budget_s=45.0)
    assert len(again.judged) == 10


def test_the_time_left_is_never_more_than_the_budget(run):
    clock, view = Clock(), Watching()

    def slow(task):
        clock.now += 10.0
        return replace(trained(task), seconds=10.0)

    finish(run, train=slow, clock=clock, view=view, budget_s=100.0)
    said = [event.seconds_left for event in view.of(ProbeDone) if event.seconds_left is not None]
    assert said
    assert max(said) <= 100.0


def test_a_batch_size_that_runs_out_of_memory_is_left_alone_and_the_rest_is_found(run):
    def train(task):
        return failed(OutcomeKind.OOM, "no memory")(task) if task.probe.batch_size == 32 else trained(task)

    work = finish(run, train=train)
    assert work.complete
    rows = {row.batch_size: row for row in results_of(run, work).rows}
    assert rows[16].safe_learning_rate is not None
    assert rows[32].safe_learning_rate is None
    tried = [one for one in work.judged if one.outcome.probe.batch_size == 32 and one.outcome.cause == "no memory"]
    assert len(tried) == 2


def test_many_rows_are_planned_now_and_then_and_come_to_the_same_edges(run):
    many = tuple(OptimizerChoice(label=f"sgd{number}", name="sgd") for number in range(25))
    work = finish(run, optimizers=many)
    assert work.complete
    edges = [edge for row in results_of(run, work).rows for edge in row.edges if edge.kind == "diverges"]
    assert {(edge.low, edge.high) for edge in edges} == {(0.251189, 0.316228)}
    assert len(edges) == 50
