"""Memory in use and its peak: of the device's allocator where there is one, else of the process."""

import os
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from sweeper.memory import MemoryKind

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_GROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""A number, or `max`, where the kernel keeps control groups (version 2)."""
_RESET_PEAK = "5"
"""Sets the peak resident size back to the present one (Linux, proc(5))."""


class AbstractMemory(ABC):
    """A memory that training fills."""

    kind: MemoryKind = MemoryKind.DEVICE

    @abstractmethod
    def in_use(self) -> int:
        """Bytes in use now; 0 where the machine does not tell."""

    @abstractmethod
    def peak(self) -> int | None:
        """The peak since the last reset; None where the machine does not tell."""

    @abstractmethod
    def reset(self) -> None:
        """Starts a new measurement of the peak, where that can be done."""


class HostMemory(AbstractMemory):
    """Resident memory of this process."""

    kind = MemoryKind.HOST

    def in_use(self) -> int:
        return _status("VmRSS:") or 0

    def peak(self) -> int | None:
        return _status("VmHWM:")

    def reset(self) -> None:
        try:
            _CLEAR.write_text(_RESET_PEAK)
        except OSError:
            return


def _status(name: str) -> int | None:
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), None)


class TensorFlowMemory(AbstractMemory):
    """The allocator of TensorFlow's first GPU."""

    _DEVICE = "GPU:0"

    def in_use(self) -> int:
        return self._info()["current"]

    def peak(self) -> int | None:
        return self._info()["peak"]

    def reset(self) -> None:
        import tensorflow as tf

        tf.config.experimental.reset_memory_stats(self._DEVICE)

    def _info(self) -> dict[str, int]:
        import tensorflow as tf

        return {name: int(value) for name, value in tf.config.experimental.get_memory_info(self._DEVICE).items()}


class JaxMemory(AbstractMemory):
    """The allocator of JAX's first device; its peak is that of the whole process."""

    def in_use(self) -> int:
        return int(_jax_stats()["bytes_in_use"])

    def peak(self) -> int | None:
        return int(_jax_stats()["peak_bytes_in_use"])

    def reset(self) -> None:
        return


def _jax_stats() -> dict[str, Any]:
    """What JAX's allocator counts; empty on a CPU, whose allocator keeps no count."""
    if "jax" not in sys.modules:
        return {}
    return sys.modules["jax"].local_devices()[0].memory_stats() or {}


class TorchMemory(AbstractMemory):
    """What torch holds of the GPU, blocks that it keeps for later included: nobody else can have these."""

    def in_use(self) -> int:
        return int(_cuda().memory_reserved())

    def peak(self) -> int | None:
        return int(_cuda().max_memory_reserved())

    def reset(self) -> None:
        _cuda().reset_peak_memory_stats()


def _cuda() -> Any:
    return sys.modules["torch"].cuda


def training_memory() -> AbstractMemory:
    """The memory that limits the batch size with the backend that Keras runs on."""
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        if tf.config.list_logical_devices("GPU"):
            return TensorFlowMemory()
    if backend == "jax" and "peak_bytes_in_use" in _jax_stats():
        return JaxMemory()
    if backend == "torch" and _cuda().is_available():
        return TorchMemory()
    return HostMemory()


def device_limit_bytes() -> int | None:
    """What the backend may take of the device's memory, where it tells."""
    import keras

    backend = keras.backend.backend()
    if backend == "jax":
        limit = _jax_stats().get("bytes_limit")
        return None if limit is None else int(limit)
    if backend == "tensorflow":
        return _tensorflow_limit()
    return None


def memory_limit_bytes() -> int | None:
    """What training may take of the memory that limits it: the device's, or the machine's; None where it is unknown."""
    if training_memory().kind is MemoryKind.DEVICE:
        return device_limit_bytes()
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(machine, int(_GROUP_LIMIT.read_text()))
    except (OSError, ValueError):
        return machine


def _tensorflow_limit() -> int | None:
    """The limit that the script set for TensorFlow's first GPU; None without one."""
    import tensorflow as tf

    for device in tf.config.list_physical_devices("GPU")[:1]:
        for logical in (tf.config.get_logical_device_configuration(device) or ())[:1]:
            return None if logical.memory_limit is None else int(logical.memory_limit) * 2**20
    return None


def reset_peak() -> None:
    """Starts a new measurement."""
    training_memory().reset()


def peak_bytes() -> int | None:
    """The peak since `reset_peak`; None where the machine does not tell."""
    return training_memory().peak()


class MemoryMeter:
    """The memory of one process from its start to its end."""

    def __init__(self) -> None:
        self._memory = training_memory()
        self._host = HostMemory()
        self._before = self._host_before = 0
        self._is_steady = False
        self.start_bytes = self._memory.in_use()

    def steady_begins(self) -> None:
        """Starts the measurement of the steady peak: later steps need not trace and compile."""
        self._before, self._host_before = self._memory.peak() or 0, self._host.peak() or 0
        self._memory.reset()
        self._is_steady = True

    @property
    def peak_bytes(self) -> int | None:
        """Highest use of the limited memory so far."""
        return max(self._before, self._memory.peak() or 0) or None

    @property
    def steady_peak_bytes(self) -> int | None:
        """Highest use since `steady_begins`; None before."""
        return self._memory.peak() if self._is_steady else None

    @property
    def host_peak_bytes(self) -> int | None:
        """Highest resident memory of the process so far."""
        return max(self._host_before, self._host.peak() or 0) or None
