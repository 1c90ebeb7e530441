"""The optimizers that can be named on the optimizer axis, as plain data.

The driver checks names and settings against this table long before a worker imports Keras. A test compares it
with the signatures of the installed Keras.
"""

from dataclasses import dataclass

from sweeper.space import OptionValue

CLIP_SETTINGS = ("clipnorm", "clipvalue", "global_clipnorm")
"""Ways to clip gradients, of which Keras takes one at a time: the norm of each weight's gradient, single values, or the
norm of all gradients together."""
SHARED_SETTINGS = (
    "weight_decay",
    *CLIP_SETTINGS,
    "use_ema",
    "ema_momentum",
    "ema_overwrite_frequency",
    "loss_scale_factor",
    "gradient_accumulation_steps",
)
"""Settings that every Keras optimizer takes."""
ADAPTIVE_EXPONENT = 0.5
"""Growth of the learning rate with the batch size for optimizers that divide updates by the gradient's own size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOptimizer:
    """A Keras optimizer with its name on the optimizer axis."""

    name: str
    keras_class: str
    """Class in `keras.optimizers`."""
    rates_high: tuple[float, float]
    """Rates above which it rarely, and practically never, trains a network. Adam and similar optimizers move every
    weight by about the rate in a step, whatever the gradient; weights start below 1. SGD moves by rate times gradient:
    linear models tolerate a rate of 1. The lower rate counts for several layers only: tutorials fit a line with Adam at
    0.1."""
    own_settings: tuple[str, ...] = ()
    """Settings that it takes beside the learning rate and the shared ones."""
    preset: tuple[tuple[str, OptionValue], ...] = ()
    """Settings that the name stands for; settings that are asked for by name replace them."""
    batch_exponent: float = ADAPTIVE_EXPONENT
    """The power of the batch size with which its rates grow by rule of thumb."""

    @property
    def settings(self) -> tuple[str, ...]:
        """The names of all settings that the optimizer takes."""
        return self.own_settings + SHARED_SETTINGS


_ADAM = ("beta_1", "beta_2", "epsilon")
_SGD = ("momentum", "nesterov")

KNOWN_OPTIMIZERS = (
    KnownOptimizer(name="sgd", keras_class="SGD", rates_high=(1.0, 10.0), own_settings=_SGD, batch_exponent=1.0),
    KnownOptimizer(
        name="momentum",
        keras_class="SGD",
        rates_high=(1.0, 10.0),
        own_settings=_SGD,
        preset=(("momentum", 0.9),),
        batch_exponent=1.0,
    ),
    KnownOptimizer(
        name="nesterov",
        keras_class="SGD",
        rates_high=(1.0, 10.0),
        own_settings=_SGD,
        preset=(("momentum", 0.9), ("nesterov", True)),
        batch_exponent=1.0,
    ),
    KnownOptimizer(name="adam", keras_class="Adam", rates_high=(0.03, 0.5), own_settings=(*_ADAM, "amsgrad")),
    KnownOptimizer(name="adamw", keras_class="AdamW", rates_high=(0.03, 0.5), own_settings=(*_ADAM, "amsgrad")),
    KnownOptimizer(
        name="schedulefreeadamw",
        keras_class="ScheduleFreeAdamW",
        rates_high=(0.5, 5.0),
        own_settings=(*_ADAM, "warmup_steps"),
    ),
    KnownOptimizer(name="nadam", keras_class="Nadam", rates_high=(0.03, 0.5), own_settings=_ADAM),
    KnownOptimizer(name="adamax", keras_class="Adamax", rates_high=(0.1, 1.0), own_settings=_ADAM),
    KnownOptimizer(
        name="rmsprop",
        keras_class="RMSprop",
        rates_high=(0.03, 0.5),
        own_settings=("rho", "momentum", "epsilon", "centered"),
    ),
    KnownOptimizer(
        name="adagrad",
        keras_class="Adagrad",
        rates_high=(1.0, 5.0),
        own_settings=("initial_accumulator_value", "epsilon"),
    ),
    KnownOptimizer(name="adadelta", keras_class="Adadelta", rates_high=(10.0, 100.0), own_settings=("rho", "epsilon")),
    KnownOptimizer(
        name="adafactor",
        keras_class="Adafactor",
        rates_high=(1.0, 5.0),
        own_settings=("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step"),
    ),
    KnownOptimizer(name="lion", keras_class="Lion", rates_high=(0.01, 0.1), own_settings=("beta_1", "beta_2")),
    KnownOptimizer(
        name="ftrl",
        keras_class="Ftrl",
        rates_high=(1.0, 5.0),
        own_settings=(
            "learning_rate_power",
            "initial_accumulator_value",
            "l1_regularization_strength",
            "l2_regularization_strength",
            "l2_shrinkage_regularization_strength",
            "beta",
        ),
    ),
    KnownOptimizer(name="lamb", keras_class="Lamb", rates_high=(0.5, 5.0), own_settings=_ADAM),
    KnownOptimizer(
        name="muon",
        keras_class="Muon",
        rates_high=(0.5, 5.0),
        own_settings=(
            "adam_beta_1",
            "adam_beta_2",
            "adam_weight_decay",
            "epsilon",
            "exclude_embeddings",
            "muon_a",
            "muon_b",
            "muon_c",
            "adam_lr_ratio",
            "momentum",
            "ns_steps",
            "nesterov",
            "rms_rate",
        ),
    ),
)
"""Everything that `--optimizer` accepts by name, beside `script`."""


def known_optimizer(name: str) -> KnownOptimizer | None:
    """The optimizer with a name on the axis; None without one."""
    return next((known for known in KNOWN_OPTIMIZERS if known.name == name), None)


def of_keras_class(name: str) -> KnownOptimizer | None:
    """The first optimizer of a class of Keras, by its name in any letters; None for a class that is not known."""
    return next((known for known in KNOWN_OPTIMIZERS if known.keras_class.lower() == name.lower()), None)


def batch_exponent(name: str, *, own: str, sums: bool = False) -> float:
    """The exponent by which the rates of an optimizer grow with the batch size, by rule of thumb.

    Args:
        name: As on the axis; anything that is not known stands for the script's own.
        own: Class name of the script's own optimizer.
        sums: Whether the loss is a sum over the batch: its gradient grows with the size, and where the optimizer does
            not divide by that, rates fall as much.
    """
    known = known_optimizer(name) or of_keras_class(own)
    exponent = ADAPTIVE_EXPONENT if known is None else known.batch_exponent
    return exponent - 1.0 if sums and exponent != ADAPTIVE_EXPONENT else exponent
