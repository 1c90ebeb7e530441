import pytest

from sweeper.record import without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///study.db", "sqlite:///study.db"),
        ("postgresql+psycopg://me:secret@host:5432/db", "postgresql+psycopg://me:***@host:5432/db"),
        ("mysql://me:se/c:r%40et@host/db", "mysql://me:***@host/db"),
        ("redis://:secret@host", "redis://:***@host"),
        (
            "postgresql://me@host/db?password=secret&sslmode=require",
            "postgresql://me@host/db?password=***&sslmode=require",
        ),
        ("--storage=mysql://me:secret@host/db", "--storage=mysql://me:***@host/db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("train.py", "train.py"),
    ],
)
def test_only_the_password_is_hidden(url, shown):
    assert without_password(url) == shown
    assert without_password(shown) == shown
