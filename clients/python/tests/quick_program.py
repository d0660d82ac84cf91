"""Programs of tests in forks of one process: see program_server.py."""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Optional

_PROGRAM = Path(__file__).with_name("program_server.py")
_server: "Optional[tuple[subprocess.Popen[bytes], socket.socket]]" = None
_turns = threading.Lock()


def run_quick(text: str, environment: "dict[str, str]", timeout: float) -> "subprocess.CompletedProcess[str]":
    """Runs a program as `python -c` does. It does not wait for processes that the program leaves behind."""
    with _turns, tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        asks = _running()
        told = {"text": text, "environment": environment, "folder": os.getcwd()}
        line = f"{json.dumps(told)}\n".encode()
        begun = socket.send_fds(asks, [line], [out.fileno(), err.fileno()])
        asks.sendall(line[begun:])
        pid = int(_line_of(asks, 60))
        try:
            code = int(_line_of(asks, timeout))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            _line_of(asks, 60)
            raise subprocess.TimeoutExpired(text, timeout) from None
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read())
        return subprocess.CompletedProcess(["-c", text], code, *said)


def _running() -> socket.socket:
    global _server
    if _server is None:
        ours, its = socket.socketpair()
        with its:
            command = [sys.executable, str(_PROGRAM), str(its.fileno())]
            # As DaemonTest says it to others.
            environment = {**os.environ, "PYTHONWARNINGS": "ignore:This process:DeprecationWarning"}
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, pass_fds=[its.fileno()]
            )
        _server = process, ours
        atexit.register(_end)
    return _server[1]


def _end() -> None:
    assert _server is not None
    process, asks = _server
    asks.close()
    process.wait()


def _line_of(asks: socket.socket, timeout: float) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        if not select.select([asks], [], [], timeout)[0]:
            raise TimeoutError
        # One line may lie behind another.
        part = asks.recv(1)
        if not part:
            raise AssertionError(f"{_PROGRAM} has ended")
        line += part
    return line
