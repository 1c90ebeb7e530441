"""Keeps, restores and stores the states of the global random generators of Python, NumPy and torch."""

import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomStates:
    """The states of the global random generators at one moment."""

    python: Any
    numpy: Any
    torch: Any
    """None where torch is not imported."""

    def restore(self) -> None:
        """Sets the random generators back to these states."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)  # noqa: NPY002  what Keras and scripts draw from
        if self.torch is not None:
            sys.modules["torch"].set_rng_state(self.torch)

    def save(self, path: Path) -> None:
        """Writes the states to a JSON file."""
        name, keys, *rest = self.numpy
        torch = None if self.torch is None else self.torch.tolist()
        path.write_text(json.dumps({"python": self.python, "numpy": [name, keys.tolist(), *rest], "torch": torch}))


def random_states() -> RandomStates:
    """The current states of the global random generators."""
    torch = sys.modules.get("torch")
    return RandomStates(
        python=random.getstate(),
        numpy=np.random.get_state(),  # noqa: NPY002
        torch=torch.get_rng_state() if torch is not None else None,
    )


def load_random_states(path: Path) -> RandomStates:
    """The states that `RandomStates.save` wrote; without torch's where it is not imported now."""
    stored = json.loads(path.read_text())
    version, words, gauss = stored["python"]
    name, keys, *rest = stored["numpy"]
    torch = sys.modules.get("torch")
    return RandomStates(
        python=(version, tuple(words), gauss),
        numpy=(name, np.array(keys, dtype=np.uint32), *rest),
        torch=torch.tensor(stored["torch"], dtype=torch.uint8) if torch is not None and stored["torch"] else None,
    )
