"""Checks of machine and packages, for `sweeper doctor`."""

from collections.abc import Callable
from dataclasses import dataclass

from sweeper.findings import Finding, FindingKind, Severity

PACKAGE_MISSING = FindingKind("SW502", Severity.ERROR, "Keras or TensorFlow is not in this environment")
VERSIONS_DIFFER = FindingKind("SW503", Severity.ERROR, "versions do not fit together")
BACKEND_MISSING = FindingKind("SW504", Severity.ERROR, "KERAS_BACKEND names a backend that is not installed")
LEGACY_KERAS_SET = FindingKind("SW505", Severity.ERROR, "TF_USE_LEGACY_KERAS makes tf.keras Keras 2")
DRIVER_SILENT = FindingKind("SW506", Severity.WARNING, "the driver of a GPU does not answer")
GPU_UNSEEN = FindingKind("SW507", Severity.ERROR, "TensorFlow does not see the GPU")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """A GPU as NVIDIA's driver lists it."""

    name: str
    memory_bytes: int
    driver: str
    """Version of the driver, `550.54.15`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorFlowFacts:
    """Facts about TensorFlow and its GPUs, from a process that imported it."""

    gpus: int
    cuda: str = ""
    """Version of CUDA that it was built for; empty for a build without."""
    cudnn: str = ""
    said: str = ""
    """What TensorFlow printed about libraries that it could not load."""
    error: str = ""
    """Why it could not be imported; empty when it could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFacts:
    """Facts about machine and packages."""

    versions: tuple[tuple[str, str], ...]
    """Package and version, `python` first; only those that are installed."""
    needs: tuple[tuple[str, str, str], ...] = ()
    """Requirements between installed packages that are not met: package, requirement, version that is there."""
    environ: tuple[tuple[str, str], ...] = ()
    """Environment variables that the checks read."""
    platform: str = "linux"
    gpus: tuple[Gpu, ...] = ()
    smi_error: str = ""
    """Why the driver could not be asked although a device is there; empty when it could, or when none is."""
    seen: TensorFlowFacts | None = None
    """None when TensorFlow was not asked."""

    def version(self, package: str) -> str:
        """The version of a package; empty when it is not installed."""
        return dict(self.versions).get(package, "")

    def variable(self, name: str) -> str | None:
        """The value of an environment variable; None when it is not set."""
        return dict(self.environ).get(name)


def check_up(machine: MachineFacts) -> tuple[Finding, ...]:
    """The findings on machine and packages, the worst first."""
    found = (look(machine) for look in _LOOKS)
    return tuple(sorted((one for one in found if one is not None), key=lambda finding: finding.severity.rank))


def _missing(machine: MachineFacts) -> Finding | None:
    absent = [package for package in ("keras", "tensorflow") if not machine.version(package)]
    if not absent:
        return None
    return PACKAGE_MISSING.found(
        title=f"{' and '.join(absent)} cannot be found in this environment",
        evidence=f"Python {machine.version('python')} has no package of that name. The command runs in the environment "
        "that it is installed in, which may not be that of the script.",
        remedy="Install sweeper into the script's environment, and run it as: python -m sweeper.",
    )


def _requirements(machine: MachineFacts) -> Finding | None:
    if not machine.needs:
        return None
    lines = [f"{package} needs {wanted}, and {there} is installed" for package, wanted, there in machine.needs]
    package, wanted, _ = machine.needs[0]
    return VERSIONS_DIFFER.found(
        title=f"{VERSIONS_DIFFER.title}: {lines[0]}",
        evidence="\n".join(lines),
        remedy=f"Install a version that both accept: pip install {package} '{wanted}'.",
    )


def _broken(machine: MachineFacts) -> Finding | None:
    if machine.seen is None or not machine.seen.error:
        return None
    said = machine.seen.error.strip().splitlines()
    return VERSIONS_DIFFER.found(
        title=f"TensorFlow is installed, but cannot be imported: {said[-1][:200] if said else 'it said nothing'}",
        evidence=machine.seen.error,
        remedy="Mostly a version of NumPy, protobuf or ml_dtypes that it was not built for: pip install --upgrade "
        "tensorflow numpy in a new environment.",
    )


def _backend(machine: MachineFacts) -> Finding | None:
    backend = machine.variable("KERAS_BACKEND")
    if not backend or machine.version(backend) or backend not in {"tensorflow", "jax", "torch"}:
        return None
    return BACKEND_MISSING.found(
        title=f"KERAS_BACKEND is {backend}, which is not installed",
        evidence=f"KERAS_BACKEND={backend}; installed: {', '.join(name for name, _ in machine.versions)}.",
        remedy=f"Unset KERAS_BACKEND, or pip install {backend}.",
    )


def _legacy(machine: MachineFacts) -> Finding | None:
    if machine.variable("TF_USE_LEGACY_KERAS") not in {"1", "true", "True"}:
        return None
    return LEGACY_KERAS_SET.found(
        evidence=f"TF_USE_LEGACY_KERAS={machine.variable('TF_USE_LEGACY_KERAS')}. sweeper works with Keras 3.",
        remedy="Unset TF_USE_LEGACY_KERAS.",
    )


def _driver(machine: MachineFacts) -> Finding | None:
    if not machine.smi_error:
        return None
    return DRIVER_SILENT.found(
        title="a GPU of NVIDIA is there, but its driver does not answer",
        evidence=machine.smi_error,
        remedy="Install the driver, or load it again (after an update of the kernel or the driver: restart the "
        "machine); in a container, start it with the GPUs (docker run --gpus all).",
    )


def _unseen(machine: MachineFacts) -> Finding | None:
    seen = machine.seen
    if not machine.gpus or seen is None or seen.error or seen.gpus:
        return None
    why, remedy = _why_unseen(machine, seen)
    gpus = ", ".join(gpu.name for gpu in machine.gpus)
    return GPU_UNSEEN.found(
        title=f"{GPU_UNSEEN.title}: {why}",
        evidence=f"The driver {machine.gpus[0].driver} lists {gpus}; TensorFlow {machine.version('tensorflow')} "
        f"lists none." + (f"\n{seen.said}" if seen.said else ""),
        remedy=remedy,
    )


def _why_unseen(machine: MachineFacts, seen: TensorFlowFacts) -> tuple[str, str]:
    hidden = machine.variable("CUDA_VISIBLE_DEVICES")
    if hidden is not None and hidden.strip() in {"", "-1"}:
        return f"CUDA_VISIBLE_DEVICES={hidden!r} hides it", "Unset CUDA_VISIBLE_DEVICES."
    if machine.platform == "win32":
        return (
            "TensorFlow has had no GPU on Windows itself since 2.11",
            "Run it in WSL2, with: pip install 'tensorflow[and-cuda]'.",
        )
    if not seen.cuda:
        return "it is built without CUDA", "pip uninstall tensorflow-cpu; pip install 'tensorflow[and-cuda]'."
    if _too_old(machine.gpus[0].driver, seen.cuda):
        least = _LEAST_DRIVER[seen.cuda.split(".", maxsplit=1)[0]]
        return (
            f"the driver is too old for CUDA {seen.cuda}",
            f"Install driver {least} or newer.",
        )
    if not machine.version("nvidia-cudnn-cu12") and not machine.version("nvidia-cudnn-cu13"):
        return "the libraries of CUDA are not installed", "pip install 'tensorflow[and-cuda]'."
    return (
        "its libraries could not be loaded",
        (
            "Unset LD_LIBRARY_PATH, which may name other versions, and install them again: pip install "
            "--force-reinstall 'tensorflow[and-cuda]'."
        ),
    )


_LEAST_DRIVER = {"11": "450", "12": "525", "13": "580"}
"""Driver for Linux that a major version of CUDA needs at least (NVIDIA's notes on minor version compatibility)."""


def _too_old(driver: str, cuda: str) -> bool:
    least = _LEAST_DRIVER.get(cuda.split(".", maxsplit=1)[0])
    own = driver.split(".", maxsplit=1)[0]
    return least is not None and own.isdecimal() and int(own) < int(least)


_LOOKS: tuple[Callable[[MachineFacts], Finding | None], ...] = (
    _missing,
    _broken,
    _requirements,
    _backend,
    _legacy,
    _unseen,
    _driver,
)
