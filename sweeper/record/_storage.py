"""Opening an Optuna storage by its URL, with errors that a person can act on and that show no password."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sweeper.errors import MachineError, UsageError
from sweeper.record._storage_url import has_hidden_password, without_password

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

_SQLITE_PATIENCE_S = 30
"""Longest wait for a SQLite file that a reader, such as optuna-dashboard, has locked; sqlite3's own 5 s is short."""


def check_storage(url: str) -> None:
    """Returns when `url` can be opened; takes half a second, so ask before the long work begins.

    Raises:
        UsageError: It is not the URL of a database.
        MachineError: The database, or the package to talk to it, is not there.
    """
    close(connect(url))


def load_storage() -> None:
    """Imports everything that `connect` will need, most of a second's work, by making a storage in memory."""
    from optuna.storages import RDBStorage

    close(RDBStorage("sqlite://"))


def connect(url: str) -> "RDBStorage":
    """The storage at `url`, its tables made if need be; raises like `check_storage`."""
    import sqlalchemy.exc
    from optuna.storages import RDBStorage

    if has_hidden_password(url):
        raise UsageError(
            f"storage {url}: its password is not kept in the run directory. "
            "Give the whole URL again with --storage or SWEEPER_STORAGE."
        )
    options = {"connect_args": {"timeout": _SQLITE_PATIENCE_S}} if url.startswith("sqlite") else {}
    try:
        _reach(url, options)
        with quiet_optuna():
            return RDBStorage(url, engine_kwargs=options)
    except (sqlalchemy.exc.ArgumentError, ValueError) as error:
        raise UsageError(
            f"storage {without_password(url)!r} is not a storage URL: {cause(error)}. "
            "Give one such as sqlite:///study.db or postgresql+psycopg://user:password@host/database."
        ) from error
    except ImportError as error:
        raise MachineError(
            f"storage {without_password(url)} needs a package that is not installed: {cause(error)}. Install it."
        ) from error
    except (sqlalchemy.exc.SQLAlchemyError, RuntimeError) as error:
        raise MachineError(
            f"cannot open storage {without_password(url)}: {cause(error)}. "
            "Check that the database is there and may be written, or leave out --storage."
        ) from error


def _reach(url: str, options: dict[str, Any]) -> None:
    # A RDBStorage that fails while it is made leaves its connection open, and nobody can close it.
    import sqlalchemy

    engine = sqlalchemy.create_engine(url, **options)
    try:
        sqlalchemy.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def close(storage: "RDBStorage") -> None:
    """Closes the connections of a storage."""
    storage.remove_session()
    storage.engine.dispose()


def cause(error: BaseException) -> str:
    """What went wrong at the root of `error`, in one line that shows no password."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return without_password(lines[0]).rstrip(".")


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Keeps Optuna from announcing what it does on stderr, where the live view is; warnings still come."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(before, optuna.logging.WARNING))
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
