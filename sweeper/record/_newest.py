"""Finding the newest run of a folder."""

import json
from datetime import datetime
from pathlib import Path

from sweeper.errors import RunError
from sweeper.record._directory import MANIFEST


def newest_run(folder: Path) -> Path:
    """The run of a folder that began last; runs whose record cannot be read are left out.

    Raises:
        RunError: There is none.
    """
    begun = {file.parent: when for file in folder.glob(f"*/{MANIFEST}") if (when := _moment_of(file)) is not None}
    if not begun:
        raise RunError(
            f"There is no run in {folder.absolute()}. Name the folder that sweeper printed when the run began: "
            f"sweeper resume RUN"
        )
    return max(begun, key=lambda path: (begun[path], (path / MANIFEST).stat().st_mtime_ns))


def _moment_of(manifest: Path) -> datetime | None:
    try:
        when = datetime.fromisoformat(json.loads(manifest.read_bytes())["created"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return when.astimezone()
