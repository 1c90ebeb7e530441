"""Measuring one script: its own losses, what a probe shows, and how the two compare."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from try_scripts import Script

from fidelity_parts.compare import Standing
from fidelity_parts.runs import Limits, probed, truth
from fidelity_parts.verdict import Compared, compared, is_constant, own_rate, without_truth

SAME_RATE = 1e-3
"""Part by which two rates may differ that are one, written with other precision."""
NONE: Mapping[str, str] = MappingProxyType({})


def measure(
    script: Script,
    folder: Path,
    limits: Limits,
    truths: Path,
    kept: Path,
    *,
    keep: bool,
    switches: Mapping[str, str] = NONE,
    seeded: bool = False,
    truths_only: bool = False,
) -> Compared:
    """The truth and the probe of one script, from what is kept where possible, and how they compare.

    Args:
        script: The script.
        folder: The folder that it is copied with.
        limits: How long and how gently.
        truths: Where truths are kept.
        kept: The file of what sweeper shows.
        keep: Whether that is taken from there if it is there.
        switches: More switches of the recorder of truths, such as the number of the fit call.
        seeded: Whether the script is known to repeat itself.
        truths_only: Whether sweeper is left out, to fill the folder of truths.
    """
    own = truth(script, folder, truths, limits, **switches)
    if not own["logs"]:
        return without_truth(script.file, own["error"])
    if "loss" not in own["logs"][0] and own["backend"] == "tensorflow":
        noted = truth(script, folder, truths, limits, tape="1", **switches)
        own = noted if noted["logs"] else own
    rate = own_rate(own)
    if rate is None:
        return without_truth(script.file, "no learning rate was found")
    if truths_only:
        return without_truth(script.file, "not probed")
    if keep and kept.is_file():
        shown: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    else:
        shown = probed(script, folder, rate, limits)
        named = _rate_of_the_axis(own, shown, rate)
        if named != rate:
            shown = probed(script, folder, named, limits)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(shown), encoding="utf-8")
    more = dict(switches)
    if any(name.startswith("gradient of") for name in own["logs"][0]):
        more["tape"] = "1"
    held = None if is_constant(own, rate) else truth(script, folder, truths, limits, rate=f"{rate:.8g}", **more)
    result = compared(script.file, own, shown, constant=held)
    if seeded or result.standing in (Standing.SAME, Standing.CONSTANT, Standing.REFUSED):
        return result
    again = truth(script, folder, truths, limits, again="1", **more)
    return compared(script.file, own, shown, constant=held, again=again if again["logs"] else None)


def _rate_of_the_axis(own: Mapping[str, Any], shown: Mapping[str, Any], rate: float) -> float:
    """The rate to probe at: of several optimizers, the one that sweeper's axis of rates is of."""
    theirs = ((shown["job"] or {}).get("optimizer") or {}).get("learning_rate")
    several = [peak for peak in own.get("peaks", []) if peak]
    if theirs and len(several) > 1 and any(abs(theirs - peak) <= SAME_RATE * peak for peak in several):
        return float(theirs) if abs(theirs - rate) > SAME_RATE * rate else rate
    return rate
