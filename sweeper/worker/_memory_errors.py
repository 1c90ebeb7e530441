"""Telling out of memory from other errors."""

_SIGNS = (
    "resource_exhausted",
    "resourceexhausted",
    "out of memory",
    "cuda_error_out_of_memory",
    "cublas_status_alloc_failed",
    "cudnn_status_alloc_failed",
    "std::bad_alloc",
    "failed to allocate memory",
    "oom when allocating",
)
"""In lower case, as TensorFlow, JAX, torch, CUDA and C++ spell it."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error, or one that it came from, says that memory ran out."""
    seen: BaseException | None = error
    while seen is not None:
        text = f"{type(seen).__name__} {seen}".lower()
        if isinstance(seen, MemoryError) or any(sign in text for sign in _SIGNS):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
