"""A chunk of a spool: rows of one key, and one model, that were logged one by one.

A counter gives each row its place, so that threads write without a lock. A row counts once its mark
is there, which is written last. The sending thread takes rows in their order. A place that somebody
took and has not filled yet is a hole: it is looked at again.
"""

import itertools
import struct
from array import array
from functools import partial
from typing import TYPE_CHECKING, Callable, NamedTuple, Optional

if TYPE_CHECKING:
    from .spool import Extent, Spool

# Sizes of chunks. A key gets a larger one than before when it fills faster than is acknowledged.
CHUNK_BYTES = (65_536, 4_096, 512)
ROW_BYTES = 32
_HEAD_BYTES = 32
# A place that was taken and will never be filled.
_GIVEN_UP = 1
# The machine's own order, which is little-endian wherever this runs, packs faster.
_pack_row = struct.Struct("qqdQ").pack_into
_pack_mark = struct.Struct("Q").pack_into

# Puts a row at a place of a chunk: step, timestamp in milliseconds, value, mark.
Writer = tuple[Callable[..., None], "itertools.count[int]", int]


class Name(NamedTuple):
    """What points are of, in UTF-8."""

    key: bytes
    # The id of the logged model that they measure; empty for none.
    model_id: bytes = b""


class Rows(NamedTuple):
    """Some rows of a chunk, one behind the other."""

    chunk: "Chunk"
    first: int
    points: int

    def columns(self) -> "tuple[bytes, bytes, bytes]":
        """Steps, timestamps and values, eight bytes a point."""
        cells = self.chunk.cells[4 * self.first : 4 * (self.first + self.points)]
        return cells[0::4].tobytes(), cells[1::4].tobytes(), cells[2::4].tobytes()

    def split(self, points: int) -> "tuple[Rows, Rows]":
        """The first rows, and the others."""
        rest = Rows(self.chunk, self.first + points, self.points - points)
        return Rows(self.chunk, self.first, points), rest

    def note(self, sequence: int) -> None:
        """They will be sent under this sequence."""
        self.chunk.note(self.first, self.points, sequence)

    def release(self, spool: "Spool") -> None:
        """They were acknowledged, or will never be sent."""
        self.chunk.release(self.points, spool)


class Chunk:
    """See the module's own text."""

    __slots__ = (
        *("_capacity", "_given", "_holes", "_is_spoilt", "_mark", "_rows", "_taken", "_unacknowledged"),
        *("cells", "extent", "offset", "view", "writer"),
    )

    def __init__(self, extent: "Extent", offset: int, view: memoryview, head_bytes: int, mark: int) -> None:
        self.extent = extent
        self.offset = offset
        self.view = view
        self._rows = view[head_bytes:]
        self.cells = self._rows.cast("Q")
        self._capacity = len(self._rows) // ROW_BYTES
        self._mark = mark
        # Rows before this one were taken, or are holes.
        self._taken = 0
        self._holes: list[int] = []
        self._unacknowledged = 0
        # How many places were given out; known once it is closed.
        self._given: Optional[int] = None
        # Whether a thread may still write to it, which nobody else can have then.
        self._is_spoilt = False
        self.writer: Writer = (partial(_pack_row, self._rows), itertools.count(0, ROW_BYTES), mark)

    @property
    def has_rows(self) -> bool:
        """Whether there are rows to be taken."""
        at = 4 * self._taken + 3
        if at < len(self.cells) and self.cells[at] != 0:
            return True
        return any(self.cells[at::4].tolist()) or any(self.cells[4 * hole + 3] for hole in self._holes)

    @property
    def waiting(self) -> int:
        """Rows to be taken."""
        marks = self.cells[4 * self._taken + 3 :: 4].tolist()
        return marks.count(self._mark) + sum(self.cells[4 * hole + 3] == self._mark for hole in self._holes)

    @property
    def is_done(self) -> bool:
        """Whether the spool has it again."""
        return self._unacknowledged < 0

    def take(self, rows_max: int) -> list[Rows]:
        """Takes so many rows at the most, in stretches."""
        taken = self._take_holes()
        first = self._taken
        # All of them: the first ones may be holes.
        marks = self.cells[4 * first + 3 :: 4].tolist()
        count = min(marks.count(self._mark), rows_max)
        if count and marks[:count].count(self._mark) == count:
            self._taken += count
            taken.append(Rows(self, first, count))
        elif any(marks):
            taken.extend(self._take_around_holes(first, marks, rows_max))
        self._unacknowledged += sum(rows.points for rows in taken)
        return taken

    def give_up(self, place: int) -> None:
        """A place that was taken will not be filled."""
        if place + ROW_BYTES <= len(self._rows) and self.cells[place // 8 + 3] == 0:
            _pack_mark(self._rows, place + ROW_BYTES - 8, _GIVEN_UP)

    def close(self) -> None:
        """Nobody takes a place any more."""
        _, places, _ = self.writer
        # At once: the interpreter runs nothing else meanwhile.
        left = list(itertools.islice(places, self._capacity))
        if self._given is None:
            self._given = min(left[0] // ROW_BYTES, self._capacity)

    def note(self, first: int, count: int, sequence: int) -> None:
        """Rows will be sent under this sequence."""
        at = 4 * first + 3
        marks = memoryview(array("Q", (self._mark | sequence,)) * count)
        self.cells[at : at + 4 * count - 3 : 4] = marks

    def release(self, count: int, spool: "Spool") -> None:
        """Rows were acknowledged. The spool has the chunk again when all were, and every place was filled."""
        self._unacknowledged -= count
        if self._unacknowledged == 0 and self._taken >= self._capacity and not self._holes:
            self._unacknowledged = -1
            if self._is_spoilt:
                spool.refund(len(self.view))
            else:
                spool.give_back(self)

    def abandon(self, spool: "Spool") -> None:
        """What was not filled yet is waited for no more."""
        self._is_spoilt = not all(self.cells[3 : 4 * (self._given or 0) : 4].tolist())
        self._taken = self._capacity
        self._holes.clear()
        self.release(0, spool)

    def _take_holes(self) -> list[Rows]:
        filled = [hole for hole in self._holes if self.cells[4 * hole + 3] != 0]
        if not filled:
            return []
        self._holes = [hole for hole in self._holes if hole not in filled]
        return [Rows(self, hole, 1) for hole in filled if self.cells[4 * hole + 3] == self._mark]

    def _take_around_holes(self, first: int, marks: list[int], rows_max: int) -> list[Rows]:
        rows = (at for at, mark in enumerate(marks) if mark == self._mark)
        last = next(itertools.islice(rows, rows_max - 1, None), len(marks))
        del marks[last + 1 :]
        while marks[-1] == 0:
            marks.pop()
        taken = []
        self._taken = first + len(marks)
        for is_row, places in itertools.groupby(range(len(marks)), lambda at: marks[at] == self._mark):
            stretch = list(places)
            if is_row:
                taken.append(Rows(self, first + stretch[0], len(stretch)))
            else:
                self._holes.extend(first + at for at in stretch if marks[at] == 0)
        return taken


def chunk_head_bytes(name: Name) -> int:
    """What a chunk has before its rows."""
    text = len(name.key) + len(name.model_id)
    return _HEAD_BYTES + -(-text // ROW_BYTES) * ROW_BYTES
