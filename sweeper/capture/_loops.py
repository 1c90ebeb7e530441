"""Whether a fit call stands in a loop that goes on training the same model."""

import ast
from pathlib import Path

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def loop_around(file: str, line: int) -> int | None:
    """The line of the loop in which the fit call of a line goes on training one model; None where there is none.

    A loop that makes the model, in whatever way it is named, trains another one each time.
    """
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return None
    return _innermost(tree, line, None)


def _innermost(node: ast.AST, line: int, loop: ast.For | ast.While | None) -> int | None:
    """The line of the loop that surrounds the fit call somewhere inside a node, which itself is inside `loop`."""
    if isinstance(node, _SCOPES):
        loop = None
    if isinstance(node, ast.For | ast.While):
        loop = node
    if isinstance(node, ast.Call) and _is_fit(node, line):
        return loop.lineno if loop is not None and not _makes(loop, node) else None
    for child in ast.iter_child_nodes(node):
        found = _innermost(child, line, loop)
        if found is not None:
            return found
    return None


def _is_fit(call: ast.Call, line: int) -> bool:
    inside = call.lineno <= line <= (call.end_lineno or call.lineno)
    return inside and isinstance(call.func, ast.Attribute) and call.func.attr == "fit"


def _makes(loop: ast.For | ast.While, call: ast.Call) -> bool:
    """Whether a loop assigns what the call trains: `model` of `model.fit`, `self.model` of `self.model.fit`."""
    assert isinstance(call.func, ast.Attribute)
    trained = ast.unparse(call.func.value)
    root = trained.partition(".")[0].partition("[")[0].partition("(")[0]
    targets = [ast.unparse(node) for node in ast.walk(loop) if isinstance(getattr(node, "ctx", None), ast.Store)]
    return trained in targets or root in targets or "(" in trained
