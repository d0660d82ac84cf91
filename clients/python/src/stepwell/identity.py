"""Who this process is, as the daemon identifies it beyond a reused pid."""

import functools
import getpass
import os

from .v1 import types_pb2


def process_identity() -> types_pb2.ProcessIdentity:
    """The process that runs now; what the system does not tell is left empty."""
    return types_pb2.ProcessIdentity(
        boot_id=_read("/proc/sys/kernel/random/boot_id").strip(),
        pid_namespace=_pid_namespace(),
        pid=os.getpid(),
        start_ticks=_start_ticks(),
    )


@functools.lru_cache(maxsize=1)
def user_name() -> str:
    """The user as MLflow shows it, or an empty text: a container's user may have no name."""
    try:
        return getpass.getuser().encode(errors="replace").decode()
    except (OSError, KeyError, ImportError):
        return ""


def _start_ticks() -> int:
    # The command's name may hold spaces and parentheses; field 3 follows the last one.
    _, _, rest = _read("/proc/self/stat").rpartition(")")
    fields = rest.split()
    return int(fields[19]) if len(fields) > 19 else 0


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
