"""Trains what a target other than a script names, in plain Keras: `run_function.py FILE:NAME [FILE:DATA]`."""

import importlib.util
import inspect
import sys
from pathlib import Path
from typing import Any


def load(text: str) -> Any:
    """The function or class that `file.py:name` names."""
    file, _, name = text.partition(":")
    sys.path.insert(0, str(Path(file).resolve().parent))
    spec = importlib.util.spec_from_file_location(Path(file).stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[Path(file).stem] = module
    spec.loader.exec_module(module)
    return getattr(module, name)


def main() -> None:
    """Builds the model and fits it."""
    target, data = sys.argv[1:3]
    found = load(target)
    if not data:
        model, *rest = found()
        arguments = rest[0] if len(rest) == 1 else tuple(rest)
    else:
        import keras_tuner

        hyper = found() if inspect.isclass(found) else found
        build = getattr(hyper, "build", hyper)
        model, arguments = build(keras_tuner.HyperParameters()), load(data)()
    if isinstance(arguments, tuple):
        arguments = dict(zip(("x", "y", "sample_weight"), arguments, strict=False))
    model.fit(**arguments if isinstance(arguments, dict) and "x" in arguments else {"x": arguments})


if __name__ == "__main__":
    main()
