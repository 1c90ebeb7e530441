import pytest

from sweeper.worker._memory_errors import is_out_of_memory, may_be_out_of_memory

SAID = (
    "OOM when allocating tensor with shape[512,1024] and type float on /job:localhost/replica:0/task:0/device:CPU:0",
    "{{function_node __wrapped__Mul}} failed to allocate memory [Op:Mul]",
    "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 137438953472 bytes.",
    "RESOURCE_EXHAUSTED: Failed to allocate request for 1.00GiB (1073741824B) on device ordinal 0",
    "Resource exhausted: Allocator (GPU_0_bfc) ran out of memory trying to allocate 2.5GiB",
    "XlaRuntimeError: Out of memory allocating 8589934592 bytes.",
    "INTERNAL: CUDA error: Failed call to cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY: out of memory",
    "Failed to initialize: CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED in cudnnCreate",
    "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.15 GiB",
    "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported at some other API call",
    "HIP out of memory. Tried to allocate 20.00 MiB",
    "MPS backend out of memory (MPS allocated: 8.00 GB)",
    "[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory: you tried to allocate 400 bytes",
    "Unable to allocate 7.45 GiB for an array with shape (1000000, 1000) and data type float64",
    "[Errno 12] Cannot allocate memory",
    "terminate called after throwing an instance of 'std::bad_alloc'",
    "Ran out of memory in memory space hbm. Used 20.1G of 15.4G hbm.",
)
OTHER = (
    "Incompatible shapes: [40,1] vs. [20,1]",
    "the out of memory of the past is not the out of memory of today",
    "No gradients provided for any variable.",
    "memory is not an option",
    "Input 0 of layer 'memory' is incompatible with the layer",
    "a replay memory needs at least one batch",
)
SUSPECTS = (
    "cuDNN error: CUDNN_STATUS_NOT_SUPPORTED. This error may appear if you passed in a non-contiguous input.",
    "CUDNN_STATUS_EXECUTION_FAILED",
    "No algorithm worked!  Error messages: ...",
    "Dst tensor is not initialized.",
    "failed to create cublas handle: CUBLAS_STATUS_NOT_INITIALIZED",
)


class ResourceExhaustedError(Exception):
    pass


class OutOfMemoryError(RuntimeError):
    pass


@pytest.mark.parametrize("text", SAID)
def test_memory_that_ran_out_is_seen_in_what_an_error_says(text):
    assert is_out_of_memory(RuntimeError(text))
    assert may_be_out_of_memory(RuntimeError(text))


@pytest.mark.parametrize("error", [MemoryError(), ResourceExhaustedError("no room"), OutOfMemoryError("no room")])
def test_memory_that_ran_out_is_seen_in_the_class_of_an_error(error):
    assert is_out_of_memory(error)


@pytest.mark.parametrize("text", OTHER)
def test_other_errors_are_not_taken_for_memory(text):
    assert not may_be_out_of_memory(ValueError(text))


@pytest.mark.parametrize("text", SUSPECTS)
def test_errors_of_gpu_libraries_are_only_suspected(text):
    assert not is_out_of_memory(RuntimeError(text))
    assert may_be_out_of_memory(RuntimeError(text))


def test_an_error_that_came_from_memory_counts_whoever_raised_it_in_the_end():
    wrapping = ValueError("wrapped")
    wrapping.__context__, wrapping.__suppress_context__ = MemoryError("no room"), True
    assert is_out_of_memory(wrapping)


def test_errors_that_name_each_other_as_their_origin_end_the_search():
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert not is_out_of_memory(first)
