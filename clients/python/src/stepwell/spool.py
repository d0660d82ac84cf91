"""Where what a process logged lies until it is acknowledged: rows of points, and records of all else.

docs/decisions/0014-spool.md has the format. Rows are written without a lock: a counter gives each
its place, and it counts once its mark is there, which is written last. All else is done by one thread
at a time. A signal's handler may log in the midst of that: what it logs then waits for a moment. It may
also raise there, as Ctrl-C does: each step is left in an order that costs some room at the most.
"""

import contextlib
import struct
import threading
import zlib
from collections import deque
from collections.abc import Sequence
from typing import Callable, Optional

from .chunk import CHUNK_BYTES, Chunk, Name, chunk_head_bytes
from .errors import StepwellError
from .records import RECORD_ALIGNMENT, RECORD_HEAD_BYTES, Kind, Record
from .spool_memory import EXTENT_BYTES, EXTENTS_MAX, FileMemory, HeapMemory, Memory, no_spool
from .v1 import types_pb2
from .warning import warn
from .wire import Piece

_MAGIC = b"STEPSPOL"
_VERSION = 1
_HEAD = struct.Struct("<8sII16s40sQQQ32s32s")
_KINDS_AT = 2_048
_RECORDS = 1
# The rest is for ends of runs, which a full spool takes, too.
_EXTENTS_FOR_ENTRIES = EXTENTS_MAX - 8
_TURNS = 2**24
# Zeros, then one store: enough where zeros were before.
_put_number = struct.Struct("Q").pack_into
_put_chunk_head = struct.Struct("<IHH16s").pack_into
_put_record_head = struct.Struct("<QII16sIIQ").pack_into
_checked_head = struct.Struct("<16sII").pack


class Extent:
    """A stretch of the memory: chunks of one size, or records."""

    __slots__ = ("cells", "end", "free", "in_use", "index", "mark", "view")

    def __init__(self, index: int, view: memoryview) -> None:
        self.index = index
        self.view = view
        self.cells = view.cast("Q")
        # Of chunks: where those are that nobody has.
        self.free: list[int] = []
        # Chunks or records that are not acknowledged.
        self.in_use = 0
        # Of records: where the next one begins, and their mark without a sequence.
        self.end = 0
        self.mark = 0


class Spool:
    """The memory of one producer, given out in chunks and records, within a bound."""

    def __init__(self, memory: Memory, bytes_max: int) -> None:
        self._file = self._memory = memory
        self._head = memory.head
        self._bytes_max = bytes_max
        self._lock = threading.RLock()
        self._is_busy = False
        self._aside: list[Callable[[], object]] = []
        self._unsaid: deque[StepwellError] = deque()
        self._number = 0
        self._extents = 0
        self._unused: list[Extent] = []
        # By the size of chunks: extents that have free ones, or had some a moment ago.
        self._with_room: dict[int, list[Extent]] = {size: [] for size in CHUNK_BYTES}
        self._records: Optional[Extent] = None
        self.used_bytes = 0

    def introduce(self, producer_id: bytes, process: types_pb2.ProcessIdentity, version: str) -> None:
        """Writes whose it is."""
        _HEAD.pack_into(
            *(self._head, 0, b"", _VERSION, EXTENT_BYTES, producer_id),
            *(process.boot_id.encode()[:40], process.pid_namespace, process.pid, process.start_ticks),
            *(b"python", version.encode()[:32]),
        )
        # Last: whoever sees it sees the rest.
        self._head[: len(_MAGIC)] = _MAGIC

    def alone(self, action: Callable[[], object]) -> None:
        """Does what changes more than a row when nobody else does: behind what this thread is doing."""
        with self._lock:
            self._aside.append(action)
            if self._is_busy:
                return
            try:
                self._is_busy = True
                while self._aside:
                    self._aside.pop(0)()
            finally:
                self._is_busy = False
        with contextlib.suppress(IndexError):
            while True:
                warn(self._unsaid.popleft())

    def say(self, error: StepwellError) -> None:
        """Warns once nobody is alone any more: who hears it may hold a lock, and log. Called by alone()."""
        self._unsaid.append(error)

    @property
    def is_kept(self) -> bool:
        """Whether all that is in it outlives this process."""
        return isinstance(self._memory, FileMemory)

    def charge(self, size: int) -> bool:
        """Counts memory beside the spool's own; whether the bound allows it."""
        if self.used_bytes + size > self._bytes_max:
            return False
        self.used_bytes += size
        return True

    def refund(self, size: int) -> None:
        """That memory is free again."""
        self.used_bytes -= size

    # What follows is called by alone(), or by the sending thread in it.

    def chunk(self, size: int, opening: int, run_id: bytes, name: Name) -> Optional[Chunk]:
        """A chunk for a name's points: of that size, or the least that takes them; else of what is left."""
        head = chunk_head_bytes(name)
        # At least as much for rows as for the head.
        fitting = [each for each in CHUNK_BYTES if each >= 2 * head]
        wanted = max(size, fitting[-1])
        smaller = [each for each in fitting if each <= wanted]
        for each in (*smaller, *fitting[: -len(smaller)]):
            if not self.charge(each):
                continue
            extent = self._with_free_chunk(each)
            if extent is None:
                self.refund(each)
                continue
            extent.in_use += 1
            offset = extent.free.pop()
            view = extent.view[offset : offset + each]
            view[:] = bytes(each)
            number = self._next_number()
            _put_chunk_head(view, 8, opening, len(name.key), len(name.model_id), run_id)
            text = name.key + name.model_id
            view[32 : 32 + len(text)] = text
            _put_number(view, 0, number)
            return Chunk(extent, offset, view, head, _mark_of(number))
        return None

    def give_back(self, chunk: Chunk) -> None:
        """A chunk that is no longer written to, and all of which was acknowledged."""
        extent, size = chunk.extent, len(chunk.view)
        # Its rows count no more, whoever takes the place next.
        _put_number(chunk.view, 0, 0)
        self.refund(size)
        extent.in_use -= 1
        with_room = self._with_room[size]
        if not extent.free and extent not in with_room:
            with_room.append(extent)
        extent.free.append(chunk.offset)
        # The last one stays: to fill it with zeros for each short run would take long.
        if extent.in_use == 0 and len(with_room) > 1:
            with_room.remove(extent)
            self._unused.append(extent)

    def room_for_record(self) -> int:
        """Bytes of the largest payload that still goes where records are written now."""
        end = EXTENT_BYTES if self._records is None else self._records.end
        return EXTENT_BYTES - end - RECORD_HEAD_BYTES

    def record(
        self, kind: Kind, opening: int, run_id: bytes, pieces: Sequence[Piece], key: str = "", points: int = 0
    ) -> Optional[Record]:
        """Writes a record of a piece of a batch, in one or several; None where there is no room for it."""
        length = sum(map(len, pieces))
        size = -(-(RECORD_HEAD_BYTES + length) // RECORD_ALIGNMENT) * RECORD_ALIGNMENT
        is_end = kind is Kind.END
        if not is_end and self.used_bytes + size > self._bytes_max:
            return None
        extent = self._with_room_for_record(size, EXTENTS_MAX if is_end else _EXTENTS_FOR_ENTRIES)
        if extent is None:
            return None
        self.used_bytes += size
        at, view = extent.end, extent.view
        begin = end = at + RECORD_HEAD_BYTES
        for piece in pieces:
            view[end : end + len(piece)] = piece
            end += len(piece)
        check = zlib.crc32(view[begin:end], zlib.crc32(_checked_head(run_id, opening, kind)))
        _put_record_head(view, at, 0, length, check, run_id, opening, kind, 0)
        _put_number(view, at, extent.mark)
        extent.end = at + size
        extent.in_use += 1
        return Record(extent, at, size, length, kind, key, points)

    def give_back_record(self, record: Record) -> None:
        """A record that was acknowledged."""
        extent = record.extent
        self.refund(record.size)
        extent.in_use -= 1
        if extent.in_use == 0 and extent is not self._records:
            self._unused.append(extent)

    def remove(self) -> None:
        """All was acknowledged, and nothing more will come."""
        self._file.remove()

    def _with_free_chunk(self, size: int) -> Optional[Extent]:
        with_room = self._with_room[size]
        while with_room and not with_room[-1].free:
            with_room.pop()
        if with_room:
            return with_room[-1]
        extent = self._take_extent(size.bit_length() - 1, _EXTENTS_FOR_ENTRIES)
        if extent is not None:
            extent.free = list(range(EXTENT_BYTES - size, -1, -size))
            with_room.append(extent)
        return extent

    def _with_room_for_record(self, size: int, extents_max: int) -> Optional[Extent]:
        extent = self._records
        if extent is not None and extent.end + size <= EXTENT_BYTES:
            return extent
        found = self._take_extent(_RECORDS, extents_max)
        if found is None:
            return None
        number = self._next_number()
        _put_number(found.view, 0, number)
        found.mark = _mark_of(number)
        found.end = 2 * RECORD_ALIGNMENT
        self._records = found
        # The one before goes when all of it was acknowledged, as it may be already.
        if extent is not None and extent.in_use == 0:
            self._unused.append(extent)
        return found

    def _take_extent(self, kind: int, extents_max: int) -> Optional[Extent]:
        if self._unused:
            extent = self._unused.pop()
            extent.view[:] = bytes(EXTENT_BYTES)
            extent.free = []
        elif self._extents < extents_max:
            extent = Extent(self._extents, self._new_view(self._extents))
            self._extents += 1
        else:
            return None
        self._head[_KINDS_AT + extent.index] = kind
        return extent

    def _new_view(self, index: int) -> memoryview:
        try:
            return self._memory.extent(index)
        except (OSError, ValueError) as error:
            # The disk is full.
            self.say(no_spool(error))
            self._memory = HeapMemory()
            return self._memory.extent(index)

    def _next_number(self) -> int:
        self._number += 1
        # Its turn may not be 0.
        if self._number % _TURNS == 0:
            self._number += 1
        return self._number


def _mark_of(number: int) -> int:
    return number % _TURNS << 40
