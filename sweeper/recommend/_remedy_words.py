"""The sentences on what a warm-up or clipping does to a row."""

from dataclasses import replace

from sweeper.followup import Purpose, Remedy
from sweeper.recommend._follow_ups import FollowUpThresholds
from sweeper.text import rate_text


def remedy_name(purpose: Purpose, value: float | None) -> str:
    """The name of a remedy with its value, as the subject of a sentence."""
    if purpose is Purpose.WARMUP:
        return "Warm-up" if value is None else f"Warm-up over {value:.0f} steps"
    return "Clipping" if value is None else f"Clipping gradients to a global norm of {value:g}"


def remedy_sentence(
    remedy: Remedy, *, lower: bool, own_rate: float | None, steps: int, thresholds: FollowUpThresholds
) -> Remedy:
    """A remedy with the sentence that says what it does.

    Args:
        remedy: The remedy without a sentence.
        lower: Whether it lowers the loss.
        own_rate: The script's rate, if the remedy makes it stable.
        steps: Updates of a probe.
        thresholds: The numbers of follow-ups.
    """
    parts = (_edge(remedy, thresholds), _stable_end(remedy, thresholds), _loss(remedy, lower=lower, steps=steps))
    *first, last = (part for part in parts if part)
    said = f"{', '.join(first)} and {last}"
    name = remedy_name(remedy.purpose, remedy.value)
    sentences = [f"{name} {said}." if remedy.helps else f"{name} does not help: it {said}."]
    start = None if remedy.row is None else remedy.row.recommended_learning_rate
    if remedy.helps and start is not None:
        sentences.append(f"Start at {rate_text(start)}.")
    if own_rate is not None:
        sentences.append(f"Your {rate_text(own_rate)} is stable with it.")
    if remedy.clipped is not None and remedy.clipped > thresholds.clipped_much:
        share = f"{remedy.clipped:.0%} of the updates"
        sentences.append(f"It clips {share} there, which is only another way to lower the rate.")
    return replace(remedy, sentence=" ".join(sentences))


def _edge(remedy: Remedy, thresholds: FollowUpThresholds) -> str:
    low, high = remedy.edge_before, remedy.edge_after
    if low is not None and high is not None:
        moved = _moved(low, high, thresholds)
        return f"moves the edge {moved}" if moved else f"leaves the edge where it is, near {rate_text(low)}"
    if high is not None:
        return f"brings an edge at {rate_text(high)}, where no rate failed without it"
    if low is None or remedy.row is None:
        return "changes no edge, since no rate fails without it either"
    top = max((cell.learning_rate for cell in remedy.row.cells), default=low)
    return f"moves the edge from {rate_text(low)} to above {rate_text(top)}"


def _stable_end(remedy: Remedy, thresholds: FollowUpThresholds) -> str:
    """How the end of the stable range moves; empty where it stays or one row has none."""
    if remedy.safe_before is None or remedy.safe_after is None:
        return ""
    moved = _moved(remedy.safe_before, remedy.safe_after, thresholds)
    return f"moves the end of the stable range {moved}" if moved else ""


def _moved(low: float, high: float, thresholds: FollowUpThresholds) -> str:
    """From where to where a rate moves, in words; empty when that may be by chance."""
    gain = high / low
    if max(gain, 1 / gain) < thresholds.edge_moved:
        return ""
    return f"{'' if gain > 1 else 'down '}from {rate_text(low)} to {rate_text(high)} ({gain:.2g}x)"


def _loss(remedy: Remedy, *, lower: bool, steps: int) -> str:
    before, after = remedy.loss_before, remedy.loss_after
    if remedy.safe_after is None:
        return "leaves no rate stable"
    if remedy.safe_before is None:
        reached = "" if after is None else f"; their lowest loss after {steps} steps is {after:.4g}"
        return f"makes rates stable where none was{reached}"
    change = "" if before is None or after is None else f" from {before:.4g} to {after:.4g}"
    if lower:
        return f"lowers the loss after {steps} steps{change}"
    return f"does not lower the loss after {steps} steps beyond chance{change and f' ({change.strip()})'}"
