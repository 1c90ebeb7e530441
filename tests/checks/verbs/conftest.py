from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from sweeper.checks import driver
from sweeper.checks.diagnose import Gpu, MachineFacts, TensorFlowFacts
from sweeper.checks.driver import CheckUp
from sweeper.events import AbstractView, Waiting
from sweeper.findings import Finding, Skipped
from sweeper.protocol import Diagnosed
from sweeper.settings import Settings
from tests.cli.conftest import empty_folder, sweeper  # noqa: F401  fixtures


@dataclass(kw_only=True)
class FakeDriver:
    """A stand-in for `sweeper.checks.driver` that remembers what it was asked."""

    findings: tuple[Finding, ...] = ()
    asked: dict[str, Any] = field(default_factory=dict)

    def diagnose(self, settings: Settings, *, view: AbstractView) -> Diagnosed:
        self.asked = {"verb": "diagnose", "settings": settings}
        view.show(Waiting(text="starting the script"))
        skipped = (Skipped(code="SW122", about="whole numbers for embeddings", why="no input goes to an embedding"),)
        return Diagnosed(findings=self.findings, skipped=skipped, fit_site="train.py:20", seconds=0.0712)

    def doctor(self, *, environ: Mapping[str, str], devices: bool, view: AbstractView) -> CheckUp:
        self.asked = {"verb": "doctor", "devices": devices}
        view.show(Waiting(text="asking TensorFlow"))
        gpu = Gpu(name="NVIDIA L4", memory_bytes=24_000_000_000, driver="550.54")
        seen = TensorFlowFacts(gpus=0, cuda="12.5.1", cudnn="9") if devices else None
        machine = MachineFacts(versions=(("python", "3.11.7"), ("keras", "3.15.1")), gpus=(gpu,), seen=seen)
        return CheckUp(machine=machine, findings=self.findings)


@pytest.fixture
def library(monkeypatch):
    """What the verbs ask of the driver's side of the checks."""
    fake = FakeDriver()
    monkeypatch.setattr(driver, "diagnose", fake.diagnose)
    monkeypatch.setattr(driver, "doctor", fake.doctor)
    return fake
