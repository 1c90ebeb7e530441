"""The fit call that a run found."""

from sweeper.results._base import Count, Measured, Options, Part, Size


class InitialWeights(Part):
    """The parameters by how they begin; together they are all of them."""

    drawn: Count
    """Those that their initializers drew at random: seeds other than 0 begin with other values."""
    constant: Count
    """Those that begin as zeros, ones or another constant, whatever the seed."""
    kept: Count
    """All others, such as loaded or trained ones: every seed begins with the script's own."""


class OwnOptimizer(Part):
    """The script's own optimizer."""

    name: str
    """Its class; several are joined with ` + `."""
    learning_rate: Measured
    """The rate at the fit call, or the peak of its schedule or of a callback that sets it; null when it is not
    known."""
    schedule: str
    """The schedule or rate callback that probing replaced; empty without one."""
    only: str
    """Why no other optimizer could be probed; empty when others could."""
    settings: Options
    """Its other settings by name."""


class Job(Part):
    """What was found at the fit call."""

    fit_site: str
    """`file:line` of the fit call."""
    fit_number: Size
    """1 for the first fit call that the target reaches."""
    model: str
    """Name and class of the model."""
    parameters: Count
    """Numbers in the weights of the model."""
    trainable_parameters: Count
    """Those of them that training changes."""
    initial_weights: InitialWeights | None
    """How the parameters begin; null where it was not looked at, and every seed began with the script's own weights."""
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
    """Where they come from: `validation_data`, `validation_split`, `held out`, or why there are none."""
    sample_bytes: Count
    """Size of all samples in bytes."""
    rehearsal: str
    """What the script's own first steps showed beside those of a probe; empty where they were not run."""


class Change(Part):
    """One thing that probing did differently from the script."""

    what: str
    """What was changed or ignored."""
    detail: str
    """How and why."""
