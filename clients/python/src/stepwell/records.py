"""Records of a spool: all that is logged but points that come one by one."""

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .spool import Extent, Spool

RECORD_HEAD_BYTES = 48
RECORD_ALIGNMENT = 16


class Kind(IntEnum):
    """What a record holds, in the order in which a batch has it."""

    START = 1
    PARAM = 2
    SERIES = 3
    TAG = 5
    END = 6


class Record:
    """A piece of a batch, as the wire has it, in the spool."""

    __slots__ = ("_length", "_offset", "extent", "key", "kind", "points", "size")

    def __init__(
        self, extent: "Extent", offset: int, size: int, length: int, kind: Kind, key: str, points: int
    ) -> None:
        self.extent = extent
        self.size = size
        self.kind = kind
        # What it is told by when the daemon refuses it; empty for a start or an end.
        self.key = key
        # Of a series.
        self.points = points
        self._offset = offset
        self._length = length

    @property
    def part(self) -> memoryview:
        """What the wire has of it, until it is released."""
        begin = self._offset + RECORD_HEAD_BYTES
        return self.extent.view[begin : begin + self._length]

    def note(self, sequence: int) -> None:
        """It will be sent under this sequence."""
        # One store: a process that is killed leaves the mark before or this one. struct's pack_into writes
        # zeros first, and a record without a mark takes those behind it along.
        self.extent.cells[self._offset // 8] = self.extent.mark | sequence

    def release(self, spool: "Spool") -> None:
        """It was acknowledged, or will never be sent."""
        spool.give_back_record(self)
