"""Opening an Optuna storage; errors say what a person can do and show no password."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from sweeper.errors import MachineError, UsageError
from sweeper.record._storage_url import has_hidden_password, without_password

if TYPE_CHECKING:
    from optuna.storages import BaseStorage, JournalStorage, RDBStorage

_IMPORTING = Lock()
_SQLITE_PATIENCE_S = 30
"""Longest wait for a SQLite file that a reader, such as optuna-dashboard, has locked; sqlite3's own 5 s is short."""


def check_storage(url: str) -> None:
    """Raises unless the storage at `url` can be opened; takes half a second.

    Raises:
        UsageError: It is not the URL of a database.
        MachineError: The database, or the package to talk to it, is not there.
    """
    close(_database(url))


def load_optuna() -> None:
    """Imports Optuna, which takes half a second, under a lock: a second thread would find it half imported."""
    with _IMPORTING:
        import optuna  # noqa: F401


def connect(at: str | Path) -> "BaseStorage":
    """Opens the Optuna storage in the journal file at a path, or in the database at a URL; made if need be.

    Raises:
        UsageError: The URL is not that of a database.
        MachineError: The file or database cannot be opened, or the package to talk to it is not there.
    """
    load_optuna()
    return _journal(at) if isinstance(at, Path) else _database(at)


def _journal(file: Path) -> "JournalStorage":
    """Opens the storage in a journal file of which this process is the only writer.

    A killed process can leave its lock, and a line that it had not finished. Both go; so does a file that cannot be
    read: the run directory has what was in it.
    """
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    def opened() -> "JournalStorage":
        return JournalStorage(JournalFileBackend(str(file), lock_obj=JournalFileOpenLock(str(file))))

    try:
        Path(f"{file}.lock").unlink(missing_ok=True)
        _cut_unfinished_line(file)
        try:
            return opened()
        except (ValueError, LookupError, TypeError, AssertionError):
            file.unlink()
            return opened()
    except OSError as error:
        raise MachineError(f"cannot open {file}: {cause(error)}. Check that it may be written.") from error


def _cut_unfinished_line(file: Path) -> None:
    content = file.read_bytes() if file.exists() else b""
    if content and not content.endswith(b"\n"):
        os.truncate(file, content.rfind(b"\n") + 1)


def _database(url: str) -> "RDBStorage":
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


def close(storage: "BaseStorage") -> None:
    """Closes the database connections of a storage, if it has any."""
    from optuna.storages import RDBStorage

    if isinstance(storage, RDBStorage):
        storage.remove_session()
        storage.engine.dispose()


def cause(error: BaseException) -> str:
    """The message of the innermost cause of `error`, in one line that shows no password."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return without_password(lines[0]).rstrip(".")


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Silences Optuna's messages on stderr, where the live view is; warnings are still shown."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(before, optuna.logging.WARNING))
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
