"""The installed packages that results depend on."""

import importlib.metadata
import sys

_PACKAGES = ("tensorflow", "keras", "jax", "torch", "numpy", "keras-tuner")


def installed_versions() -> tuple[tuple[str, str], ...]:
    """Python and each package that is there, with its version; none is imported."""
    found = [("python", sys.version.split()[0])]
    for package in _PACKAGES:
        try:
            found.append((package, importlib.metadata.version(package)))
        except importlib.metadata.PackageNotFoundError:
            continue
    return tuple(found)
