"""The settings of a run, each with its key, option, default and help.

A field is annotated with its type and its `Setting`: how its value is written, an example, other names. The first
paragraph below it is its help. Config files, environment variables, options, `sweeper init` and the tables of
docs/config.md follow from these, so that a new setting is added here and nowhere else.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from sweeper.job import Engine
from sweeper.settings import _quantities as quantities
from sweeper.settings import _texts as texts
from sweeper.settings._choices import BatchSearch, BatchSize, EarlierFits, FailOn, RateRange, Search
from sweeper.settings._optimizers import OPTIMIZERS
from sweeper.settings._rates import RATES
from sweeper.settings._setting import Setting, Topic, one_of
from sweeper.space import OptimizerChoice

DEFAULT_STEPS = 200
"""Default updates of a probe; 93% of the divergences of 12,000 long runs showed within their first 2%."""

DEFAULT_RESOLUTION = 0.1
"""Default resolution in decades, a factor of 1.26: edges differ by more from one seed to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How long a probe trains. Exactly one field is set."""

    steps: Annotated[
        int | None, Setting(quantities.WHOLE, "300", unset=str(DEFAULT_STEPS), also="steps_per_epoch length")
    ] = None
    """Length of a probe in updates of the weights."""
    epochs: Annotated[float | None, Setting(quantities.EPOCHS, "0.5", unset="not used", also="epoch")] = None
    """Length of a probe in passes over its samples, instead of steps."""
    seconds: Annotated[
        float | None, Setting(quantities.SECONDS, '"10s"', name="time_per_probe", unset="not used", also="time seconds")
    ] = None
    """Length of a probe as a time such as 10s, instead of steps. Timed once and turned into steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every option of a run. None means that sweeper decides, from the job and the machine."""

    target: Annotated[
        str,
        Setting(
            texts.text("TARGET"),
            '"train.py"',
            topic=Topic.TARGET,
            unset="must be given here or on the command line, if no command is",
            is_option=False,
            also="script program entry",
        ),
    ] = ""
    """What to train: a script, a notebook, -m package.module, file.py:function or package.module:function.

    Also `file.py:HyperModelClass` and `file.py:build_model`.
    """
    script_args: Annotated[
        tuple[str, ...],
        Setting(texts.SCRIPT_ARGS, '["--data", "cifar10"]', unset="none", is_option=False, also="args arguments"),
    ] = ()
    """Arguments of the script; on the command line they stand behind --."""
    command: Annotated[
        str | None,
        Setting(
            texts.text("COMMAND"),
            '"python train.py --lr {learning_rate} --seed {seed}"',
            unset="none; a target is trained",
            also="cmd run exec",
        ),
    ] = None
    """Train by a command in place of a target, whatever it trains with; one process for each probe. Placeholders:
    {learning_rate}, and if they are to vary {batch_size}, {optimizer}, {seed}, {steps}.

    No shell is involved; a brace itself is written {{ or }}.
    """
    curve: Annotated[
        str | None,
        Setting(
            texts.text("PATH"),
            '"runs/{learning_rate}/log.csv"',
            unset="the program reports its losses, or prints them as JSON lines",
            also="log curves log_file",
        ),
    ] = None
    """File or folder to which the command writes its losses: CSV, JSON lines or TensorBoard events; may contain
    placeholders.
    """
    column: Annotated[
        str | None,
        Setting(texts.text("NAME"), '"train/loss"', unset="the one that is named after a loss", also="loss_column"),
    ] = None
    """Name of the training loss in the file of curve, as TRAIN or TRAIN,VAL."""
    fit: Annotated[
        str | None, Setting(texts.FIT_CALL, '"train.py:88"', unset="1, the first one reached", also="fit_site")
    ] = None
    """Which model.fit call to probe: its number or place, as `sweeper fits` lists them."""
    data: Annotated[
        str | None, Setting(texts.FUNCTION, '"data.py:load"', unset="none; the target brings its data", also="dataset")
    ] = None
    """Function that returns the arguments of fit, for a target that only builds a model."""
    earlier_fits: Annotated[EarlierFits, Setting(one_of("treatment of earlier fits", EarlierFits), '"full"')] = (
        EarlierFits.SHORT
    )
    """Train the fit calls before the chosen one for a few steps (short), or as the script says (full)."""

    learning_rates: Annotated[
        tuple[float, ...] | RateRange | None,
        Setting(
            RATES,
            '"1e-6:1"',
            name="lr",
            topic=Topic.AXES,
            unset="1e-5:10, and beyond where an edge lies there",
            also="learning_rate learning_rates lrs rates",
        ),
    ] = None
    """Learning rates: low:high such as 1e-6:1 to search in, or those to try: 1e-4,1e-3 or low:high:log|lin:count such
    as 1e-6:1:log:13.

    Ascending, each rounded to six significant digits.
    """
    optimizers: Annotated[
        tuple[OptimizerChoice, ...] | None,
        Setting(
            OPTIMIZERS,
            '["script", { name = "adamw", weight_decay = 0.01 }]',
            name="optimizer",
            unset="script,sgd,momentum,adam",
            also="optimizers opt",
        ),
    ] = None
    """Optimizers by name, with settings in parentheses: script,sgd,adamw(weight_decay=0.01). script is the script's
    own; script(warmup=50) raises its rate over the first 50 steps.
    """
    batch_sizes: Annotated[
        tuple[BatchSize, ...] | BatchSearch | None,
        Setting(
            quantities.BATCH_SIZES,
            "[16, 64, 256]",
            name="batch_size",
            unset="a quarter of the script's own, its own, and four times it",
            also="batch_sizes batch batches bs",
        ),
    ] = None
    """Samples per step: a list such as 16,64,256. script is the script's own; auto is up to the largest that fits in
    memory; recommended is the size that `sweeper batch` recommends.

    Ascending, the script's own first.
    """
    seeds: Annotated[
        int | None,
        Setting(quantities.WHOLE, "3", unset="1 for a grid, up to 3 for the boundary search", also="seed repeats"),
    ] = None
    """Trainings of each setting, with seeds 0 to N-1; the boundary search uses more than one only where it matters."""
    length: Length = Length(steps=DEFAULT_STEPS)
    job_steps: Annotated[
        int | None,
        Setting(
            quantities.WHOLE,
            "50000",
            unset="the script's own epochs; 20 probes where those are not known",
            also="job_length train_steps long_steps",
        ),
    ] = None
    """Length of the long job in updates: the longer it is, the further stable rates stay below the edge.

    At the script's own batch size.
    """
    search: Annotated[
        Search | None,
        Setting(one_of("search", Search), '"grid"', unset="boundary, and grid where the rates to try are given"),
    ] = None
    """How rates are chosen: boundary brackets the edges of each row and narrows them down; grid tries every
    combination.
    """
    resolution: Annotated[float, Setting(quantities.DECADES, "0.05", also="tolerance")] = DEFAULT_RESOLUTION
    """Decades of the learning rate to which the boundary search finds an edge; 0.1 is a factor of 1.26."""
    budget_s: Annotated[
        float | None, Setting(quantities.SECONDS, '"10m"', name="budget", unset="no limit", also="time_limit max_time")
    ] = None
    """Longest time for the probes, such as 10m; what is known by then becomes the map.

    For one sitting, from the first probe's start.
    """
    max_probes: Annotated[
        int | None, Setting(quantities.WHOLE, "100", unset="no limit", also="probes max_trials n_trials")
    ] = None
    """Most probes of the run, those without updates not counted."""

    overfit: Annotated[bool, Setting(texts.FLAG, "true", topic=Topic.AFTER, also="overfitting")] = False
    """Train once at length at the recommended setting, to see whether and when it overfits."""
    warmup: Annotated[
        int | Literal["auto"] | None,
        Setting(quantities.WARMUP, '"auto"', unset="not tried", also="warmup_steps warm_up"),
    ] = None
    """Search the recommended row again with a rate that rises over so many steps first; auto is a quarter of a
    probe.
    """
    clipnorm: Annotated[
        float | Literal["auto"] | None,
        Setting(quantities.CLIPNORM, '"auto"', unset="not tried", also="clip global_clipnorm clip_norm"),
    ] = None
    """Search the recommended row again with gradients clipped to this global norm; auto takes it from the norms at the
    recommended rate.
    """

    memory_limit_bytes: Annotated[
        int | None,
        Setting(
            quantities.BYTES,
            '"4GiB"',
            name="memory_limit",
            topic=Topic.MEMORY,
            unset="what is free on the GPU, or of this machine or container",
            also="limit max_memory memory",
        ),
    ] = None
    """Memory that a training may take, such as 4GiB."""
    headroom: Annotated[
        float | None,
        Setting(quantities.PART, "0.1", unset="10%, and 15% where XLA compiles the training step", also="margin slack"),
    ] = None
    """Part of the memory that the largest batch size leaves free, as 0.1 or 10%."""
    max_batch_size: Annotated[
        int | None,
        Setting(quantities.WHOLE, "1024", unset="the number of training samples", also="largest_batch_size max_batch"),
    ] = None
    """Largest batch size that a memory search tries."""
    effective_batch: Annotated[
        int | None, Setting(quantities.WHOLE, "1024", unset="none", also="effective_batch_size accumulate")
    ] = None
    """Batch size to reach: when it does not fit at once, how to reach it by accumulating gradients is tried."""
    other_limits_bytes: Annotated[
        tuple[int, ...], Setting(quantities.AMOUNTS, '["24GiB", "80GiB"]', name="for", unset="none", also="elsewhere")
    ] = ()
    """Also predict the largest batch size for other amounts of memory, such as 24GiB,80GiB."""
    compare_precision: Annotated[bool, Setting(texts.FLAG, "true")] = False
    """Compare memory, speed and verdicts with mixed precision at the recommended batch size."""
    memory_only: Annotated[bool, Setting(texts.FLAG, "true", also="no_lr")] = False
    """Find the batch size only, and probe no learning rates with it."""

    workers: Annotated[
        int | None,
        Setting(
            quantities.WHOLE,
            "2",
            topic=Topic.MACHINE,
            unset="one per GPU, or a number that suits the cores and the probes",
            also="jobs processes n_workers",
        ),
    ] = None
    """Worker processes. Each starts the script once and then runs probe after probe."""
    gpus: Annotated[str, Setting(texts.GPUS, "[0, 1]", also="gpu devices device")] = "auto"
    """GPUs to use: all (auto), none, or those with these numbers."""
    engine: Annotated[Engine, Setting(one_of("engine", Engine), '"fit"')] = Engine.AUTO
    """How probes are run: auto measures which way is fastest; fit is Keras's own fit."""
    backend: Annotated[
        str | None, Setting(texts.BACKEND, '"jax"', unset="the script's or the environment's choice")
    ] = None
    """Backend of Keras in the workers: tensorflow, jax or torch."""
    precision: Annotated[
        str | None,
        Setting(texts.PRECISION, '"mixed_float16"', unset="the script's own", also="dtype dtype_policy policy"),
    ] = None
    """Dtype policy of Keras to set before the script runs: mixed_float16, mixed_bfloat16, float32 and so on."""
    max_sample_bytes: Annotated[
        int | None, Setting(quantities.BYTES, '"512MiB"', unset="from the machine's memory", also="sample_bytes")
    ] = None
    """Most memory for the samples that probes draw from, such as 512MiB or 4GiB."""
    probe_timeout_s: Annotated[
        float | None,
        Setting(
            quantities.SECONDS, '"10m"', name="probe_timeout", unset="no limit while its steps go on", also="timeout"
        ),
    ] = None
    """Longest time for one probe, such as 10m.

    Without it, five minutes without a step end a probe.
    """
    start_timeout_s: Annotated[float, Setting(quantities.SECONDS, '"10m"', name="start_timeout")] = 1800.0
    """Longest time for the script to reach its fit call, such as 10m."""

    out: Annotated[
        str | None,
        Setting(
            texts.text("FOLDER"),
            '"runs/first"',
            topic=Topic.RECORD,
            unset="runs/<script>-<time>",
            also="output directory run_dir dir",
        ),
    ] = None
    """Run directory, for results.json, report.html and all records."""
    storage: Annotated[
        str | None,
        Setting(
            texts.STORAGE, '"sqlite:///sweeps.db"', unset="a journal file in the run directory", also="database db url"
        ),
    ] = None
    """Optuna storage that also gets every probe as a trial, such as sqlite:///sweeps.db."""
    study: Annotated[
        str | None, Setting(texts.text("NAME"), '"digits"', unset="the run directory's name", also="study_name name")
    ] = None
    """Name of the Optuna study."""
    fail_on: Annotated[
        tuple[FailOn, ...], Setting(texts.CONDITIONS, '["unsafe", "any-failure"]', topic=Topic.GATE, also="gate fail")
    ] = (FailOn.NEVER,)
    """Exit with status 3 when: unsafe (the script's own setting is not in a stable range), no-safe-range, any-failure
    (a probe crashed or ran out of memory or time), or never.
    """
    ignore: Annotated[
        tuple[str, ...],
        Setting(texts.CODES, '["SW203"]', topic=Topic.FINDINGS, unset="none", also="ignored skip disable"),
    ] = ()
    """Findings to leave out, by their codes, such as SW203,SW211."""

    @property
    def searches_memory(self) -> bool:
        """Whether the batch-size axis comes from a memory search."""
        return isinstance(self.batch_sizes, BatchSearch)
