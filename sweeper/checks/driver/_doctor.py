"""Facts about machine and packages, and what is wrong with them. TensorFlow is asked in a process of its own."""

import importlib.metadata
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from sweeper.checks.diagnose import Gpu, MachineFacts, TensorFlowFacts, check_up
from sweeper.events import AbstractView, Waiting
from sweeper.findings import Finding
from sweeper.versions import installed_versions

_ASKED_S = 120.0
"""Seconds for TensorFlow to be imported, which takes 5 to 15 on a small machine."""
_DRIVER_S = 20.0
"""Seconds for the driver to answer; one that hangs is broken."""
_PACKAGES = ("tensorflow", "keras", "jax", "jaxlib", "keras-tuner", "optuna", "torch")
"""Packages whose requirements are compared with what is installed."""
_ALSO = ("tensorflow-cpu", "tf-keras", "ml-dtypes", "protobuf", "h5py", "nvidia-cudnn-cu12", "nvidia-cudnn-cu13")
_VARIABLES = ("KERAS_BACKEND", "TF_USE_LEGACY_KERAS", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "XLA_FLAGS")
_ASK = """
import json, tensorflow as tf
build = tf.sysconfig.get_build_info()
print("SWEEPER" + json.dumps({
    "gpus": len(tf.config.list_physical_devices("GPU")),
    "cuda": str(build.get("cuda_version", "")),
    "cudnn": str(build.get("cudnn_version", "")),
}))
"""
_SAID = re.compile(r"(?i)could not load|cannot dlopen|failed call to cuInit|could not find cuda|no cuda-capable|driver")
_DEVICE_FILES = ("/dev/nvidia0", "/proc/driver/nvidia", "/dev/dxg")
"""What the kernel shows where a GPU of NVIDIA is there; the last one under WSL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckUp:
    """What the doctor found."""

    machine: MachineFacts
    findings: tuple[Finding, ...]


def doctor(*, environ: Mapping[str, str], devices: bool, view: AbstractView) -> CheckUp:
    """Looks at packages, and at GPUs unless `devices` is false."""
    gpus, smi_error = _gpus()
    seen = None
    if devices and importlib.util.find_spec("tensorflow") is not None:
        view.show(Waiting(text="asking TensorFlow for its devices"))
        seen = _ask_tensorflow(environ)
    machine = MachineFacts(
        versions=(*installed_versions(), *_versions(_ALSO)),
        needs=tuple(need for package in _PACKAGES for need in _unmet(package)),
        environ=tuple((name, environ[name]) for name in _VARIABLES if name in environ),
        platform=sys.platform,
        gpus=gpus,
        smi_error=smi_error,
        seen=seen,
    )
    return CheckUp(machine=machine, findings=check_up(machine))


def _versions(packages: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = ((package, _version(package)) for package in packages)
    return tuple((package, version) for package, version in found if version)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _unmet(package: str) -> list[tuple[str, str, str]]:
    """The requirements of a package that what is installed does not meet; those that are not installed are left out."""
    try:
        lines = importlib.metadata.requires(package) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    unmet = []
    for line in lines:
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue
        there = _version(wanted.name)
        applies = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
        if applies and there and not wanted.specifier.contains(there, prereleases=True):
            unmet.append((package, f"{wanted.name}{wanted.specifier}", there))
    return unmet


def _gpus() -> tuple[tuple[Gpu, ...], str]:
    """The GPUs that NVIDIA's driver lists; or why it cannot be asked, where one is there."""
    there = any(Path(file).exists() for file in _DEVICE_FILES)
    command = shutil.which("nvidia-smi")
    if command is None:
        return (), "There is a device, but no nvidia-smi." if there else ""
    query = [command, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits"]
    try:
        asked = subprocess.run(query, capture_output=True, text=True, timeout=_DRIVER_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return (), f"nvidia-smi: {error}"
    if asked.returncode != 0:
        return (), (asked.stderr or asked.stdout).strip() or f"nvidia-smi ended with status {asked.returncode}"
    return tuple(_gpu(line) for line in asked.stdout.splitlines() if line.count(",") >= 2), ""  # noqa: PLR2004


def _gpu(line: str) -> Gpu:
    name, mebibytes, driver = (part.strip() for part in line.rsplit(",", 2))
    return Gpu(name=name, memory_bytes=int(float(mebibytes)) * 2**20 if mebibytes[:1].isdigit() else 0, driver=driver)


def _ask_tensorflow(environ: Mapping[str, str]) -> TensorFlowFacts:
    shown = dict(environ) | {"TF_CPP_MIN_LOG_LEVEL": "0"}
    try:
        asked = subprocess.run(
            [sys.executable, "-c", _ASK], capture_output=True, text=True, timeout=_ASKED_S, check=False, env=shown
        )
    except subprocess.TimeoutExpired:
        return TensorFlowFacts(gpus=0, error=f"it did not answer within {_ASKED_S:.0f} s")
    told = next((line for line in asked.stdout.splitlines() if line.startswith("SWEEPER")), "")
    if not told:
        return TensorFlowFacts(gpus=0, error=asked.stderr.strip()[-2000:] or f"it ended with status {asked.returncode}")
    said = "\n".join(line for line in asked.stderr.splitlines() if _SAID.search(line))
    return TensorFlowFacts(**json.loads(told.removeprefix("SWEEPER")), said=said[-2000:])
