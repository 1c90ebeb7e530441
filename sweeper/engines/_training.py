"""What trains in a probe: the seam between engines, which record probes, and the training of the script.

`FitTraining` is the script's `model.fit` call on the samples that were kept of it, `own_loop.LoopTraining` a loop of
the script's own. The worker and `ReferenceEngine` use nothing but what is here. The engines that run many steps as one
program need the model and the samples besides, and suit fit calls only.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from sweeper.capture import CapturedTraining
from sweeper.engines._recorder import CurveRecorder
from sweeper.probes import Probe
from sweeper.space import OptimizerChoice


class AbstractTraining(ABC):
    """A training that can begin again and again from the state in which it was captured."""

    captured: CapturedTraining
    """What is known of it: its optimizers and their rates, its batch size, what of these probes may vary."""
    first_vals: dict[int, float]
    """The validation loss before any update, by the seed of the initial weights, once an engine has measured it."""

    @property
    @abstractmethod
    def has_norm(self) -> bool:
        """Whether the norm of the gradients of a step can be seen."""

    @property
    @abstractmethod
    def validates(self) -> bool:
        """Whether a validation loss can be measured, as far as is known."""

    @abstractmethod
    def add_choices(self, choices: Sequence[OptimizerChoice]) -> None:
        """Registers the optimizers of the axis by their labels."""

    @abstractmethod
    def weights_seed(self, seed: int) -> int:
        """The seed whose initial weights a probe of this seed has: 0 where all have the script's own."""

    @abstractmethod
    def start_from(self, seed: int) -> None:
        """Sets everything that a training changes back, and every source of randomness to what the seed says."""

    @abstractmethod
    def begin(self, probe: Probe) -> Probe:
        """Sets the start of a probe: seed, optimizer and rate. Returns it with the optimizer that it really uses."""

    @abstractmethod
    def train(self, probe: Probe, recorder: CurveRecorder, *, validate: bool) -> None:
        """Trains from the start of a probe, as `begin` returned it, until the recorder says that it is over.

        The recorder gets the loss that each step was trained on, its gradient norm and whether the weights are finite,
        and a validation loss now and then where `validate` asks for it. Raises whatever the training raises.
        """

    @abstractmethod
    def evaluate(self) -> float:
        """The validation loss at the present weights, which leaves everything as it was."""

    @abstractmethod
    def can_evaluate(self, error: Exception) -> bool:
        """Whether an engine that raised while validating is to blame; where not, validation is given up."""
