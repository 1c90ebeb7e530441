"""Running a target up to its fit call, as the user would have run it."""

import builtins
import importlib
import importlib.util
import inspect
import sys
import types
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

from sweeper.capture._sites import CallSite
from sweeper.errors import TargetError
from sweeper.target import Target, parse_target


def run_target(target: Target, *, script_args: tuple[str, ...], data: str | None) -> None:
    """Runs the target; returns only if it ends without having been taken over at a fit call."""
    if target.is_script:
        _run_script(target, script_args)
    else:
        sys.argv = [target.text, *script_args]
        _run_function(target, data)


def _run_script(target: Target, script_args: tuple[str, ...]) -> None:
    """Executes the file as `__main__`, with argv, `sys.path[0]` and `__file__` as `python file ARGS` sets them."""
    assert target.file is not None
    sys.argv = [target.text, *script_args]
    sys.path.insert(0, str(Path(target.file).parent))
    module = types.ModuleType("__main__")
    module.__dict__.update(
        __file__=target.file,
        __builtins__=builtins,
        __loader__=SourceFileLoader("__main__", target.file),
        __spec__=None,
        __package__=None,
        __cached__=None,
    )
    sys.modules["__main__"] = module
    code = compile(Path(target.file).read_bytes(), target.file, "exec", dont_inherit=True)
    exec(code, module.__dict__)  # noqa: S102  running the user's script is what this is for


def _run_function(target: Target, data: str | None) -> None:
    found = _load(target)
    if inspect.isclass(found) or hasattr(found, "build") or _takes_hp(found):
        model = _build_with_defaults(found)
        if data is None:
            raise TargetError(
                f"target {target.text!r} only builds a model, so sweeper does not know its data. "
                "Add --data file.py:function, a function that returns the arguments of fit: "
                "(x, y), a dataset, or a dict such as {'x': ..., 'y': ..., 'batch_size': 32}"
            )
        arguments = _fit_arguments(_load(parse_target(data))(), data)
    else:
        model, arguments = _model_and_arguments(found(), target.text)
    model.fit(**arguments)


def function_site(target: Target) -> CallSite | None:
    """Where the function or class of a target is defined, for a fit call that sweeper makes itself."""
    if target.is_script:
        return None
    found = inspect.unwrap(_load(target))
    defined = found if inspect.isroutine(found) or inspect.isclass(found) else type(found)
    try:
        file, (_, line) = inspect.getsourcefile(defined), inspect.getsourcelines(defined)
    except (OSError, TypeError):
        return None
    return CallSite(file=str(Path(file).absolute()), line=line, last_line=line) if file else None


def _load(target: Target) -> Any:
    if target.file is not None:
        sys.path.insert(0, str(Path(target.file).parent))
        name = Path(target.file).stem
        spec = importlib.util.spec_from_file_location(name, target.file)
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules.get(name)
        if module is None or getattr(module, "__file__", None) != target.file:
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
    else:
        sys.path.insert(0, str(Path.cwd()))
        assert target.module is not None
        module = importlib.import_module(target.module)
    if not hasattr(module, str(target.attribute)):
        names = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
        raise TargetError(
            f"target {target.text!r}: {module.__name__} has no {target.attribute!r}; it has {', '.join(sorted(names))}"
        )
    return getattr(module, str(target.attribute))


def _takes_hp(function: Callable[..., Any]) -> bool:
    """Whether a function looks like KerasTuner's `build_model(hp)`: one required parameter."""
    required = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    ]
    return len(required) == 1


def _build_with_defaults(found: Any) -> Any:
    """The model that a HyperModel or `build_model(hp)` builds with its default hyperparameters."""
    import keras_tuner

    hyper: Any = found() if inspect.isclass(found) else found
    build: Any = hyper.build if hasattr(hyper, "build") else hyper
    return build(keras_tuner.HyperParameters())


def _model_and_arguments(returned: Any, text: str) -> tuple[Any, dict[str, Any]]:
    if not isinstance(returned, tuple) or not returned or not hasattr(returned[0], "fit"):
        raise TargetError(
            f"target {text!r} returned {type(returned).__name__}; it must return a tuple that begins with a compiled "
            "model: (model, x, y), (model, dataset) or (model, {'x': ..., 'y': ..., 'batch_size': 32})"
        )
    model, *data = returned
    return model, _fit_arguments(data[0] if len(data) == 1 else tuple(data), text)


def _fit_arguments(data: Any, text: str) -> dict[str, Any]:
    """The keyword arguments of fit from what a function returned as data."""
    if isinstance(data, dict) and "x" in data:
        return data
    if isinstance(data, tuple | list):
        names = ("x", "y", "sample_weight")
        if not 1 <= len(data) <= len(names):
            raise TargetError(
                f"{text!r} returned {len(data)} data items; it must be x, (x, y) or (x, y, sample_weight)"
            )
        return dict(zip(names, data, strict=False))
    return {"x": data}
