"""What the doctor says, as text and as JSON."""

from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from sweeper.checks.driver import CheckUp
from sweeper.cli.parts import finding_parts
from sweeper.text import bytes_text, plural


def check_up_parts(report: CheckUp) -> list[RenderableType]:
    """What is there, then what is wrong with it."""
    machine = report.machine
    lines = [f"{name:14} {version}" for name, version in machine.versions]
    lines += [f"{'GPU':14} {gpu.name}, {bytes_text(gpu.memory_bytes)}, driver {gpu.driver}" for gpu in machine.gpus]
    seen = machine.seen
    if seen is not None:
        lines.append(f"{'TensorFlow':14} sees {plural(seen.gpus, 'GPU')}; " + _build_words(seen.cuda, seen.cudnn))
    parts: list[RenderableType] = [Text("\n".join(lines)), Text()]
    for finding in report.findings:
        parts += [*finding_parts(finding), Text()]
    last = plural(len(report.findings), "finding") if report.findings else "Nothing wrong was found"
    return [*parts, Text(f"{last}.", style="" if report.findings else "bold green")]


def _build_words(cuda: str, cudnn: str) -> str:
    return f"built for CUDA {cuda}, cuDNN {cudnn}" if cuda else "built without CUDA"


def check_up_document(report: CheckUp) -> dict[str, Any]:
    """A check-up of the machine as plain JSON values."""
    return {
        "findings": [asdict(finding) for finding in report.findings],
        "versions": dict(report.machine.versions),
        "gpus": [asdict(gpu) for gpu in report.machine.gpus],
        "tensorflow": None if report.machine.seen is None else asdict(report.machine.seen),
    }
