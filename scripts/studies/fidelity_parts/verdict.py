"""From two measurements of a script to how they compare, and to the table of a report."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fidelity_parts.compare import (
    HALF_TOLERANCE,
    TOLERANCE,
    Difference,
    Standing,
    explanations,
    nearest,
    whole_batches,
)

MOST_WORDS = 260
"""Letters of a note in a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One script: what it shows by itself, what sweeper shows, and how the two compare."""

    name: str
    standing: Standing
    series: str
    """Which of the script's own numbers the probe's loss was compared with."""
    own: Difference
    """Against the script as it is."""
    constant: Difference | None
    """Against the script with its rate held constant; None where it is constant anyway."""
    said: tuple[str, ...]
    """Changes and findings that speak of a difference."""
    note: str = ""


def tolerance_of(truth: Mapping[str, Any]) -> float:
    """The tolerance for a script, by what its layers compute in."""
    return HALF_TOLERANCE if "16" in truth.get("policy", "") else TOLERANCE


def own_rate(truth: Mapping[str, Any]) -> float | None:
    """The rate to probe a script at: the highest that its schedule or its callbacks reach, to six digits."""
    rates = [rate for rate in [*truth.get("peaks", [])[:1], *truth.get("rates", [])] if rate and math.isfinite(rate)]
    return float(f"{max(rates):.6g}") if rates else None


def is_constant(truth: Mapping[str, Any], rate: float) -> bool:
    """Whether the script trained at this rate in every step."""
    return all(one is not None and abs(one - rate) <= 1e-4 * rate for one in truth["rates"])


def compared(
    name: str,
    truth: Mapping[str, Any],
    probed: Mapping[str, Any],
    *,
    constant: Mapping[str, Any] | None = None,
    again: Mapping[str, Any] | None = None,
) -> Compared:
    """How a probe compares; `constant` is the script at a constant rate, `again` a second process of the script."""
    tolerance = tolerance_of(truth)
    series, own = nearest(truth["logs"], probed["losses"], tolerance=tolerance)
    held = nearest(constant["logs"], probed["losses"], tolerance=tolerance)[1] if constant else None
    first = held.first if held is not None and held.level and not own.level else own.first
    late = first is not None and first > whole_batches(probed.get("job")) > 0
    said = explanations(probed["changes"], probed["findings"], past_first_pass=late)
    drawn = again is not None and not _repeats(truth, again, tolerance)
    standing, note = _standing(own, held, said, probed, drawn=drawn)
    if drawn and standing is not Standing.RANDOM:
        note = f"the script itself differs from process to process. {note}".strip()
    return Compared(name=name, standing=standing, series=series, own=own, constant=held, said=tuple(said), note=note)


def without_truth(name: str, why: str) -> Compared:
    """A script that does not train by itself."""
    nothing = Difference(steps=0, first=None, largest=math.inf, level=False)
    return Compared(
        name=name, standing=Standing.NO_TRUTH, series="", own=nothing, constant=None, said=(), note=why[-300:]
    )


def _repeats(truth: Mapping[str, Any], again: Mapping[str, Any], tolerance: float) -> bool:
    names = set(truth["logs"][0]) & set(again["logs"][0])
    return all(
        nearest(
            [{"loss": row[name]} for row in truth["logs"]], [row[name] for row in again["logs"]], tolerance=tolerance
        )[1].same
        for name in names
        if "loss" in name
    )


def _standing(
    own: Difference, held: Difference | None, said: Sequence[str], probed: Mapping[str, Any], *, drawn: bool
) -> tuple[Standing, str]:
    if not probed["losses"]:
        codes = " ".join(code for code, text in probed["findings"] if text.startswith("error"))
        return Standing.REFUSED, f"{codes} {probed['words']} {' '.join(probed['causes'][:1])}".strip()[:300]
    if own.same:
        return Standing.SAME, ""
    if held is not None and held.same:
        return Standing.CONSTANT, "" if said else "the constant rate is not said"
    level = own.level or (held is not None and held.level)
    if drawn and level:
        return Standing.RANDOM, ""
    if not said:
        return Standing.UNEXPLAINED, "same level" if level else "other level"
    return (Standing.EXPLAINED if level else Standing.OTHER_LEVEL), ""


def lines(results: Sequence[Compared]) -> list[str]:
    """The counts and the table, in Markdown."""
    counts = Counter(one.standing for one in results)
    measured = [one for one in results if one.standing is not Standing.NO_TRUTH]
    equal = sum(one.standing in (Standing.SAME, Standing.CONSTANT, Standing.RANDOM) for one in measured)
    found = [
        f"{equal} of {len(measured)} scripts ({equal / max(1, len(measured)):.0%}) show their own losses: "
        + ", ".join(f"{counts[one]} {one}" for one in Standing if counts[one])
        + ".",
        "",
        "| script | standing | steps | first that differs | largest difference | said, or note |",
        "| --- | --- | ---: | ---: | ---: | --- |",
    ]
    order = list(Standing)
    for one in sorted(results, key=lambda one: (-order.index(one.standing), one.name)):
        against = one.constant if one.standing is Standing.CONSTANT and one.constant else one.own
        words = one.note if one.standing in (Standing.SAME, Standing.CONSTANT) else "; ".join([one.note, *one.said])
        words = words.strip("; ").replace("|", "/").replace("\n", " ")
        words = words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS]}..."
        first = "" if against.first is None else str(against.first)
        gap = f"{against.largest:.1e}" if math.isfinite(against.largest) else ""
        label = f"{one.standing} ({one.series})" if one.series not in ("", "loss") else str(one.standing)
        found.append(f"| {one.name} | {label} | {against.steps} | {first} | {gap} | {words} |")
    return found
