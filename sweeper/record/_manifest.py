"""What a run was made with: a resume compares it to see whether it would still measure the same."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from sweeper.codec import load
from sweeper.record._storage_url import without_password
from sweeper.settings import Settings

SCHEMA = 2
"""Version of the layout of run directories; a change that older code cannot read raises it."""

_WORDS_OF_SCHEMA_1 = {0: "script", -1: "auto", -2: "recommended"}
"""Numbers by which older schemas wrote words among batch sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a run was made with: settings, command, versions, sources; written once, as `run.json`."""

    schema: int = SCHEMA
    sweeper_version: str
    created: str
    """ISO 8601 time with zone."""
    command: tuple[str, ...]
    """The command line that started the run, `sweeper` first."""
    settings: Settings
    script: tuple[tuple[str, str], ...]
    """SHA-256 of the script and of the modules beside it, by relative file name."""
    versions: tuple[tuple[str, str], ...]
    """Python and installed packages that results depend on, by name."""


def manifest_of(tree: dict[str, Any]) -> Manifest:
    """The manifest in a parsed `run.json` of this or an older schema.

    Raises `ValueError`, `KeyError` or `TypeError` when it holds none.
    """
    return load(Manifest, json.dumps(_from_schema_1(tree) if tree["schema"] == 1 else tree))


def _from_schema_1(tree: dict[str, Any]) -> dict[str, Any]:
    settings = tree["settings"]
    sizes = [_WORDS_OF_SCHEMA_1.get(size, size) for size in settings.get("batch_sizes") or ()]
    found = sizes[0] if sizes in (["auto"], ["recommended"]) else sizes or None
    return {**tree, "schema": SCHEMA, "settings": {**settings, "batch_sizes": found}}


def differences(old: Manifest, new: Manifest) -> tuple[str, ...]:
    """A sentence for each difference between two manifests that could change a result; empty if none."""
    sweeper = () if old.sweeper_version == new.sweeper_version else (_was(old.sweeper_version, new.sweeper_version),)
    return (
        *_changed_files(dict(old.script), dict(new.script)),
        *(f"sweeper {change}" for change in sweeper),
        *_changed_versions(dict(old.versions), dict(new.versions)),
    )


def without_secrets(manifest: Manifest) -> Manifest:
    """The manifest without the password of the storage, as it may be kept in a folder that people share."""
    storage = manifest.settings.storage
    return dataclasses.replace(
        manifest,
        command=tuple(without_password(word) for word in manifest.command),
        settings=dataclasses.replace(manifest.settings, storage=storage and without_password(storage)),
    )


def _changed_files(old: dict[str, str], new: dict[str, str]) -> list[str]:
    sentences = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            sentences.append(f"{name} is no longer there")
        elif name not in old:
            sentences.append(f"{name} was added")
        elif old[name] != new[name]:
            sentences.append(f"{name} was edited")
    return sentences


def _changed_versions(old: dict[str, str], new: dict[str, str]) -> list[str]:
    names = sorted(old.keys() | new.keys())
    missing = "not installed"
    pairs = [(name, old.get(name, missing), new.get(name, missing)) for name in names]
    return [f"{name} {_was(before, after)}" for name, before, after in pairs if before != after]


def _was(before: str, after: str) -> str:
    return f"was {before} and is now {after}"
