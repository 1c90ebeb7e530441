"""The parts of the results that describe the probed fit call."""

from sweeper.results._base import Count, Measured, Options, Part, Size


class InitialWeights(Part):
    """The numbers of parameters by how they are initialized; they add up to all parameters."""

    drawn: Count
    """Parameters that an initializer drew at random; probes of seeds other than 0 draw other values."""
    constant: Count
    """Parameters that begin as zeros, ones or another constant, whatever the seed."""
    kept: Count
    """All other parameters, such as loaded or trained ones; every seed begins with the script's values."""


class OwnOptimizer(Part):
    """The script's own optimizer and its settings."""

    name: str
    """Class of the optimizer; several are joined with ` + `."""
    learning_rate: Measured
    """The rate at the fit call, or the peak of its schedule or of a callback that sets it; null when it is not
    known."""
    schedule: str
    """The schedule or rate callback that probing replaced; empty without one."""
    only: str
    """Why no other optimizer could be probed; empty when others could."""
    settings: Options
    """The other settings of the optimizer by name."""


class Job(Part):
    """The fit call with its model and data."""

    fit_site: str
    """`file:line` of the fit call; `train.ipynb cell 3:5` in a notebook."""
    fit_number: Size
    """1 for the first fit call that the target reaches."""
    model: str
    """Name and class of the model."""
    parameters: Count
    """Number of parameters of the model."""
    trainable_parameters: Count
    """Number of parameters that training changes."""
    initial_weights: InitialWeights | None
    """How the parameters are initialized; null where every seed began with the script's own weights."""
    loss: str
    """The loss of the model."""
    optimizer: OwnOptimizer
    """The script's own optimizer."""
    batch_size: Size
    """Samples in each step at the fit call."""
    batch_size_fixed: str
    """Why the batch size could not be varied; empty when it could."""
    epochs: int | None
    """Epochs that the script asks for; null when unknown."""
    train_samples: Count
    """Samples that probes drew from."""
    whole_elements: bool
    """Whether a sample is a whole element of the script's pipeline, because elements cannot be split."""
    train_samples_available: int | None
    """Samples that the script trains on; null when unknown."""
    val_samples: Count
    """Samples that the validation loss was measured on; 0 when it could not be."""
    val_source: str
    """Origin of the validation samples: `validation_data`, `validation_split`, `held out`, or why there are none."""
    sample_bytes: Count
    """Size in bytes of the training and validation samples that probes use."""
    rehearsal: str
    """Whether the first steps of the script's own fit agree with those of a probe; empty where not compared."""


class Change(Part):
    """One thing that probing did differently from the script."""

    what: str
    """What was changed or ignored."""
    detail: str
    """How and why."""
