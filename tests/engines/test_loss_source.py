"""Which number is the loss, from what two steps at rate 0 gave."""

import pytest

from sweeper.engines._loss_source import LossSource, SeenStep, choose_source

GRADIENT, LOGS = LossSource(from_logs=False), LossSource(from_logs=True, keys=("loss",))


def chosen(logs, parts, **settings):
    """The choice for the logs and losses of the gradients of two steps."""
    steps = [
        SeenStep(
            logs={name: values[number] for name, values in logs.items()},
            parts=tuple(values[number] for values in parts),
        )
        for number in range(2)
    ]
    return choose_source(steps, [f"train.py:{10 + number}" for number in range(len(parts))], **settings)


@pytest.mark.parametrize("logged", [(2.0, 3.0), (2.001, 3.001)])
def test_nothing_is_said_where_the_logs_have_the_trained_loss_but_for_rounding(logged):
    choice = chosen({"loss": logged}, [(2.0, 3.0)])
    assert choice.source == LossSource(from_logs=False, keys=("loss",))
    assert (choice.said, choice.finding) == ("", None)


def test_a_constant_multiple_of_the_logged_loss_is_shown_as_it_is_logged():
    choice = chosen({"loss": (2.0, 3.0)}, [(256.0, 384.0)])
    assert choice.source == LOGS
    assert "128 times it" in choice.said
    assert (choice.finding.code, choice.finding.location) == ("SW019", "train.py:10")
    assert "128 times it" in choice.finding.evidence


@pytest.mark.parametrize(
    ("logged", "trained"), [((2.0, 3.0), (2.5, 3.5)), ((2.0, 2.0), (3.0, 3.0)), ((2.0, 2.1), (2.0, 3.0))]
)
def test_another_logged_loss_is_a_finding_with_both_numbers(logged, trained):
    choice = chosen({"loss": logged}, [trained])
    assert choice.source == GRADIENT
    assert choice.finding.code == "SW016"
    assert (
        f"returns a loss of {logged[0]:.6g}, and its gradient was taken of {trained[0]:.6g}" in choice.finding.evidence
    )
    assert choice.finding.location == "train.py:10"


def test_of_several_losses_the_logged_one_or_their_sum():
    parts = [(1.0, 2.0), (4.0, 3.0)]
    assert chosen({"loss": (4.0, 3.0)}, parts).source == LOGS
    assert "(train.py:11), not that of train.py:10" in chosen({"loss": (4.0, 3.0)}, parts).said
    assert chosen({"loss": (5.0, 5.0)}, parts).source == LossSource(from_logs=False, keys=("loss",))
    choice = chosen({"d_loss": (1.0, 2.0), "g_loss": (4.0, 3.0)}, parts)
    assert choice.source == LossSource(from_logs=False, keys=("d_loss", "g_loss"))
    assert "train.py:10 + train.py:11" in choice.said


def test_a_mean_over_replicas_of_parts_of_the_loss_is_shown_as_it_is_logged():
    choice = chosen({"loss": (1.0, 1.0)}, [(2.0, 2.0)], replicas=2)
    assert choice.source == LOGS
    assert choice.finding is None


def test_the_entry_that_is_the_trained_loss_is_named():
    logs = {"part_loss": (2.0, 3.0), "objective": (2.5, 3.5), "acc": (0.1, 0.2)}
    choice = chosen(logs, [(2.5, 3.5)])
    assert choice.source.keys == ("objective",)
    assert choice.said.endswith("(train.py:10), which it returns as 'objective'")


def test_without_a_gradient_the_logs_count():
    assert chosen({"loss": (2.0, 3.0)}, []).source == LOGS
    assert chosen({"loss": (2.0, 3.0)}, []).said == ""
    choice = chosen({"a_loss": (2.0, 3.0), "b_loss": (2.0, 3.0), "loss_scale": (1.0, 1.0)}, [])
    assert choice.source == LossSource(from_logs=True, keys=("a_loss", "b_loss"))
    assert choice.said.endswith("the sum of 'a_loss', 'b_loss'")
