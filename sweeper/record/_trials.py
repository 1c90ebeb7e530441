"""The trials of an Optuna study: asked for and added, by its tables where their layout is known.

`study.add_trial` asks the database again for every point of a curve: 40 ms for one probe, half of what a small one
trains. The layout of the tables is what Optuna itself migrates databases between, so rows are put into it directly, the
trials of many probes in one transaction. With any other layout the same goes through Optuna's own functions.
"""

import datetime as dt
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution
    from optuna.storages import RDBStorage
    from optuna.trial import FrozenTrial
    from sqlalchemy import Connection, Engine, Table

_KNOWN_LAYOUT = 12
"""The version of Optuna's tables that is written here; Optuna 3.0 to 5.0 have it."""
_TABLES = (
    "studies",
    "trials",
    "trial_values",
    "trial_params",
    "trial_user_attributes",
    "trial_intermediate_values",
    "version_info",
)


class AbstractTrials(ABC):
    """The trials of one study."""

    @abstractmethod
    def distributions(self) -> "frozenset[tuple[str, BaseDistribution]]":
        """Every parameter with every distribution that it has in a trial."""

    @abstractmethod
    def attributes(self, name: str, *, where: tuple[str, str]) -> frozenset[str]:
        """The user attribute `name` of the trials in which another one has a value: `where=("run", "1f3a")`."""

    @abstractmethod
    def add(self, trials: "Sequence[FrozenTrial]") -> None:
        """Adds finished trials."""


def trials_of(study: "optuna.Study", storage: "RDBStorage") -> AbstractTrials:
    """The trials of a study that lies in a storage, reached in the quickest way that its tables allow."""
    tables = _reflected(storage.engine)
    if tables is None:
        return StudyTrials(study)
    return TableTrials(storage.engine, tables, study_id=storage.get_study_id_from_name(study.study_name))


class StudyTrials(AbstractTrials):
    """Trials reached through Optuna's own functions."""

    def __init__(self, study: "optuna.Study") -> None:
        self._study = study

    def distributions(self) -> "frozenset[tuple[str, BaseDistribution]]":
        """Loads every trial."""
        trials = self._study.get_trials(deepcopy=False)
        return frozenset(pair for trial in trials for pair in trial.distributions.items())

    def attributes(self, name: str, *, where: tuple[str, str]) -> frozenset[str]:
        """Loads every trial."""
        known = (trial.user_attrs for trial in self._study.get_trials(deepcopy=False))
        key, value = where
        return frozenset(str(attributes[name]) for attributes in known if attributes.get(key) == value)

    def add(self, trials: "Sequence[FrozenTrial]") -> None:
        """Takes one transaction for each trial."""
        self._study.add_trials(trials)


class TableTrials(AbstractTrials):
    """Trials reached through the tables of the database."""

    def __init__(self, engine: "Engine", tables: "dict[str, Table]", *, study_id: int) -> None:
        self._engine = engine
        self._tables = tables
        self._study_id = study_id

    def distributions(self) -> "frozenset[tuple[str, BaseDistribution]]":
        """Asks for those that differ only."""
        from optuna.distributions import json_to_distribution
        from sqlalchemy import select

        params, trials = self._tables["trial_params"], self._tables["trials"]
        query = select(params.c.param_name, params.c.distribution_json).distinct()
        query = query.join(trials, trials.c.trial_id == params.c.trial_id).where(trials.c.study_id == self._study_id)
        with self._engine.connect() as connection:
            return frozenset((name, json_to_distribution(text)) for name, text in connection.execute(query))

    def attributes(self, name: str, *, where: tuple[str, str]) -> frozenset[str]:
        """Asks for that attribute only."""
        from sqlalchemy import select

        wanted, trials = self._tables["trial_user_attributes"], self._tables["trials"]
        other = wanted.alias()
        query = (
            select(wanted.c.value_json)
            .join(trials, trials.c.trial_id == wanted.c.trial_id)
            .join(other, other.c.trial_id == wanted.c.trial_id)
            .where(trials.c.study_id == self._study_id, wanted.c.key == name)
            .where(other.c.key == where[0], other.c.value_json == json.dumps(where[1]))
        )
        with self._engine.connect() as connection:
            return frozenset(str(json.loads(text)) for (text,) in connection.execute(query))

    def add(self, trials: "Sequence[FrozenTrial]") -> None:
        """Takes one transaction for all of them."""
        with self._engine.begin() as connection:
            ids = self._add_heads(connection, trials)
            rows = [_rows(trial, trial_id) for trial, trial_id in zip(trials, ids, strict=True)]
            for name in ("trial_values", "trial_params", "trial_user_attributes", "trial_intermediate_values"):
                if found := [row for of_trial in rows for row in of_trial[name]]:
                    connection.execute(self._tables[name].insert(), found)

    def _add_heads(self, connection: "Connection", trials: "Sequence[FrozenTrial]") -> list[int]:
        """Adds what stands in the table of trials; their ids, in the same order."""
        from sqlalchemy import func, select, update

        studies, heads = self._tables["studies"], self._tables["trials"]
        ours, is_ours = heads.c.study_id == self._study_id, studies.c.study_id == self._study_id
        # A write to the study's row keeps other writers out while trials are counted and numbered, on every database.
        found = connection.execute(update(studies).where(is_ours).values(study_name=studies.c.study_name))
        if found.rowcount != 1:
            raise KeyError("the study is no longer there")
        first = connection.execute(select(func.count()).where(ours)).scalar_one()
        connection.execute(
            heads.insert(),
            [
                {
                    "number": number,
                    "study_id": self._study_id,
                    "state": trial.state.name,
                    "datetime_start": _utc(trial.datetime_start),
                    "datetime_complete": _utc(trial.datetime_complete),
                }
                for number, trial in enumerate(trials, start=first)
            ],
        )
        new = select(heads.c.trial_id).where(ours, heads.c.number >= first).order_by(heads.c.number)
        return list(connection.execute(new).scalars())


def _reflected(engine: "Engine") -> "dict[str, Table] | None":
    """Optuna's tables by name; None when their layout is not the known one."""
    from sqlalchemy import MetaData, select

    metadata = MetaData()
    metadata.reflect(engine, only=lambda name, _: name in _TABLES)
    tables = {name: metadata.tables[name] for name in _TABLES if name in metadata.tables}
    if len(tables) < len(_TABLES):
        return None
    with engine.connect() as connection:
        layout = connection.execute(select(tables["version_info"].c.schema_version)).scalar()
    return tables if layout == _KNOWN_LAYOUT else None


def _rows(trial: "FrozenTrial", trial_id: int) -> dict[str, list[dict[str, Any]]]:
    """The rows of a trial in each table that hangs on it; its numbers must be finite."""
    from optuna.distributions import distribution_to_json

    values = [{"objective": 0, "value": trial.value, "value_type": "FINITE"}] if trial.values else []
    params = [
        {
            "param_name": name,
            "param_value": axis.to_internal_repr(trial.params[name]),
            "distribution_json": distribution_to_json(axis),
        }
        for name, axis in trial.distributions.items()
    ]
    attributes = [{"key": key, "value_json": json.dumps(value)} for key, value in trial.user_attrs.items()]
    points = [
        {"step": step, "intermediate_value": value, "intermediate_value_type": "FINITE"}
        for step, value in trial.intermediate_values.items()
    ]
    found: dict[str, list[dict[str, Any]]] = {
        "trial_values": values,
        "trial_params": params,
        "trial_user_attributes": attributes,
        "trial_intermediate_values": points,
    }
    return {name: [row | {"trial_id": trial_id} for row in rows] for name, rows in found.items()}


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    """A local time as Optuna keeps it: in UTC, without a zone."""
    return None if moment is None else moment.astimezone(dt.UTC).replace(tzinfo=None)
