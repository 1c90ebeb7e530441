"""The contract of the engine for JAX, in a process whose Keras runs on it."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs JAX"),
]
HERE = Path(__file__).parent


def test_vector_keeps_its_contract_on_jax():
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "", str(HERE / "vector_contract.py")],
        cwd=HERE.parents[1],
        env=os.environ | {"KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert "passed" in ran.stdout
