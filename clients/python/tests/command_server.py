"""The command in one process for all tests, beside what they test: one for each costs a fifth of a second."""

import atexit
import json
import os
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Optional

_ROOT = Path(__file__).resolve().parent.parent.parent.parent
_PROGRAM = _ROOT / "build" / "test" / "support" / "command-server.js"
COMMAND = f"node {_ROOT / 'build' / 'stepwell.js'}"
# Has that process run its words, with its environment, and ends as the command would. A shell starts in a
# millisecond; Node with the command takes an eighth of a second, each time that a program starts a daemon.
_SCRIPT = """
mkfifo "$0.$$" || exit
exec 3<>"$0.$$"
echo "$$ $*" >"$0"
read -r code <&3
rm "$0.$$"
exit "$code"
"""
_folder: Optional[str] = None
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


def quick_command() -> str:
    """What STEPWELL_COMMAND names where the command is not the subject."""
    if not sys.platform.startswith("linux"):
        return COMMAND
    with _turns:
        _running()
        return f"sh -c {shlex.quote(_SCRIPT)} {_pipe()}"


def _pipe() -> str:
    global _folder
    if _folder is None:
        _folder = tempfile.mkdtemp(prefix="stepwell-command-")
        os.mkfifo(f"{_folder}/ask")
        atexit.register(shutil.rmtree, _folder, True)
    return f"{_folder}/ask"


def _running() -> "subprocess.Popen[str]":
    global _process
    if _process is None:
        _process = subprocess.Popen(
            ["node", str(_PROGRAM), _pipe()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        atexit.register(_end)
    return _process


def _end() -> None:
    global _process
    process, _process = _process, None
    if process is not None:
        process.kill()
        process.communicate()
