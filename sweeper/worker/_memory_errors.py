"""Telling out of memory from other errors."""

import re

_NAMES = {"ResourceExhaustedError", "OutOfMemoryError"}
"""Classes of TensorFlow and JAX, and of torch."""
_SIGNS = (
    r"resource_?exhausted",
    r"cuda_error_out_of_memory|hiperroroutofmemory|cudaerrormemoryallocation",
    r"(?:cublas|cudnn|cusolver|cusparse)_status_alloc_failed|cufft_alloc_failed",
    r"\bbad_alloc\b",
    r"\boom when allocating",
    # Not every "out of memory": a person's own message may speak of something else.
    r"(?:cuda|hip|mps|xla|device|host|system|backend|allocator|ran|error)\W+(?:\w+\W+)?out of memory",
    r"(?:^|: )out of memory",
    r"out of memory(?: \w+)? (?:allocating|when|while|trying|on)\b",
    r"out of memory\W*$",
    r"(?:can ?not|can't|could not|unable to|failed to|fails to) (?:allocate|alloc|reserve)\b",
    r"(?:not enough|isn't enough|insufficient) (?:\w+ )?memory",
    r"memory allocation (?:\w+ )?fail",
    r"\[errno 12\]",
)
"""In lower case, as TensorFlow, JAX, torch, numpy, CUDA, C++ and the system spell it."""
_FOUND = re.compile("|".join(_SIGNS), re.MULTILINE)
_SUSPECT_SIGNS = (
    r"(?:cudnn|cublas|cusolver|cusparse)_status_(?:not_supported|not_initialized|execution_failed|internal_error)",
    r"no algorithm worked|failed to get convolution algorithm",
    r"dst tensor is not initialized",
    r"unspecified launch failure",
)
_SUSPECTED = re.compile("|".join(_SUSPECT_SIGNS))
"""What the GPU's libraries say when they are short of memory, and at other times too."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error, or one that it came from, says that memory ran out."""
    return any(isinstance(seen, MemoryError) or _says_so(seen) for seen in _with_origins(error))


def may_be_out_of_memory(error: BaseException) -> bool:
    """Whether memory that ran out may lie behind an error, even if it does not say so."""
    return is_out_of_memory(error) or any(_SUSPECTED.search(str(seen).lower()) for seen in _with_origins(error))


def _says_so(error: BaseException) -> bool:
    return type(error).__name__ in _NAMES or bool(_FOUND.search(str(error).lower()))


def _with_origins(error: BaseException) -> list[BaseException]:
    seen: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and all(at is not earlier for earlier in seen):
        seen.append(at)
        at = at.__cause__ or at.__context__
    return seen
