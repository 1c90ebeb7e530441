"""What the page says of the job: how seeds differ."""

import pytest

from sweeper.reporting._facts import seeds_text
from sweeper.results import InitialWeights, Job

ALIKE = "differ in the order of the samples and in random numbers, not in the initial weights"
APART = "differ in the order of the samples, in random numbers and in the initial values of"


def job(weights):
    return Job.model_construct(initial_weights=weights, model="mlp (Sequential)")


@pytest.mark.parametrize(
    ("drawn", "constant", "kept", "text"),
    [
        (9_000, 300, 0, f"{APART} 9,000 of 9,300 parameters; the others begin at constants"),
        (9_000, 300, 5_000, f"{APART} 9,000 of 14,300 parameters; 5,000 were loaded, trained or set before"),
        (12, 0, 0, f"{APART} 12 of 12 parameters"),
        (0, 300, 9_000, f"{ALIKE}, which were loaded, trained or set before"),
        (0, 300, 0, ALIKE),
    ],
)
def test_seeds_are_said_to_differ_in_the_weights_that_they_draw(drawn, constant, kept, text):
    assert seeds_text(job(InitialWeights(drawn=drawn, constant=constant, kept=kept))) == text


def test_seeds_of_a_run_that_did_not_look_are_not_said_to_differ_in_weights():
    assert seeds_text(job(None)) == ALIKE
