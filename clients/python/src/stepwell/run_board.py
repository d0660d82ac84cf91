"""Where the children of this process see which run it has active: some memory of its own.

A child finds it by an environment variable, which is set when this package is loaded. So a pool of
workers that was started before a run, or outlives it, knows the run that is active now. On Linux the
memory is an anonymous file, which a child opens by way of /proc: it is gone with this process, however
that ends. Elsewhere it is a temporary file; Windows has none.
"""

import contextlib
import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

from .errors import StepwellError
from .home import effective_uid, home_of
from .limits import BOARD_BYTES_MAX, BOARD_TRIES_MAX

# Ids of the runs that `stepwell run` began for this program, separated by commas.
RUN_ID_VARIABLE = "STEPWELL_RUN_ID"
# Boards of the processes above, the nearest first: TOKEN@PATH, separated by commas.
PARENT_VARIABLE = "STEPWELL_PARENT"

# How often it was changed, whose it is, and the content's length and checksum; the content follows.
_HEAD = struct.Struct("<Q16sII")
_VERSION_BYTES = 8
_LINUX_NAME = "stepwell-run"
# Windows has no writes to a place of a file, which no other write can come between.
HAS_BOARDS = hasattr(os, "pwrite")


class PostedRun(NamedTuple):
    """A run as a child needs it to log to it, or to begin a child of it."""

    run_id: str
    run_name: str
    experiment_name: str
    trackers: "tuple[str, ...]"


class Posting(NamedTuple):
    """What a board says."""

    # The active run, at each of its trackers; empty where there is none.
    runs: "tuple[PostedRun, ...]" = ()
    # Whether some threads or tasks have runs that the process as a whole has not.
    has_others: bool = False


class Board:
    """The board of this process. Not to be written by two threads at once."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._token = os.urandom(16)
        self._version = 0
        if hasattr(os, "memfd_create"):
            self._file = os.memfd_create(_LINUX_NAME)
            path = f"/proc/{self.pid}/fd/{self._file}"
        else:
            self._file, path = _temporary_file()
        self.address = f"{self._token.hex()}@{path}"
        self.post(Posting())

    def post(self, posting: Posting) -> None:
        """Shows it to children from now on. Raises OSError."""
        content = json.dumps([_place(os.environ), *posting]).encode()
        if len(content) > BOARD_BYTES_MAX:
            content = json.dumps([_place(os.environ), *Posting()]).encode()
        self._version += 1
        os.pwrite(self._file, content, _HEAD.size)
        head = _HEAD.pack(self._version, self._token, len(content), zlib.crc32(content))
        os.pwrite(self._file, head, 0)

    def view(self) -> "BoardView":
        """For a forked child: what the process that it was forked from shows."""
        return BoardView(self.address, os.dup(self._file))


class BoardView:
    """Another process's board."""

    def __init__(self, address: str, file: Optional[int] = None) -> None:
        """Raises OSError where it is not there, or is not the one that the address names."""
        token, _, path = address.partition("@")
        self._file = _open(path) if file is None else file
        try:
            self._token = bytes.fromhex(token)
            if os.fstat(self._file).st_uid != effective_uid():
                raise OSError("it is another user's")
            self._head = mmap.mmap(self._file, _HEAD.size, access=mmap.ACCESS_READ)
            if self._head[_VERSION_BYTES : _VERSION_BYTES + 16] != self._token:
                raise OSError("it is another process's")
        except ValueError as error:
            os.close(self._file)
            raise OSError(str(error)) from None
        except OSError:
            os.close(self._file)
            raise
        self._seen = b""
        self._posting = Posting()

    def look(self) -> Posting:
        """What it says now; nothing where this process was given another home, or a run, since."""
        version = self._head[:_VERSION_BYTES]
        if version != self._seen:
            content = self._read()
            if content is not None:
                self._seen = version
                self._posting = _posting_of(content)
        return self._posting

    def _read(self) -> Any:
        for _ in range(BOARD_TRIES_MAX):
            _, _, length, checksum = _HEAD.unpack(self._head[: _HEAD.size])
            content = os.pread(self._file, min(length, BOARD_BYTES_MAX), _HEAD.size)
            # It may be written just now.
            if zlib.crc32(content) == checksum:
                return json.loads(content)
        return None


def _posting_of(content: Any) -> Posting:
    place, runs, has_others = content
    # A run of another home's daemon is not known to this one's; a run that was named is meant.
    if place != _place(os.environ):
        return Posting()
    return Posting(tuple(PostedRun(*texts, tuple(trackers)) for *texts, trackers in runs), bool(has_others))


def _place(environment: Mapping[str, str]) -> "list[str]":
    given = [environment.get("STEPWELL_ENDPOINT", ""), environment.get(RUN_ID_VARIABLE, "")]
    try:
        return [*given, home_of(environment)]
    except StepwellError:
        return given


def _open(path: str) -> int:
    # Its process may be gone, and another one have anything there: a pipe would wait for its other end.
    if path.startswith("/proc/") and not os.readlink(path).startswith(f"/memfd:{_LINUX_NAME}"):
        raise OSError("it is another process's")
    return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))


def _temporary_file() -> "tuple[int, str]":
    import atexit
    import tempfile

    file, path = tempfile.mkstemp(prefix="stepwell-run-")
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            with contextlib.suppress(OSError):
                os.unlink(path)

    atexit.register(remove)
    return file, path
