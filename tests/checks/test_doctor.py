"""The doctor on this machine."""

import importlib.metadata
import os

from sweeper import SilentView
from sweeper.checks.driver import doctor


def test_the_packages_of_this_environment_are_known_and_fit():
    report = doctor(environ=os.environ, devices=False, view=SilentView())
    versions = dict(report.machine.versions)
    assert versions["keras"] == importlib.metadata.version("keras")
    assert report.machine.seen is None
    assert report.machine.needs == ()


def test_a_backend_that_is_not_installed_is_found():
    report = doctor(environ={"KERAS_BACKEND": "torch"}, devices=False, view=SilentView())
    installed = "torch" in dict(report.machine.versions)
    assert ("SW504" in [finding.code for finding in report.findings]) is not installed
