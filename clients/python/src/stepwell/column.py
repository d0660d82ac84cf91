"""The points of one key, and one model, that wait to be cut into batches.

Any thread appends, the sending thread takes. No lock is held for a row; see chunk.py.
"""

import struct
from typing import TYPE_CHECKING, Optional, Union

from .chunk import CHUNK_BYTES, Chunk, Name, Rows, Writer
from .records import Record

if TYPE_CHECKING:
    from .spool import Spool

POINT_BYTES = 24

# Steps, timestamps and values of one log_series() call.
Series = tuple[bytes, bytes, bytes]
# What waits: stretches of rows, and whole series.
Points = Union[Rows, Record]


class Column:
    """Rows of single points, and whole series."""

    __slots__ = ("_chunks", "_size", "name", "series", "writer")

    def __init__(self, key: str, model_id: str = "") -> None:
        self.name = Name(key.encode(), model_id.encode())
        self.series: list[Record] = []
        # Where rows go; None before the first one.
        self.writer: Optional[Writer] = None
        # Those that the spool does not have back, the last one is written to.
        self._chunks: list[Chunk] = []
        self._size = len(CHUNK_BYTES) - 1

    def append(self, step: int, timestamp: int, value: float) -> bool:
        """Takes a point that was checked; False where there is no place for it."""
        if self.writer is None:
            return False
        put, places, mark = self.writer
        try:
            put(next(places), step, timestamp, value, mark)
        except struct.error:
            return False
        return True

    def grow(self, spool: "Spool", opening: int, run_id: bytes) -> bool:
        """Gets places for more rows; False where there are none. Called by Spool.alone()."""
        waiting = [chunk for chunk in self._chunks if not chunk.is_done]
        # It fills faster than it is acknowledged, or not any more.
        step = 1 if len(waiting) < 2 else -1
        self._size = min(max(self._size + step, 0), len(CHUNK_BYTES) - 1)
        chunk = spool.chunk(CHUNK_BYTES[self._size], opening, run_id, self.name)
        if chunk is None:
            return False
        self._chunks = [*waiting, chunk]
        self.writer = chunk.writer
        return True

    def give_up(self, writer: Writer, place: int) -> None:
        """A place that a thread took will not be filled."""
        for chunk in self._chunks:
            if chunk.writer is writer:
                chunk.give_up(place)

    @property
    def points(self) -> int:
        """How many points wait."""
        rows = sum(chunk.waiting for chunk in self._chunks)
        return rows + sum(record.points for record in tuple(self.series))

    @property
    def has_points(self) -> bool:
        """Whether any point waits."""
        return bool(self.series) or any(chunk.has_rows for chunk in self._chunks)

    def take(self, points_max: int) -> list[Points]:
        """Takes about points_max points, never splitting a series: it may be more."""
        taken: list[Points] = []
        for chunk in self._chunks:
            if points_max <= 0:
                break
            rows = chunk.take(points_max)
            points_max -= sum(each.points for each in rows)
            taken.extend(rows)
        while self.series and points_max > 0:
            record = self.series.pop(0)
            points_max -= record.points
            taken.append(record)
        return taken

    def close(self) -> None:
        """The run has ended: nobody logs to it any more."""
        self.writer = None
        for chunk in self._chunks:
            chunk.close()

    def give_back(self, spool: "Spool") -> None:
        """All that came was taken, and nobody fills a place any more."""
        for chunk in self._chunks:
            chunk.abandon(spool)
