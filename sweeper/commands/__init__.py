"""Probes of any program: a command with placeholders, one process for each probe, its curve read while it grows."""

from sweeper.commands._check import checked_command as checked_command
from sweeper.commands._executor import CommandExecutor as CommandExecutor
from sweeper.commands._template import Command as Command

__all__ = ["Command", "CommandExecutor", "checked_command"]
