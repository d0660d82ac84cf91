"""The command in one process for all tests, beside what they test: one for each costs a fifth of a second."""

import atexit
import json
import select
import subprocess
import threading
from pathlib import Path
from typing import Any, Optional

_ROOT = Path(__file__).resolve().parent.parent.parent.parent
_PROGRAM = _ROOT / "build" / "test" / "support" / "command-server.js"
_process: "Optional[subprocess.Popen[str]]" = None
_turns = threading.Lock()


def run_command(
    arguments: "tuple[str, ...]", environment: "dict[str, str]", timeout: float
) -> "dict[str, Any]":
    """Its code, stdout and stderr."""
    with _turns:
        process = _running()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps({"args": arguments, "env": environment}) + "\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], timeout)[0]:
            _end()
            raise AssertionError(f"{arguments} took longer than {timeout} s")
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        return answer


def _running() -> "subprocess.Popen[str]":
    global _process
    if _process is None:
        _process = subprocess.Popen(
            ["node", str(_PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        atexit.register(_end)
    return _process


def _end() -> None:
    global _process
    process, _process = _process, None
    if process is not None:
        process.kill()
        process.communicate()
