"""How much memory a training may take here: of the host, and of a GPU."""

import shutil
import subprocess
from collections.abc import Sequence

import psutil

from sweeper.batch_size.values import MemoryLimit
from sweeper.execute import MemoryGroup, memory_groups
from sweeper.memory import MemoryKind
from sweeper.text import bytes_text

_GPU_SHARE = 0.94
"""Part of a GPU's free memory that TensorFlow takes by itself: it leaves about 6% to the system."""
_QUERY_S = 10.0
_MIB = 1 << 20


def host_limit(asked: int | None, *, groups: Sequence[MemoryGroup] | None = None) -> MemoryLimit:
    """The memory that a new process may fill: what was asked for, unless less than that is free.

    Free is the smaller of what the machine has available and what the control groups of this process still allow.
    """
    total = psutil.virtual_memory()
    free, source = total.available, f"free memory of this machine, which has {bytes_text(total.total)}"
    for group in memory_groups() if groups is None else groups:
        if (limit := group.limit_bytes) is not None and limit - group.used_bytes < free:
            free = max(0, limit - group.used_bytes)
            source = f"what is free of this container's {bytes_text(limit)} (cgroup v{group.version})"
    if asked is None:
        return MemoryLimit(limit_bytes=free, kind=MemoryKind.HOST, source=source)
    if asked > free:
        source = f"{source}; --memory-limit {bytes_text(asked)} is more than that"
        return MemoryLimit(limit_bytes=free, kind=MemoryKind.HOST, source=source)
    return MemoryLimit(limit_bytes=asked, kind=MemoryKind.HOST, source="--memory-limit")


def device_limit(asked: int | None, *, told: int | None, gpu: str) -> MemoryLimit | None:
    """The memory that a training may take of a GPU; None when neither backend nor driver tells and none was asked.

    Args:
        asked: `--memory-limit`.
        told: what the backend says it may take, as JAX does.
        gpu: number of the GPU.
    """
    free = _free_bytes(gpu)
    limit, source = told, f"GPU {gpu}, as the backend says"
    if told is None and free is not None:
        limit, source = int(free * _GPU_SHARE), f"free memory of GPU {gpu}, less what the system keeps"
    if asked is not None and (limit is None or asked <= limit):
        limit, source = asked, "--memory-limit"
    if limit is None:
        return None
    return MemoryLimit(limit_bytes=limit, kind=MemoryKind.DEVICE, source=source, others=_others(gpu))


def _free_bytes(gpu: str) -> int | None:
    lines = _nvidia_smi(gpu, "--query-gpu=memory.free")
    return int(lines[0]) * _MIB if lines and lines[0].isdecimal() else None


def _others(gpu: str) -> str:
    """The processes that use the GPU, with the memory of each."""
    lines = _nvidia_smi(gpu, "--query-compute-apps=pid,process_name,used_memory")
    users = [[field.strip() for field in line.split(",")] for line in lines]
    named = [user for user in users if len(user) == 3]  # noqa: PLR2004
    return "; ".join(
        f"process {pid} ({name.rpartition('/')[2]})"
        + (f" uses {bytes_text(int(used) * _MIB)}" if used.isdecimal() else "")
        for pid, name, used in named
    )


def _nvidia_smi(gpu: str, query: str) -> list[str]:
    """The answer of nvidia-smi, a line each; empty where it is not installed or does not answer."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return []
    try:
        answer = subprocess.run(
            [command, f"--id={gpu}", query, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=_QUERY_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return answer.stdout.strip().splitlines() if answer.returncode == 0 else []
