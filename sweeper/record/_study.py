"""The Optuna study of a run: an index for other tools, which can be made again from the run directory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from sweeper.errors import MachineError
from sweeper.record._storage import cause, close, connect, quiet_optuna
from sweeper.record._storage_url import without_password
from sweeper.record._trial import PROBE_ATTRIBUTE, RUN_ATTRIBUTE, distributions, trial_of
from sweeper.record._trials import AbstractTrials, trials_of
from sweeper.space import Space
from sweeper.text import plural
from sweeper.verdict import Judged

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution
    from optuna.storages import RDBStorage


class Study:
    """An open study to which finished probes are added, as many as there are in one transaction.

    Made by `open`. Not safe for several threads.
    """

    def __init__(
        self, *, study: "optuna.Study", trials: AbstractTrials, storage: "RDBStorage", space: Space, run_id: str
    ) -> None:
        self._study = study
        self._trials = trials
        self._storage = storage
        self._space = space
        self._run_id = run_id

    @classmethod
    def open(cls, *, url: str, name: str, run_id: str, space: Space) -> "Study":
        """The study `name` at `url`, made if need be.

        A study of that name that cannot take these probes (another direction or another optimizer axis, which Optuna
        does not let grow) is left as it is, and `name-2` is taken, and so on.

        Args:
            url: Any database URL that Optuna takes.
            name: Name of the study.
            run_id: Tells runs apart that share a study (`RunDirectory.id`).
            space: The axes of the run.

        Raises:
            UsageError: `url` is not the URL of a database.
            MachineError: The storage cannot be opened.
        """
        storage = connect(url)
        try:
            with quiet_optuna(), _told(f"cannot open study {name!r}", url):
                study, trials = _fitting_study(storage, name, space)
        except MachineError:
            close(storage)
            raise
        return cls(study=study, trials=trials, storage=storage, space=space, run_id=run_id)

    @property
    def name(self) -> str:
        """The name under which other tools find the study."""
        return self._study.study_name

    def known_ids(self) -> frozenset[str]:
        """The ids of the probes of this run that the study holds."""
        with _told(f"cannot read study {self.name!r}", self._storage.url):
            return self._trials.attributes(PROBE_ATTRIBUTE, where=(RUN_ATTRIBUTE, self._run_id))

    def add(self, finished: "Sequence[tuple[Judged, float | None]]") -> None:
        """Adds finished probes; whether they are there already is for the caller to know (`known_ids`).

        Args:
            finished: Outcomes with their verdicts, not of null probes, and the smoothed training loss at the end of
                each curve: None or not finite when there is none.

        Raises:
            MachineError: The storage does not take them.
        """
        trials = [
            trial_of(judged, final_loss=final_loss, space=self._space, run_id=self._run_id)
            for judged, final_loss in finished
        ]
        with _told(f"cannot add {plural(len(trials), 'probe')} to study {self.name!r}", self._storage.url):
            self._trials.add(trials)

    def close(self) -> None:
        """Closes the connections; the study cannot be used any more."""
        close(self._storage)


def _fitting_study(storage: "RDBStorage", name: str, space: Space) -> "tuple[optuna.Study, AbstractTrials]":
    import optuna

    for attempt in count(1):
        study = optuna.create_study(
            storage=storage,
            study_name=name if attempt == 1 else f"{name}-{attempt}",
            direction="minimize",
            load_if_exists=True,
        )
        trials = trials_of(study, storage)
        if _takes(study, trials, space):
            return study, trials
    raise AssertionError  # count never ends


def _takes(study: "optuna.Study", trials: AbstractTrials, space: Space) -> bool:
    from optuna.study import StudyDirection

    probe = space.probe(
        optimizer=space.optimizers[0].label,
        learning_rate=space.learning_rates[0],
        batch_size=space.batch_sizes[0],
        seed=space.seeds[0],
    )
    ours = distributions(space, probe)
    agree = (_agree(ours[name], theirs) for name, theirs in trials.distributions() if name in ours)
    return study.directions == [StudyDirection.MINIMIZE] and all(agree)


def _agree(ours: "BaseDistribution", theirs: "BaseDistribution") -> bool:
    from optuna.distributions import check_distribution_compatibility

    try:
        check_distribution_compatibility(theirs, ours)
    except ValueError:
        return False
    return True


@contextmanager
def _told(what: str, url: str) -> Iterator[None]:
    """Turns what a storage raises into one error that says what failed, where and how to go on."""
    import optuna
    import sqlalchemy.exc

    try:
        yield
    except (optuna.exceptions.OptunaError, sqlalchemy.exc.SQLAlchemyError, KeyError) as error:
        raise MachineError(
            f"{what} at {without_password(url)}: {cause(error)}. "
            "The run directory has every finished probe; `sweeper resume` adds those that the study lacks."
        ) from error
