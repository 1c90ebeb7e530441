"""The command line: one file for each verb. Only here is anything printed and an exit status chosen."""

from sweeper.cli._main import main as main

__all__ = ["main"]
