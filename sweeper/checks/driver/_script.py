"""The diagnosis of a script, which a worker makes."""

from dataclasses import replace

from sweeper.events import AbstractView
from sweeper.findings import without
from sweeper.protocol import Diagnosed
from sweeper.settings import Settings
from sweeper.sweep import ask_worker


def diagnose(settings: Settings, *, view: AbstractView) -> Diagnosed:
    """What is wrong with a script, the likeliest cause first; it trains for a few steps only.

    Findings whose codes are to be ignored are left out.
    """
    reply = ask_worker(settings, view=view, diagnose=True)
    found = reply if isinstance(reply, Diagnosed) else Diagnosed(findings=reply.findings)
    return replace(found, findings=without(found.findings, settings.ignore))
