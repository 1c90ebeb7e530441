"""The installed packages that results depend on."""

import importlib.metadata
import sys

_PACKAGES = ("tensorflow", "keras", "jax", "torch", "numpy", "keras-tuner")


def installed_versions() -> tuple[tuple[str, str], ...]:
    """The versions of Python and of the installed packages that matter, without importing any."""
    found = [("python", sys.version.split()[0])]
    for package in _PACKAGES:
        try:
            found.append((package, importlib.metadata.version(package)))
        except importlib.metadata.PackageNotFoundError:
            continue
    return tuple(found)
