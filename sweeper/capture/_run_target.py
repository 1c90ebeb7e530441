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

from sweeper.capture._notebook import LeftOut, run_notebook
from sweeper.capture._sites import CallSite
from sweeper.errors import TargetError
from sweeper.target import Target, parse_target


def run_target(target: Target, *, script_args: tuple[str, ...], data: str | None, left_out: LeftOut) -> None:
    """Runs the target; returns only if it ends without having been taken over at a fit call.

    What a notebook asked IPython to do by then is added to `left_out`.
    """
    if not target.is_program:
        sys.argv = [target.text, *script_args]
        _run_function(target, data)
    elif target.is_notebook:
        assert target.file is not None
        run_notebook(target.file, script_args, left_out)
    elif target.module is not None:
        _run_module(target.module, script_args)
    else:
        _run_script(target, script_args)


def _run_script(target: Target, script_args: tuple[str, ...]) -> None:
    """Executes the file as `__main__`, with argv, `sys.path[0]` and `__file__` as `python file ARGS` sets them."""
    assert target.file is not None
    sys.argv = [target.text, *script_args]
    sys.path.insert(0, str(Path(target.file).parent))
    code = compile(Path(target.file).read_bytes(), target.file, "exec", dont_inherit=True)
    _execute_as_main(
        code,
        __file__=target.file,
        __loader__=SourceFileLoader("__main__", target.file),
        __spec__=None,
        __package__=None,
        __cached__=None,
    )


def _run_module(name: str, script_args: tuple[str, ...]) -> None:
    """Executes the module as `__main__`, after its packages, as `python -m NAME ARGS` does."""
    sys.argv = ["-m", *script_args]
    sys.path.insert(0, str(Path.cwd()))
    spec = importlib.util.find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = importlib.util.find_spec(f"{name}.__main__")
    code = spec.loader.get_code(spec.name) if spec and isinstance(spec.loader, SourceFileLoader) else None
    if spec is None or code is None:
        raise TargetError(f"target '-m {name}': its package was imported, and Python finds no source of {name} in it")
    assert spec.origin is not None
    sys.argv[0] = spec.origin
    _execute_as_main(
        code,
        __file__=spec.origin,
        __loader__=spec.loader,
        __spec__=spec,
        __package__=spec.parent,
        __cached__=spec.cached,
    )


def _execute_as_main(code: types.CodeType, **attributes: Any) -> None:
    module = types.ModuleType("__main__")
    module.__dict__.update(attributes, __builtins__=builtins)
    sys.modules["__main__"] = module
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
    if target.is_program:
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
