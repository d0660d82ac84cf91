"""The memory of a spool: a file of the home that is mapped, or the process's own where there is none.

The kernel has what is written to a mapped file, whatever becomes of the process; the daemon finds it there.
"""

import contextlib
import mmap
import os
import stat
from collections.abc import Mapping
from typing import Optional, Protocol

from .errors import StepwellError
from .home import effective_uid, home_of

# docs/decisions/0014-spool.md has the file's format.
HEAD_BYTES = 65_536
HEAD_BYTES_USED = 4_096
EXTENT_BYTES = 262_144
EXTENTS_MAX = 1_024


class Memory(Protocol):
    """A head and extents of EXTENT_BYTES, all zeros at first."""

    head: memoryview

    def extent(self, index: int) -> memoryview:
        """The memory of an extent that was not asked for before. Raises OSError or ValueError."""
        ...

    def remove(self) -> None:
        """All of it was acknowledged: nobody needs it any more."""
        ...


class HeapMemory:
    """The process's own: it dies with it."""

    def __init__(self) -> None:
        self.head = memoryview(bytearray(HEAD_BYTES_USED))

    def extent(self, index: int) -> memoryview:
        return memoryview(bytearray(EXTENT_BYTES))

    def remove(self) -> None:
        pass


class FileMemory:
    """A file that is mapped. Each part of it is written before it is mapped: a full disk is met there."""

    def __init__(self, path: str) -> None:
        self.path = path
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        self._file = os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)
        try:
            self.head = self._map(0, HEAD_BYTES_USED)
        except (OSError, ValueError):
            self.remove()
            raise

    def extent(self, index: int) -> memoryview:
        return self._map(HEAD_BYTES + index * EXTENT_BYTES, EXTENT_BYTES)

    def remove(self) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self.path)
        self._file.close()

    def _map(self, offset: int, size: int) -> memoryview:
        self._file.seek(offset)
        zeros = memoryview(bytes(size))
        while zeros:
            zeros = zeros[self._file.write(zeros) or 0 :]
        return memoryview(mmap.mmap(self._file.fileno(), size, offset=offset))


def spool_memory(
    environment: Mapping[str, str], producer_id: bytes
) -> "tuple[Memory, Optional[StepwellError]]":
    """The memory for a producer's spool, and why it is not a file where one was to be had.

    Raises STEPWELL_HOME_UNUSABLE where nobody knows which home it is.
    """
    # The daemon of a given endpoint may have any home.
    if environment.get("STEPWELL_ENDPOINT"):
        return HeapMemory(), None
    home = home_of(environment)
    try:
        return FileMemory(os.path.join(_folder(home), f"{producer_id.hex()}.spool")), None
    except (OSError, ValueError) as error:
        return HeapMemory(), no_spool(error)


def no_spool(error: Exception) -> StepwellError:
    """What is said where the file can't be had."""
    sentence = f"What is logged is in this process's memory alone until the daemon has it: {error}."
    return StepwellError("STEPWELL_SPOOL_UNAVAILABLE", sentence)


def _folder(home: str) -> str:
    """The home's folder of spools, which nobody else may enter. Raises OSError."""
    folder = os.path.join(home, "client-spools")
    with contextlib.suppress(FileExistsError):
        os.makedirs(home, mode=0o700)
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, mode=0o700)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != effective_uid():
        raise OSError(f"{folder} is not a folder of this user's")
    if os.name == "posix" and found.st_mode & 0o077:
        os.chmod(folder, 0o700)
    return folder
