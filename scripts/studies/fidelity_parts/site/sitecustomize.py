"""What Python runs at its start where this folder is on PYTHONPATH: the switches of the fidelity study.

FIDELITY_SEED   an integer that seeds what the script leaves unseeded
FIDELITY_OUT    a file to write the true losses of the first fit call to; the process ends there
"""

import importlib.machinery
import importlib.util
import os
import sys
from pathlib import Path


def _run_the_next_sitecustomize() -> None:
    """Runs the module of the same name that this one hides, if there is one."""
    here = Path(__file__).resolve().parent
    others = [path for path in sys.path if path and Path(path).resolve() != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_run_the_next_sitecustomize()
if seed := os.environ.get("FIDELITY_SEED"):
    from seeding import seed_everything

    seed_everything(int(seed))
if os.environ.get("FIDELITY_OUT"):
    from truth import record_first_fit

    record_first_fit()
