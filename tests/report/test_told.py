from sweeper.report._told import MOST_TOLD, told_probes
from tests.report import samples


def row(*labels, optimizer="adam", batch_size=32):
    cells = [{"learning_rate": float(place + 1), "label": label} for place, label in enumerate(labels)]
    return {"optimizer": optimizer, "batch_size": batch_size, "cells": cells}


def probe(rate, *, seed=0, label="healthy", outcome="completed"):
    return {
        "id": f"{rate}-{seed}",
        "purpose": "map",
        "optimizer": "adam",
        "batch_size": 32,
        "learning_rate": float(rate),
        "seed": seed,
        "label": label,
        "outcome": outcome,
    }


def test_all_probes_are_told_of_while_they_fit():
    document = samples.large().document()
    assert told_probes(document) == {probe["id"] for probe in document["probes"]}


def test_of_too_many_those_next_to_a_change_of_verdict_come_first():
    labels = ["too_slow"] * 1000 + ["healthy"] * 1000
    document = {
        "rows": [row(*labels)],
        "probes": [probe(place + 1, label=label) for place, label in enumerate(labels)],
        "recommendation": None,
    }
    told = {int(name.split("-")[0]) for name in told_probes(document)}
    half = MOST_TOLD // 2
    assert told == set(range(1001 - half, 1001 + half))


def test_failures_the_recommended_probe_and_those_without_updates_are_always_told_of():
    labels = ["too_slow"] * 1000 + ["healthy"] * 1000
    probes = [probe(place + 1, label=label) for place, label in enumerate(labels)]
    probes[3] = probe(4, label=None, outcome="crashed")
    document = {
        "rows": [row(*labels)],
        "probes": [probe(0), *probes],
        "recommendation": {"optimizer": "adam", "batch_size": 32, "learning_rate": 1999.0},
    }
    told = told_probes(document)
    assert {"0-0", "4-0", "1999-0"} <= told
    assert len(told) == MOST_TOLD


def test_rows_without_a_change_of_verdict_are_told_of_last():
    document = {
        "rows": [row(*["healthy"] * 2000)],
        "probes": [probe(place + 1) for place in range(2000)],
        "recommendation": None,
    }
    assert len(told_probes(document)) == MOST_TOLD
