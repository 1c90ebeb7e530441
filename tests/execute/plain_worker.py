"""A worker that does what it is sent, a line each: `plain_worker.py COMMANDS_FD REPLIES_FD`."""

import os
import subprocess
import sys
import time

commands, replies = os.fdopen(int(sys.argv[1]), "rb"), os.fdopen(int(sys.argv[2]), "wb")
for line in commands:
    verb, _, rest = line.decode().strip().partition(" ")
    answer = rest
    if verb == "leave":
        sys.exit(int(rest))
    if verb == "signal":
        os.kill(os.getpid(), int(rest))
    if verb == "print":
        print(rest)  # noqa: T201
    if verb == "variable":
        answer = os.environ.get(rest, "")
    if verb == "start":
        answer = str(subprocess.Popen(["sleep", "60"]).pid)
    if verb == "hang":
        time.sleep(60)
    replies.write(f"{os.getpid()} {answer}\n".encode())
    replies.flush()
