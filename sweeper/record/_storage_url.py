"""Storage URLs without their secrets: what may be shown, logged and kept in a run directory."""

import re

HIDDEN = "***"
"""What is written in place of a password."""

_USER_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^\s:/@]*:)\S*(?=@)", re.IGNORECASE)
_QUERY_PASSWORD = re.compile(r"(?P<before>[?&](?:password|passwd|pwd|sslpassword)=)[^&\s]+", re.IGNORECASE)


def without_password(text: str) -> str:
    """The text with the password of every URL in it replaced by `***`."""
    for pattern in (_USER_PASSWORD, _QUERY_PASSWORD):
        text = pattern.sub(rf"\g<before>{HIDDEN}", text)
    return text


def has_hidden_password(url: str) -> bool:
    """Whether `url` went through `without_password` and lost a password there."""
    return f":{HIDDEN}@" in url or f"={HIDDEN}" in url
