from sweeper.execute import Task
from sweeper.probes import Probe
from sweeper.space import OptimizerChoice
from sweeper.sweep._judgements import Judgements, judge_all
from sweeper.verdict import Label
from tests.sweep.made import job, trained


def outcome(rate, *, size=32, seed=0):
    probe = Probe(optimizer="script", learning_rate=rate, batch_size=size, seed=seed, steps=40)
    return trained(Task(probe=probe, choice=OptimizerChoice(label="script", name="script")))


def test_a_probe_is_settled_once_its_null_probe_has_ended_whatever_came_first():
    late, early = Judgements(job()), Judgements(job())
    assert late.add(outcome(0.1)) == ()
    assert late.of(outcome(0.1).probe).verdict is not None
    (settled,) = late.add(outcome(0.0))
    assert early.add(outcome(0.0)) == ()
    assert early.add(outcome(0.1)) == (settled,) == (late.of(outcome(0.1).probe),)
    assert set(late.everything) == set(early.everything)


def test_another_batch_size_or_seed_has_a_null_probe_of_its_own():
    judgements = Judgements(job())
    judgements.add(outcome(0.0))
    assert judgements.add(outcome(0.1, size=64)) == ()
    assert judgements.add(outcome(0.1, seed=1)) == ()


def test_null_probes_have_no_verdict_and_are_not_counted():
    judgements = Judgements(job())
    judgements.add(outcome(0.0))
    judgements.add(outcome(1.0))
    assert judgements.done == 1
    labels = [one.verdict and one.verdict.label for one in judgements.everything]
    assert labels == [None, Label.DIVERGED]


def test_the_order_of_outcomes_changes_no_verdict():
    outcomes = [outcome(rate) for rate in (0.1, 1.0, 0.0, 1e-4)]
    assert set(judge_all(outcomes, job())) == set(judge_all(outcomes[::-1], job()))
