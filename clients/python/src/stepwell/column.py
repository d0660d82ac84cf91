"""The points of one key, and one model, that wait to be cut into batches.

Any thread appends, the sending thread takes. No lock is held: a row is appended by one
call of ``bytearray.extend`` and rows are taken by a slice and a ``del`` of what was
sliced; the interpreter does each as a whole.
"""

import struct
from typing import NamedTuple

POINT_BYTES = 24
# A row: step, timestamp in milliseconds, value.
pack_row = struct.Struct("<qqd").pack

# Steps, timestamps and values of one log_series() call.
Series = tuple[bytes, bytes, bytes]


class Name(NamedTuple):
    """What a column's points are of, in UTF-8."""

    key: bytes
    # The id of the logged model that they measure; empty for none.
    model_id: bytes = b""


class Points(NamedTuple):
    """Points of one name as the wire has them: three columns of eight bytes a point."""

    steps: bytes
    timestamps: bytes
    values: bytes

    @property
    def count(self) -> int:
        return len(self.values) // 8


class Column:
    """Rows of single points, and whole series."""

    __slots__ = ("name", "rows", "series")

    def __init__(self, key: str, model_id: str = "") -> None:
        self.name = Name(key.encode(), model_id.encode())
        self.rows = bytearray()
        self.series: list[Series] = []

    @property
    def points(self) -> int:
        """How many points wait."""
        waiting = len(self.rows) // POINT_BYTES
        for _, _, values in tuple(self.series):
            waiting += len(values) // 8
        return waiting

    def take(self, points_max: int) -> list[Points]:
        """Takes about points_max points, never splitting a series: it may be more."""
        taken: list[Points] = []
        if self.rows:
            taken.append(self._take_rows(points_max))
        room = points_max - (taken[0].count if taken else 0)
        if self.series and room > 0:
            taken.extend(self._take_series(room))
        return taken

    def _take_rows(self, points_max: int) -> Points:
        chunk = self.rows[: points_max * POINT_BYTES]
        del self.rows[: len(chunk)]
        integers = memoryview(chunk).cast("q")
        doubles = memoryview(chunk).cast("d")
        return Points(integers[0::3].tobytes(), integers[1::3].tobytes(), doubles[2::3].tobytes())

    def _take_series(self, points_max: int) -> list[Points]:
        count = 0
        points = 0
        for _, _, values in self.series:
            count += 1
            points += len(values) // 8
            if points >= points_max:
                break
        chunk = self.series[:count]
        del self.series[:count]
        if count == 1:
            return [Points(*chunk[0])]
        steps, timestamps, values = zip(*chunk)
        return [Points(b"".join(steps), b"".join(timestamps), b"".join(values))]
