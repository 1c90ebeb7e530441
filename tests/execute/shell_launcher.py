"""A launcher that reaches workers by a command which is given one line of shell, as `ssh HOST` is: here `sh -c`.

Such a command has one stream in each direction and one for messages of errors. So the line moves the two streams
aside for the worker's own messages, and what the script prints goes where errors go: into the log.
"""

import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

from sweeper.execute import AbstractChild, AbstractLauncher, Exit, Slot
from sweeper.execute._local import LocalChild, worker_command, worker_environment

COMMANDS, REPLIES = 3, 4


class ShellLauncher(AbstractLauncher):
    def __init__(
        self, command: Callable[[int, int], list[str]] = worker_command, *, shell: tuple[str, ...] = ("sh", "-c")
    ) -> None:
        self._command = command
        self._shell = shell

    def launch(self, slot: Slot, log: Path) -> AbstractChild:
        log.parent.mkdir(parents=True, exist_ok=True)
        replies_read, replies_write = os.pipe()
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*self._shell, self.line(slot)],
                stdin=subprocess.PIPE,
                stdout=replies_write,
                stderr=output,
                start_new_session=True,
            )
        os.close(replies_write)
        return ShellChild(LocalChild(process, commands=process.stdin, replies=replies_read))

    def line(self, slot: Slot) -> str:
        """What the shell is given."""
        variables = [f"{name}={value}" for name, value in worker_environment(slot).items()]
        words = shlex.join(["env", *variables, *self._command(COMMANDS, REPLIES)])
        return f"exec {COMMANDS}<&0 {REPLIES}>&1 0</dev/null 1>&2; exec {words}"


class ShellChild(AbstractChild):
    """The process that reaches a worker; closing its input makes the worker leave, wherever that is."""

    def __init__(self, near: LocalChild) -> None:
        self._near = near

    def send(self, line: bytes) -> None:
        self._near.send(line)

    def receive(self) -> list[bytes] | None:
        return self._near.receive()

    def held_bytes(self) -> int:
        return 0  # what the process here holds says nothing of the worker

    def close(self, *, grace_s: float) -> Exit:
        return Exit(status=self._near.close(grace_s=grace_s).status)
