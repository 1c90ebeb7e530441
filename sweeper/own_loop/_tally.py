"""What each update of a loop was trained on, written down where the loop runs: eagerly, or inside a traced function.

Nothing of what is computed inside a traced function can be seen outside of it, so its losses are put into variables, by
operations that are traced with it. The same operations run at once where the loop is eager.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweeper.own_loop._in_graph import own_variable

_LOSSES = 16
"""Losses that a loop can take gradients of, each at a place of its own."""
_ROWS = 512
"""Updates that are kept until somebody asks for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One update that an optimizer has made."""

    optimizer: int
    """Its number, in the order in which optimizers were seen."""
    loss: float
    """What its gradients were taken of: the mean where that was several batches, the sum of several losses."""
    norm: float
    """Global norm of the gradients, as they were applied."""
    finite: float
    """1.0 where every variable that it changed is finite, else 0.0."""
    seen: bool
    """Whether any loss was seen since the last update."""


class Tally:
    """Variables of TensorFlow that hold the losses since the last update, and the updates that nobody has read yet."""

    def __init__(self) -> None:
        self._sums = own_variable(np.zeros(_LOSSES, np.float32), "sums")
        self._counts = own_variable(np.zeros(_LOSSES, np.float32), "counts")
        self._rows = own_variable(np.zeros((_ROWS, 5), np.float32), "rows")
        self._made = own_variable(np.zeros((), np.int64), "updates")
        self._size = own_variable(np.zeros((), np.int64), "batch_size")
        self._read = 0
        self._places: dict[Hashable, tuple[int, frozenset[int]]] = {}

    @property
    def variables(self) -> list[Any]:
        """Its own variables, which are none of the script's."""
        return [self._sums, self._counts, self._rows, self._made, self._size]

    def add_loss(self, key: Hashable, variables: frozenset[int], loss: Any) -> None:
        """Adds a loss, a scalar, of which the gradients by some variables (their ids) were taken."""
        import tensorflow as tf

        if key not in self._places:
            if len(self._places) == _LOSSES:
                return
            self._places[key] = (len(self._places), variables)
        here = tf.one_hot(self._places[key][0], _LOSSES)
        self._sums.assign_add(tf.where(here > 0, loss, 0.0), read_value=False)  # NaN times 0 is NaN
        self._counts.assign_add(here, read_value=False)

    def add_update(self, optimizer: int, variables: frozenset[int], norm: Any, finite: Any, *, applied: Any) -> Any:
        """Adds an update of variables (their ids), and forgets the losses that it was made of; the number of updates.

        `applied` is false where the optimizer has only put its gradients aside, for an update to come.
        """
        import tensorflow as tf

        mine = self._losses_of(variables)
        counted = self._counts * mine
        # Several updates of one line since the last one are one loss, of which the mean counts.
        means = tf.where(counted > 0, self._sums / tf.maximum(self._counts, 1.0), 0.0)
        loss, seen = tf.reduce_sum(tf.where(mine > 0, means, 0.0)), tf.reduce_max(counted) > 0
        row = tf.stack([tf.cast(one, tf.float32) for one in (optimizer, loss, norm, finite, seen)])
        at = self._made.read_value() % _ROWS
        self._rows.scatter_nd_update([[at]], [row])
        kept = tf.where(tf.cast(applied, tf.bool), 1.0 - mine, tf.ones(_LOSSES))
        self._sums.assign(tf.where(kept > 0, self._sums, 0.0), read_value=False)
        self._counts.assign(self._counts * kept, read_value=False)
        self._made.assign_add(tf.cast(applied, tf.int64), read_value=False)
        return self._made.read_value()

    def _losses_of(self, variables: frozenset[int]) -> Any:
        """1 for each loss whose gradients were taken by any of these variables, else 0; for all where there is none."""
        import tensorflow as tf

        mine = [at for at, by in self._places.values() if by & variables] or [at for at, _ in self._places.values()]
        return tf.constant([float(at in mine) for at in range(_LOSSES)])

    def new_updates(self) -> Sequence[Update]:
        """The updates since the last call, the oldest first; runs eagerly."""
        made = int(self._made.numpy())
        if made == self._read:
            return ()
        rows = self._rows.numpy()
        first, self._read = max(self._read, made - _ROWS), made
        numbers = [[float(number) for number in rows[at % _ROWS]] for at in range(first, made)]
        return [
            Update(optimizer=int(number), loss=loss, norm=norm, finite=finite, seen=bool(seen))
            for number, loss, norm, finite, seen in numbers
        ]

    def note_size(self, batch: Any) -> None:
        """Notes how many samples a batch has, each time that it is trained on; the most are kept."""
        import tensorflow as tf

        self._size.assign(tf.maximum(self._size.read_value(), tf.shape(batch, tf.int64)[0]), read_value=False)

    def size(self) -> int | None:
        """The samples in the largest batch that was noted; None where none was."""
        return int(self._size.numpy()) or None

    def forget(self) -> None:
        """Forgets losses and updates that nobody has read; runs eagerly."""
        import tensorflow as tf

        self._sums.assign(tf.zeros(_LOSSES))
        self._counts.assign(tf.zeros(_LOSSES))
        self._read = int(self._made.numpy())
