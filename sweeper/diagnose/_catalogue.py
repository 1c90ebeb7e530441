"""Every finding that sweeper can make."""

from sweeper import findings
from sweeper.diagnose import (
    _across,
    _ends,
    _machine,
    _model,
    _output,
    _raised,
    _samples,
    _shapes,
    _steps,
    _types,
    _values,
)
from sweeper.findings import FindingKind

_MAKERS = (findings, _types, _shapes, _values, _samples, _output, _ends, _model, _steps, _raised, _machine, _across)

KINDS: tuple[FindingKind, ...] = tuple(
    sorted(
        {kind for maker in _MAKERS for kind in vars(maker).values() if isinstance(kind, FindingKind)},
        key=lambda kind: kind.code,
    )
)
"""By their codes."""
