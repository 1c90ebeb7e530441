"""One contender in a process of its own: `python -m benchmark_parts.child CONTENDER GRID [SETTING=VALUE ...]`.

Its figures go to `figures.json` in the current folder.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmark_parts.grid import Grid, load
from benchmark_parts.process import RESULT


def run(contender: str, grid: Grid, settings: dict[str, str]) -> dict[str, Any]:
    """What a contender measured."""
    if contender.startswith("sweeper"):
        from benchmark_parts.ours import sweep

        return sweep(grid, **settings)
    from benchmark_parts import in_graph, rivals
    from benchmark_parts.tasks import Clock

    members: dict[str, Callable[[Grid, Clock], None]] = {
        "graph": in_graph.graph,
        "graph-xla": in_graph.graph_xla,
        "keras-tuner": rivals.keras_tuner,
        "loop": rivals.loop,
        "optuna": rivals.optuna,
        "reference": rivals.reference,
    }
    clock = Clock()
    members[contender](grid, clock)
    return clock.report()


if __name__ == "__main__":
    told = run(sys.argv[1], load(sys.argv[2]), dict(word.split("=", 1) for word in sys.argv[3:]))
    Path(RESULT).write_text(json.dumps(told))
