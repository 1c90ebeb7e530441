"""The kinds of data that fit takes. A new one is a file beside this one, and its place in the list."""

from typing import Any

from sweeper.capture.data._arrays import Arrays
from sweeper.capture.data._base import AbstractData, Given
from sweeper.capture.data._batches import AbstractBatches
from sweeper.capture.data._generators import Generator
from sweeper.capture.data._loaders import Loader
from sweeper.capture.data._pipelines import Pipeline
from sweeper.capture.data._py_datasets import PyDataset

KINDS: tuple[type[AbstractData], ...] = (Pipeline, PyDataset, Loader, Generator, Arrays)
"""The first that recognises the data is its kind; arrays are everything else."""


def data_of(given: Given) -> AbstractData:
    """What fit was given, as data of its kind."""
    return next(kind for kind in KINDS if kind.recognises(given.x))(given)


def batches_of(x: Any) -> AbstractBatches | None:
    """The data that comes in batches; None where fit would make the batches, as it does of arrays."""
    data = data_of(Given(x=x))
    return data if isinstance(data, AbstractBatches) else None
