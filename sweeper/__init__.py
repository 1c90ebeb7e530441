"""Maps which learning rates, optimizers and batch sizes are safe for an unmodified Keras training script.

The command `sweeper` is the usual way in. The same from Python:

```python
import sweeper

run = sweeper.probe("train.py", lr="1e-5:1", budget="5m")
print(run.results.recommendation.learning_rate, run.report)
```

The public names stand in the stub beside this file, for type checkers and for this package alike. Each is imported when
it is first used, so that `import sweeper` is fast.
"""

import ast
import importlib
from pathlib import Path

__version__ = "0.1.0"


def _modules_by_name() -> dict[str, str]:
    """The module of each public name, as the stub says."""
    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


_MODULES = _modules_by_name()
__all__ = ["__version__", *sorted(_MODULES)]  # noqa: PLE0604  names, from the stub


def __getattr__(name: str) -> object:
    """The public name of the package, imported now; raises `AttributeError` when it is none."""
    if name not in _MODULES:
        raise AttributeError(f"module 'sweeper' has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)
