from sweeper.probes import OutcomeKind
from sweeper.reporting._detailed import MOST_DETAILED, detailed_probes
from sweeper.results import Cell, Probe, Recommendation, Results, Row
from tests.reporting import samples


def row(*labels, optimizer="adam", batch_size=32):
    cells = tuple(
        Cell.model_construct(learning_rate=float(place + 1), label=label) for place, label in enumerate(labels)
    )
    return Row.model_construct(optimizer=optimizer, batch_size=batch_size, cells=cells)


def probe(rate, *, seed=0, label="healthy", outcome=OutcomeKind.COMPLETED):
    return Probe.model_construct(
        id=f"{rate}-{seed}",
        purpose="map",
        optimizer="adam",
        batch_size=32,
        learning_rate=float(rate),
        seed=seed,
        label=label,
        outcome=outcome,
    )


def results(*, rows, probes, recommendation=None):
    return Results.model_construct(rows=rows, probes=probes, recommendation=recommendation)


def test_all_probes_are_shown_while_they_fit():
    found = samples.large().results()
    assert detailed_probes(found) == {probe.id for probe in found.probes}


def test_of_too_many_those_next_to_a_change_of_verdict_come_first():
    labels = ["too_slow"] * 1000 + ["healthy"] * 1000
    found = results(rows=[row(*labels)], probes=[probe(place + 1, label=label) for place, label in enumerate(labels)])
    detailed = {int(name.split("-")[0]) for name in detailed_probes(found)}
    half = MOST_DETAILED // 2
    assert detailed == set(range(1001 - half, 1001 + half))


def test_failures_the_recommended_probe_and_those_without_updates_are_always_shown():
    labels = ["too_slow"] * 1000 + ["healthy"] * 1000
    probes = [probe(place + 1, label=label) for place, label in enumerate(labels)]
    probes[3] = probe(4, label=None, outcome=OutcomeKind.CRASHED)
    advice = Recommendation.model_construct(optimizer="adam", batch_size=32, learning_rate=1999.0)
    detailed = detailed_probes(results(rows=[row(*labels)], probes=[probe(0), *probes], recommendation=advice))
    assert {"0-0", "4-0", "1999-0"} <= detailed
    assert len(detailed) == MOST_DETAILED


def test_rows_without_a_change_of_verdict_are_shown_last():
    found = results(rows=[row(*["healthy"] * 2000)], probes=[probe(place + 1) for place in range(2000)])
    assert len(detailed_probes(found)) == MOST_DETAILED
