"""Facts for the tests of checks: a sound script, and parts of it that a test replaces."""

from sweeper.checks.diagnose import (
    ArrayFacts,
    CallFacts,
    Facts,
    Features,
    HeadFacts,
    InputFacts,
    Kind,
    LayerFacts,
    LayerStep,
    LossFacts,
    ModelFacts,
    RateFacts,
    Relation,
    StepFacts,
    TrainedFacts,
    ValidationFacts,
)

MSE = "mean_squared_error"
BINARY = "binary_crossentropy"
SPARSE = "sparse_categorical_crossentropy"
CATEGORICAL = "categorical_crossentropy"


def table(**changes):
    """Four standardised columns."""
    usual = {"smallest_std": 1.0, "largest_std": 1.0, "narrow": 0, "wide": 1, "constant": (), "count": 4}
    return Features(**(usual | {"farthest": 3.0, "farthest_column": 0} | changes))


def array(name="x", shape=(200, 4), **changes):
    """Standardised numbers."""
    usual = {"kind": Kind.FLOAT, "dtype": "float32", "samples": shape[0], "looked_at": shape[0], "features": table()}
    numbers = {"low": -3.0, "high": 3.0, "mean": 0.0, "std": 1.0}
    return ArrayFacts(name=name, shape=shape, **(usual | numbers | changes))


def labels(shape=(200,), *, values=(0, 1), **changes):
    """Class numbers, as many samples of each."""
    usual = {"kind": Kind.INTEGER, "dtype": "int64", "features": None, "whole": True}
    numbers = {"low": float(min(values)), "high": float(max(values)), "mean": 0.5, "std": 0.5}
    counts = {"classes": tuple((float(value), shape[0] // len(values)) for value in values)}
    return array("y", shape, **(usual | numbers | counts | changes))


def one_hot(columns=3, samples=200, **changes):
    """One-hot rows."""
    counts = {"classes": tuple((float(number), samples // columns) for number in range(columns))}
    return labels((samples, columns), **({"one_hot": True, "rows_sum_to_one": True} | counts | changes))


def targets(shape=(200, 1), **changes):
    """Quantities near 0."""
    usual = {"kind": Kind.FLOAT, "dtype": "float32", "whole": False, "classes": (), "low": -2.0, "high": 2.0}
    return labels(shape, **(usual | {"mean": 0.0, "std": 1.0} | changes))


def head(loss=BINARY, given=None, shape=(None, 1), activation="sigmoid", **changes):
    """One output with its loss and labels."""
    made = LossFacts(name=loss) if isinstance(loss, str) else loss
    usual = {"name": "out", "layer": "out", "location": "train.py:7", "loss": made}
    return HeadFacts(
        shape=shape, activation=activation, labels=labels() if given is None else given, **(usual | changes)
    )


def taken(shape=(None, 4), **changes):
    """One input of the model."""
    return InputFacts(name="input", shape=shape, **({"dtype": "float32"} | changes))


def layer(kind="Dense", name="dense", activation="relu", **changes):
    """One layer with weights."""
    return LayerFacts(name=name, kind=kind, activation=activation, location="train.py:6", **({"weights": 40} | changes))


LAYERS = (layer(), layer(name="out", activation="sigmoid"))


def model(*heads, **changes):
    """A model of two layers."""
    usual = {"name": "sequential", "kind": "Sequential", "layers": LAYERS, "inputs": (taken(),)}
    sizes = {"trainable": 80, "parameters": 80}
    return ModelFacts(heads=heads or (head(),), **(usual | sizes | changes))


def facts(**changes):
    """A sound script: a table of four columns, two classes, Adam at 1e-3."""
    inputs = changes.pop("inputs", (array(),))
    made = changes.pop("model", None) or model()
    given = tuple(one.labels for one in made.heads if one.labels is not None)
    call = {"call": call_facts(), "rate": RateFacts(optimizer="Adam", rate=1e-3)}
    return Facts(model=made, inputs=inputs, **(call | {"labels": given} | changes))


def call_facts(**changes):
    """The fit call."""
    return CallFacts(**({"location": "train.py:20", "compiled_at": "train.py:15", "batch_size": 32} | changes))


def regression(given=None, **changes):
    """Facts of a regression with a linear output."""
    return facts(model=model(head(MSE, given or targets(), activation="linear", **changes)))


def classes(loss=SPARSE, given=None, units=3, activation="softmax", **changes):
    """Facts of a classification over several units."""
    given = given if given is not None else labels(values=range(units)) if loss == SPARSE else one_hot(units)
    return facts(model=model(head(loss, given, (None, units), activation, **changes)))


def relation(**changes):
    """Labels that follow from the inputs."""
    usual = {"samples": 500, "features": 10, "classes": 2, "others": 250, "chance": 0.5, "explained": 0.8}
    return Relation(**(usual | {"by_chance": 0.01, "visible": 0.04, "chance_loss": 0.693} | changes))


def validation(**changes):
    """Validation samples from the same source."""
    return ValidationFacts(**({"samples": 100, "looked_at": 100, "copies": 0, "shift": 0.2} | changes))


def step_of(*gradients, samples=32, loss=0.7, **changes):
    """What one batch shows of layers with these gradient norms."""
    layers = tuple(
        LayerStep(
            name=f"dense_{number}",
            location="train.py:6",
            **({"activation": "relu", "weight_norm": 1.0, "gradient_norm": norm} | changes),
        )
        for number, norm in enumerate(gradients)
    )
    return StepFacts(loss=loss, layers=layers, samples=samples)


def trained(first=0.7, last=0.6, **changes):
    """What four steps did."""
    return TrainedFacts(**({"steps": 4, "first_loss": first, "last_loss": last} | changes))
