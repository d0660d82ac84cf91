"""Who this process is, as the daemon identifies it beyond a reused pid."""

import functools
import getpass
import os
from typing import Optional

from .v1 import types_pb2


def process_identity() -> types_pb2.ProcessIdentity:
    """The process that runs now; what the system does not tell is left empty."""
    return types_pb2.ProcessIdentity(
        boot_id=boot_id(),
        pid_namespace=_pid_namespace(),
        pid=os.getpid(),
        start_ticks=start_ticks(os.getpid()),
    )


@functools.lru_cache(maxsize=1)
def user_name() -> str:
    """The user as MLflow shows it, or an empty text: a container's user may have no name."""
    try:
        return getpass.getuser().encode(errors="replace").decode()
    except (OSError, KeyError, ImportError):
        return ""


def boot_id() -> str:
    """The machine's since it was started, or an empty text."""
    return _read("/proc/sys/kernel/random/boot_id").strip()


def start_ticks(pid: int) -> int:
    """When a process was started, in clock ticks since the boot, or 0."""
    fields = _stat_of(pid)
    return int(fields[19]) if len(fields) > 19 else 0


def parent_with_variable(pid: int, variable: str) -> Optional[int]:
    """The parent of a process that was started with an environment variable; None of any other process."""
    fields = _stat_of(pid)
    names = (part.partition("=")[0] for part in _read(f"/proc/{pid}/environ").split("\0"))
    parent = int(fields[1]) if len(fields) > 1 else 0
    return parent if parent > 1 and variable in names else None


def _stat_of(pid: int) -> "list[str]":
    # The command's name may hold spaces and parentheses; field 3 follows the last one.
    _, _, rest = _read(f"/proc/{pid}/stat").rpartition(")")
    return rest.split()


def _pid_namespace() -> int:
    try:
        return os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return 0


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
