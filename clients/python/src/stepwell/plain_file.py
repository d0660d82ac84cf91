"""Reading and writing what should be a plain file, and may be anything: opening a pipe can take for ever."""

import os
import stat

# What systems without it lack are pipes that have names.
_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0)


def read_plain(path: str, bytes_max: int) -> str:
    """The text of a file, or its beginning. Raises OSError for one that is missing or no plain file."""
    with open(_open_plain(path, os.O_RDONLY), encoding="utf-8", errors="replace") as file:
        return file.read(bytes_max)


def open_for_replacing(path: str) -> int:
    """A descriptor of the file, emptied, or made for this user alone. Raises as read_plain."""
    return _open_plain(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)


def _open_plain(path: str, flags: int) -> int:
    descriptor = os.open(path, flags | _WITHOUT_WAITING, 0o600)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(f"{path} is no plain file")
