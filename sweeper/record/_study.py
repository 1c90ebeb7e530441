"""The Optuna study of a run: an index for other tools, which can be rebuilt from the run directory."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from sweeper.errors import MachineError
from sweeper.record._storage import cause, close, connect, quiet_optuna
from sweeper.record._storage_url import without_password
from sweeper.record._trial import FEW_POINTS, MOST_POINTS, PROBE_ATTRIBUTE, RUN_ATTRIBUTE, distributions, trial_of
from sweeper.space import Space
from sweeper.verdict import Judged

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution
    from optuna.storages import BaseStorage


class Study:
    """An open Optuna study to which finished probes are added.

    Made by `open`. Not safe for several threads.
    """

    def __init__(
        self, *, study: "optuna.Study", storage: "BaseStorage", at: str | Path, space: Space, run_id: str
    ) -> None:
        self._study = study
        self._storage = storage
        self._at = at
        self._space = space
        self._run_id = run_id

    @classmethod
    def open(cls, *, at: str | Path, name: str, run_id: str, space: Space) -> "Study":
        """Opens the Optuna study `name` in a storage; it is made if need be.

        A study of that name that cannot take these probes (another direction or another optimizer axis, which Optuna
        does not let grow) is left as it is, and `name-2` is taken, and so on.

        Args:
            at: The path of a journal file of which this process is the only writer, or the URL of a database.
            name: Name of the study.
            run_id: Tells runs apart that share a study (`RunDirectory.id`).
            space: The axes of the run.

        Raises:
            UsageError: The URL is not that of a database.
            MachineError: The storage cannot be opened.
        """
        storage = connect(at)
        try:
            with quiet_optuna(), _as_machine_error(f"cannot open study {name!r}", at):
                study = _fitting_study(storage, name, space)
        except MachineError:
            close(storage)
            raise
        return cls(study=study, storage=storage, at=at, space=space, run_id=run_id)

    @property
    def name(self) -> str:
        """The name under which other tools find the study."""
        return self._study.study_name

    def known_ids(self) -> frozenset[str]:
        """The ids of this run's probes that are already in the study."""
        with _as_machine_error(f"cannot read study {self.name!r}", self._at):
            known = [trial.user_attrs for trial in self._study.get_trials(deepcopy=False)]
        return frozenset(of[PROBE_ATTRIBUTE] for of in known if of.get(RUN_ATTRIBUTE) == self._run_id)

    def add(self, judged: Judged, final_loss: float | None) -> None:
        """Adds a finished probe to the study; the caller must know that it is not there already (`known_ids`).

        A trial is there as a whole or not at all, wherever the process is killed.

        Args:
            judged: An outcome with its verdict, not of a null probe.
            final_loss: The smoothed training loss at the end of the curve: None or not finite when there is none.

        Raises:
            MachineError: The storage does not take it.
        """
        most_points = MOST_POINTS if isinstance(self._at, Path) else FEW_POINTS
        trial = trial_of(judged, final_loss=final_loss, space=self._space, run_id=self._run_id, most_points=most_points)
        with _as_machine_error(f"cannot add probe {judged.outcome.probe.id} to study {self.name!r}", self._at):
            self._study.add_trial(trial)

    def close(self) -> None:
        """Closes the connections of the study, which cannot be used afterwards."""
        close(self._storage)


def _fitting_study(storage: "BaseStorage", name: str, space: Space) -> "optuna.Study":
    import optuna

    for attempt in count(1):
        study = optuna.create_study(
            storage=storage,
            study_name=name if attempt == 1 else f"{name}-{attempt}",
            direction="minimize",
            load_if_exists=True,
        )
        if _can_hold(study, space):
            return study
    raise AssertionError  # count never ends


def _can_hold(study: "optuna.Study", space: Space) -> bool:
    from optuna.study import StudyDirection

    probe = space.probe(
        optimizer=space.optimizers[0].label,
        learning_rate=space.learning_rates[0],
        batch_size=space.batch_sizes[0],
        seed=space.seeds[0],
    )
    ours = distributions(space, probe)
    trials = study.get_trials(deepcopy=False)
    theirs = {pair for trial in trials for pair in trial.distributions.items() if pair[0] in ours}
    agree = all(_compatible(ours[name], distribution) for name, distribution in theirs)
    return study.directions == [StudyDirection.MINIMIZE] and agree


def _compatible(ours: "BaseDistribution", theirs: "BaseDistribution") -> bool:
    from optuna.distributions import check_distribution_compatibility

    try:
        check_distribution_compatibility(theirs, ours)
    except ValueError:
        return False
    return True


@contextmanager
def _as_machine_error(what: str, at: str | Path) -> Iterator[None]:
    """Turns any error of a storage into one that says what failed, where, and how to go on."""
    try:
        yield
    except Exception as error:  # a storage raises what its database or file does, and no sweep ends for its index
        raise MachineError(
            f"{what} at {without_password(str(at))}: {cause(error)}. "
            "The run directory has every finished probe; `sweeper resume` adds those that the study lacks."
        ) from error
