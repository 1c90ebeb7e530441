import json

import pytest

from sweeper.results import Results
from tests.reporting import samples

SAMPLES = samples.every()


@pytest.mark.parametrize("name", SAMPLES)
def test_what_was_written_can_be_read(name):
    written = SAMPLES[name].document()
    read = Results.model_validate(json.loads(json.dumps(written)))
    assert read.as_json() == written


def test_a_number_that_was_not_finite_reads_as_none():
    probe = next(p for p in Results.model_validate(SAMPLES["all_diverged"].document()).probes if p.learning_rate == 1.0)
    assert probe.final_loss is None
    assert probe.evidence[0].measured is None
