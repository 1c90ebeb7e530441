"""Finds the loop in which a fit call goes on training the same model."""

import ast
import linecache

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def loop_around(file: str, line: int) -> int | None:
    """The line of the loop in which the fit call at `line` trains one model again and again; None without one.

    A loop that assigns the model, or an object that holds it, counts as training another model each time.
    """
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return None
    return _innermost(tree, line, None)


def _innermost(node: ast.AST, line: int, loop: ast.For | ast.While | None) -> int | None:
    """The line of the innermost loop around the fit call at `line` inside `node`; `loop` is that around `node`."""
    if isinstance(node, _SCOPES):
        loop = None
    if isinstance(node, ast.For | ast.While):
        loop = node
    if isinstance(node, ast.Call) and _is_fit(node, line):
        return loop.lineno if loop is not None and not _replaces_model(loop, node) else None
    for child in ast.iter_child_nodes(node):
        found = _innermost(child, line, loop)
        if found is not None:
            return found
    return None


def _is_fit(call: ast.Call, line: int) -> bool:
    """Whether a call is one of a method `fit`, on lines that include `line`."""
    inside = call.lineno <= line <= (call.end_lineno or call.lineno)
    return inside and isinstance(call.func, ast.Attribute) and call.func.attr == "fit"


def _replaces_model(loop: ast.For | ast.While, call: ast.Call) -> bool:
    """Whether a loop may train another model each time: for `self.model.fit()`, if it assigns `self.model` or `self`.

    It may also where the model comes from a call, as in `make().fit()`.
    """
    assert isinstance(call.func, ast.Attribute)
    trained = ast.unparse(call.func.value)
    root = trained.partition(".")[0].partition("[")[0].partition("(")[0]
    targets = [ast.unparse(node) for node in ast.walk(loop) if isinstance(getattr(node, "ctx", None), ast.Store)]
    return trained in targets or root in targets or "(" in trained
