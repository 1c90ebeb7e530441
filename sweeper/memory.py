"""Facts about a fit call and its memory, as a memory trial tells them.

Amounts are bytes unless a name says otherwise.
"""

from dataclasses import dataclass
from enum import StrEnum

from sweeper.job import Change


class MemoryKind(StrEnum):
    """Which memory limits the batch size."""

    HOST = "host"
    """The resident memory of the process, where training on a CPU keeps its data."""
    DEVICE = "device"
    """The accelerator's own memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitFacts:
    """Facts about a fit call and its memory, known before anything is trained."""

    fit_site: str
    """`file:line` of the fit call, the file as the user would name it."""
    model: str
    """Name and class of the model."""
    parameters: int
    optimizer: str
    """Class name."""
    batch_size: int
    """Samples a step at the fit site."""
    batch_size_fixed: str = ""
    """Why the batch size cannot be varied; empty when it can."""
    samples: int | None
    """Samples that the script trains on; None when unknown (an endless pipeline)."""
    data: str
    """What kind of data it trains on, such as `arrays` or `tf.data pipeline`."""
    largest_sample: str = ""
    """How the largest samples were found, where samples differ in size; empty when they do not."""
    sample_bytes: int
    """Bytes of the largest sample."""
    weight_bytes: int
    gradient_bytes: int
    slot_bytes: int
    """Variables of the script's optimizer."""
    activation_bytes: int
    """Outputs of all layers for one sample; 0 when the model does not tell its shapes."""
    backend: str
    device: str
    """`cpu` or `gpu`."""
    device_limit_bytes: int | None = None
    """Memory that the backend may take of the device, where it tells."""
    xla: bool
    """Whether the train step is compiled by XLA."""
    precision: str
    """Global dtype policy at the fit call."""
    changes: tuple[Change, ...] = ()
    """What trials do differently from the script."""
