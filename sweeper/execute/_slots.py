"""Where workers run: one slot for each GPU, or slots that share the CPU's cores."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sweeper.errors import MachineError, UsageError

_NVIDIA = Path("/proc/driver/nvidia/gpus")
WORTH_A_WORKER = 8
"""Probes for each worker below which another one costs more than it brings: it runs the script again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place for one worker, with what its environment adds to the driver's."""

    number: int
    device: str
    """`cpu`, or `gpu 0`."""
    environment: tuple[tuple[str, str], ...]


def make_slots(
    *, workers: int | None, gpus: str, backend: str | None, environ: Mapping[str, str], probes: int | None = None
) -> tuple[Slot, ...]:
    """The slots of a run.

    On a CPU the cores are shared out among the slots before the first worker starts, so a run of few probes (about
    `probes`, where that is known) gets few slots. `workers` is what the user wants, whatever the probes.

    Raises `UsageError` for a `gpus` that is none of `auto`, `none` and a list of numbers, and `MachineError` when
    GPUs were asked for by number and the machine has none.
    """
    devices = _devices(gpus, environ)
    common = (("KERAS_BACKEND", backend),) if backend else ()
    if devices:
        count = workers or len(devices)
        return tuple(
            Slot(number=i, device=f"gpu {devices[i % len(devices)]}", environment=(*common, *_gpu(devices, i, count)))
            for i in range(count)
        )
    most = default_cpu_workers(available_cores())
    count = workers or (most if probes is None else min(most, max(1, probes // WORTH_A_WORKER)))
    hidden = (("CUDA_VISIBLE_DEVICES", "-1"), ("JAX_PLATFORMS", "cpu")) if gpus == "none" else ()
    return tuple(
        Slot(number=i, device="cpu", environment=(*common, *hidden, *_threads(count, environ))) for i in range(count)
    )


def _devices(gpus: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    if gpus == "none":
        return ()
    visible = environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        present = tuple(name for name in visible.split(",") if name not in {"", "-1"})
    else:
        present = tuple(str(i) for i in range(len(list(_NVIDIA.iterdir())))) if _NVIDIA.is_dir() else ()
    if gpus == "auto":
        return present
    wanted = tuple(part.strip() for part in gpus.split(","))
    if not all(part.isdecimal() for part in wanted):
        raise UsageError(f"--gpus {gpus!r}: must be auto, none, or device numbers such as 0,1")
    if not present:
        raise MachineError(f"--gpus {gpus}: this machine shows no NVIDIA GPU. Use --gpus none to probe on the CPU")
    return wanted


def _gpu(devices: tuple[str, ...], number: int, count: int) -> tuple[tuple[str, str], ...]:
    shared = (("TF_FORCE_GPU_ALLOW_GROWTH", "true"), ("XLA_PYTHON_CLIENT_PREALLOCATE", "false"))
    only = (("CUDA_VISIBLE_DEVICES", devices[number % len(devices)]),)
    return (*only, *(shared if count > len(devices) else ()))


def _threads(workers: int, environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Shares the cores out among several workers; a person's own settings stay."""
    if workers == 1:
        return ()
    share = str(max(1, available_cores() // workers))
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
    return tuple((name, share) for name in names if name not in environ)


def available_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_cpu_workers(cores: int) -> int:
    """Workers for a CPU with `cores` cores: small models keep one core busy each, and every worker costs memory."""
    return max(1, min(4, cores))
