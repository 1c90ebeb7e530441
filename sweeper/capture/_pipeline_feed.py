"""A `tf.data` pipeline as it was given to fit."""

from typing import Any

from sweeper.capture._feed import AbstractFeed, Arguments, Largest
from sweeper.capture._largest import find_largest
from sweeper.capture._pipelines import Chain, chain_of, drops_remainder, is_open, put_together_again

_ENDLESS = -1
"""What TensorFlow gives as the number of elements of a pipeline without an end."""


class PipelineFeed(AbstractFeed):
    """The script's own pipeline; other batch sizes are made inside of it where its steps are known."""

    def __init__(self, dataset: Any, own: int) -> None:
        self._dataset = dataset
        self._own = own
        chain = chain_of(dataset)
        self._chain: Chain | None = chain if chain is not None and chain.batch_size == own else None
        count = int(dataset.cardinality())
        self.endless = count == _ENDLESS
        self.drops_remainder = drops_remainder(dataset)
        self.samples = self._chain.samples if self._chain is not None else None
        if self.samples is None and count >= 0:
            self.samples = count * own
        self.how = (
            "other batch sizes are set where the pipeline makes its batches"
            if self._chain is not None
            else "other batch sizes are made behind the pipeline, from its finished batches"
        )

    def at(self, batch_size: int) -> Arguments:
        return {"x": self._at(batch_size)}

    def few(self, sizes: tuple[int, ...]) -> Arguments:
        full = self._at(max(sizes)).take(1)
        dataset = full
        for size in sizes[1:]:
            dataset = dataset.concatenate(_map(full, lambda leaf, size=size: leaf[:size]))
        return {"x": dataset}

    def copies(self, largest: Largest, batch_size: int, batches: int) -> Arguments:
        import tensorflow as tf

        row = tf.data.Dataset.from_tensors(largest.row)
        return {"x": _map(row, lambda leaf: tf.gather(leaf, tf.zeros([batch_size], tf.int64))).repeat(batches)}

    def find_largest(self) -> Largest | None:
        return find_largest(self._dataset) if is_open(self._dataset) else None

    def _at(self, batch_size: int) -> Any:
        if batch_size == self._own:
            return self._dataset
        if self._chain is not None:
            try:
                return self._chain.at(batch_size)
            except Exception:  # noqa: BLE001  a script's own mapping may raise anything on another batch size
                self._chain = None
        return put_together_again(self._dataset, batch_size)


def _map(dataset: Any, change: Any) -> Any:
    """The pipeline with every leaf of its elements changed."""
    import tensorflow as tf

    def changed(*element: Any) -> Any:
        whole = element if isinstance(dataset.element_spec, tuple) else element[0]
        return tf.nest.map_structure(change, whole)

    return dataset.map(changed)
