"""What `sweeper doctor` says of machines."""

import pytest

from sweeper.checks.diagnose import Gpu, MachineFacts, TensorFlowFacts, check_up
from sweeper.findings import Severity

VERSIONS = (("python", "3.11.7"), ("tensorflow", "2.21.0"), ("keras", "3.15.1"), ("nvidia-cudnn-cu12", "9.3"))
GPU = Gpu(name="NVIDIA L4", memory_bytes=24 << 30, driver="550.54.15")
BUILT = TensorFlowFacts(gpus=0, cuda="12.5.1", cudnn="9")


def machine(**changes):
    return MachineFacts(**({"versions": VERSIONS} | changes))


def codes(facts):
    return [finding.code for finding in check_up(facts)]


def test_a_machine_without_a_gpu_is_sound():
    assert check_up(machine(seen=BUILT)) == ()


def test_a_gpu_that_is_seen_is_sound():
    assert check_up(machine(gpus=(GPU,), seen=TensorFlowFacts(gpus=1, cuda="12.5.1"))) == ()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"environ": (("CUDA_VISIBLE_DEVICES", "-1"),)}, "CUDA_VISIBLE_DEVICES='-1' hides it"),
        ({"environ": (("CUDA_VISIBLE_DEVICES", ""),)}, "CUDA_VISIBLE_DEVICES='' hides it"),
        ({"platform": "win32"}, "no GPU on Windows"),
        ({"seen": TensorFlowFacts(gpus=0)}, "built without CUDA"),
        ({"gpus": (Gpu(name="T4", memory_bytes=1, driver="470.57"),)}, "the driver is too old for CUDA 12.5.1"),
        ({"versions": VERSIONS[:3]}, "the libraries of CUDA are not installed"),
        ({}, "its libraries could not be loaded"),
    ],
)
def test_a_gpu_that_is_not_seen_is_explained(changes, why):
    (finding,) = check_up(machine(**({"gpus": (GPU,), "seen": BUILT} | changes)))
    assert (finding.code, finding.severity) == ("SW507", Severity.ERROR)
    assert why in finding.title


@pytest.mark.parametrize(("driver", "expected"), [("524.99", "too old"), ("525.00", "could not be loaded")])
def test_the_least_driver_is_that_of_the_major_version(driver, expected):
    (finding,) = check_up(machine(gpus=(Gpu(name="T4", memory_bytes=1, driver=driver),), seen=BUILT))
    assert expected in finding.title


def test_devices_that_were_not_asked_for_are_not_judged():
    assert check_up(machine(gpus=(GPU,))) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"versions": VERSIONS[:1]}, "SW502"),
        ({"needs": (("tensorflow", "numpy<2", "2.4"),)}, "SW503"),
        ({"seen": TensorFlowFacts(gpus=0, error="ImportError: numpy.core.multiarray failed to import")}, "SW503"),
        ({"environ": (("KERAS_BACKEND", "jax"),)}, "SW504"),
        ({"environ": (("TF_USE_LEGACY_KERAS", "1"),)}, "SW505"),
        ({"smi_error": "NVIDIA-SMI has failed"}, "SW506"),
    ],
)
def test_what_is_wrong_is_said(changes, code):
    assert codes(machine(**changes)) == [code]


@pytest.mark.parametrize("environ", [(("KERAS_BACKEND", "tensorflow"),), (("TF_USE_LEGACY_KERAS", "0"),)])
def test_variables_that_do_no_harm_are_not_mentioned(environ):
    assert codes(machine(environ=environ)) == []
