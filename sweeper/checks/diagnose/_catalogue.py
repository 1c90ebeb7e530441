"""Every check and every finding: what the modules named here define is in the catalogue."""

from sweeper import findings
from sweeper.checks.diagnose import (
    _across,
    _causes_in_code,
    _causes_in_data,
    _ends,
    _label_shapes,
    _labels,
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
from sweeper.checks.diagnose._base import Check
from sweeper.findings import FindingKind

_FAMILIES = (_types, _shapes, _label_shapes, _steps, _labels, _output, _ends, _model, _samples, _values)
_OTHER_FINDINGS = (findings, _raised, _causes_in_data, _causes_in_code, _machine, _across)

CHECKS: tuple[Check, ...] = tuple(
    sorted(
        (check for family in _FAMILIES for check in vars(family).values() if isinstance(check, Check)),
        key=lambda check: check.rank,
    )
)
"""The likeliest cause of a failure first; those of one rank by their family, then as they stand in its file."""

KINDS: tuple[FindingKind, ...] = tuple(
    sorted(
        {
            kind
            for module in (*_FAMILIES, *_OTHER_FINDINGS)
            for kind in vars(module).values()
            if isinstance(kind, FindingKind)
        },
        key=lambda kind: kind.code,
    )
)
"""All that sweeper can find, by code."""
