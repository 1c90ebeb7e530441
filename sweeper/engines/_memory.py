"""Peak memory of a probe: of the device's allocator where there is one, else of the process."""

import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
"""Sets the peak resident size back to the present one (Linux, proc(5))."""


def reset_peak() -> None:
    """Starts a new measurement."""
    if (device := _tensorflow_gpu()) is not None:
        import tensorflow as tf

        tf.config.experimental.reset_memory_stats(device)
        return
    try:
        _CLEAR.write_text(_RESET_PEAK)
    except OSError:
        return


def peak_bytes() -> int | None:
    """The peak since `reset_peak`; None where the machine does not tell."""
    if (device := _tensorflow_gpu()) is not None:
        import tensorflow as tf

        return int(tf.config.experimental.get_memory_info(device)["peak"])
    if (peak := _jax_peak()) is not None:
        return peak
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)


def _tensorflow_gpu() -> str | None:
    """The name of the first GPU that TensorFlow uses, if Keras runs on TensorFlow and there is one."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    return "GPU:0" if tf.config.list_logical_devices("GPU") else None


def _jax_peak() -> int | None:
    """JAX's allocator peak since the process began; None on a CPU, whose allocator keeps no count."""
    import keras

    if keras.backend.backend() != "jax" or "jax" not in sys.modules:
        return None
    stats = sys.modules["jax"].local_devices()[0].memory_stats()
    return int(stats["peak_bytes_in_use"]) if stats and "peak_bytes_in_use" in stats else None
