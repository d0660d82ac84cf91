"""Runs programs of tests as forks of one process, which has imported what the package imports of others.

That takes a program of its own a tenth of a second of a processor. The package is imported by each program.
A request is a line of JSON with the program's `text`, `environment` and `folder`, with two files for its
output; it is answered with a line that has the fork's process id, and one with how it ended.
"""

import gc
import importlib
import json
import os
import socket
import subprocess
import sys
from typing import Any

_LIST = """
import stepwell.client, stepwell.sender, sys
print(*(name for name in sys.modules if name.partition(".")[0] not in ("stepwell", "__main__")))
"""


def _import_others() -> None:
    command = [sys.executable, "-c", _LIST]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name in found.split():
        importlib.import_module(name)


def _next_program(asks: socket.socket) -> str:
    """In a fork, the text of its program."""
    while True:
        line = b""
        files: list[int] = []
        while not line.endswith(b"\n"):
            part, more, _, _ = socket.recv_fds(asks, 65_536, 2)
            files += more
            if not part:
                os._exit(0)
            line += part
        told = json.loads(line)
        pid = os.fork()
        if pid == 0:
            asks.close()
            for number, file in enumerate(files, 1):
                os.dup2(file, number)
                os.close(file)
            os.environ.clear()
            os.environ.update(told["environment"])
            os.chdir(told["folder"])
            text: str = told["text"]
            sys.argv, sys.path[0] = ["-c"], ""
            if hasattr(sys, "orig_argv"):
                sys.orig_argv = [sys.executable, "-c", text]
            return text
        for file in files:
            os.close(file)
        asks.sendall(f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        asks.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _emptied_main() -> "dict[str, Any]":
    """What a program has its names in, as of `python -c`."""
    names = vars(sys.modules["__main__"])
    for name in list(names):
        if name not in ("__name__", "__builtins__"):
            del names[name]
    return names


if __name__ == "__main__":
    _import_others()
    # What forks have in common stays common.
    gc.collect()
    gc.freeze()
    _program = compile(_next_program(socket.socket(fileno=int(sys.argv[1]))), "<string>", "exec")
    exec(_program, _emptied_main())
