"""Entries of one run that wait, in the spool.

The fast path of a log call is a dictionary that holds, for each key that may be logged without a
second look, where its next row goes; see buffer.py.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Callable, Literal, Optional

from . import wire
from .batch import Content
from .chunk import Name, Writer
from .column import POINT_BYTES, Column, Points, Series
from .limits import BATCH_BYTES_MAX, COLUMN_BYTES, RUN_BYTES, SERIES_BYTES_MIN
from .records import Kind, Record
from .spool_memory import EXTENT_BYTES

if TYPE_CHECKING:
    from .buffer import Buffer

# How a process comes to log to a run; one that it is attached to was begun by somebody else.
Beginning = Literal["begins", "goes on", "attached"]

_COLUMN_POINTS_MAX = BATCH_BYTES_MAX // POINT_BYTES


class RunBuffer:
    """Entries of one run that wait. Its start is sent before its first entry.

    A run that goes on may have ended before. The start of one that somebody else began is only sent
    to another home, and not known of each. A run that found no room is lost as a whole: entries
    without a start would be nobody's.
    """

    def __init__(
        self,
        buffer: "Buffer",
        run_id: str,
        opening: int,
        start: Optional[bytes],
        beginning: Beginning,
    ) -> None:
        self.buffer = buffer
        self.run_id = run_id
        # Kept: a home that does not know the run needs it again.
        self.start = start
        self.fast: dict[str, Writer] = {}
        self.has_ended = False
        self.was_settled = False
        self._opening = opening
        self._run = bytes.fromhex(run_id)
        # Whether its end is this process's to send.
        self._is_ours = beginning != "attached"
        self._users = 1
        self._start: list[Record] = []
        self._params: list[Record] = []
        self._tags: list[Record] = []
        self._end: Optional[Record] = None
        # By key and model.
        self._columns: dict[tuple[str, str], Column] = {}
        self._turn = 0
        self._beginning = beginning
        self._is_lost = False
        self._has_begun = False

    def begin(self) -> None:
        """Takes the run's start, or finds that there is no room for the run. Once; called alone."""
        if self._has_begun:
            return
        self._has_begun = True
        part = self.start
        if part is not None and self._beginning == "goes on":
            # A batch takes the last of several ends: a later one in the same batch still counts.
            part += wire.run_end_part("RUNNING", 0)
        spool = self.buffer.spool
        self._is_lost = not spool.charge(RUN_BYTES)
        if not self._is_lost and self._is_ours and part is not None:
            self._is_lost = not self._write(self._start, Kind.START, [part])
            if self._is_lost:
                spool.refund(RUN_BYTES)
        if self._is_lost:
            self.buffer.drop_run()

    def add_row(self, key: str, row: "tuple[int, int, float]", model_id: str = "") -> None:
        """Takes a step, a timestamp and a value under a key and a model's id, all of which were checked."""
        column = self._columns.get((key, model_id))
        if column is None or self.buffer.is_closed or not column.append(*row):
            self._alone(lambda: self._add_row(key, row, model_id))
        else:
            self.buffer.nudge()
        column = self._columns.get((key, model_id))
        writer = None if column is None or model_id or self.buffer.is_closed else column.writer
        if writer is not None:
            self.fast[key] = writer
            # The buffer may have been closed meanwhile, and this emptied before that.
            if self.buffer.is_closed:
                self.fast.clear()

    def add_series(self, key: str, series: Series, model_id: str = "") -> None:
        """Takes columns under a key and a model's id that were checked."""
        self._alone(lambda: self._add_series(key, series, model_id))

    def add_param(self, key: str, value: str) -> None:
        """Takes a param that was checked."""
        self._alone(lambda: self._add_record(self._params, Kind.PARAM, [wire.param_part(key, value)], key))

    def add_tag(self, key: str, value: str) -> None:
        """Takes a tag that was checked."""
        self._alone(lambda: self._add_record(self._tags, Kind.TAG, [wire.tag_part(key, value)], key))

    def share(self) -> None:
        """One more object logs to the run by way of this buffer."""
        self._users += 1

    def leave(self, part: bytes) -> None:
        """One of those objects logs no more. The last one ends the run if nobody else can."""
        self._users -= 1
        if self._users == 0:
            self.end(part)

    def end(self, part: bytes) -> None:
        """Ends the run after all that was logged before. It is taken even by a full buffer."""
        self._alone(lambda: self._add_end(part))

    def start_again(self) -> None:
        """Sends the start, where it is known, before what waits. For the sending thread."""
        if self.start is not None:
            self._alone(lambda: self._begin_again(self.start or b""))
        # Who began it did so in another home.
        self._is_ours = self._is_ours or self.start is not None

    def give_up(self, key: str, writer: Writer, place: int) -> None:
        """A place that a thread took is not filled: its value was none."""
        column = self._columns.get((key, ""))
        if column is not None:
            column.give_up(writer, place)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left of a run that has ended."""
        return self.has_ended and not self.has_entries

    @property
    def has_entries(self) -> bool:
        """Whether anything waits to be cut."""
        if self._start or self._params or self._tags or self._end:
            return True
        return any(column.has_points for column in tuple(self._columns.values()))

    @property
    def end_part(self) -> Optional[bytes]:
        """The run's end, while it waits."""
        end = self._end
        return None if end is None else end.part.tobytes()

    def knows(self, key: str) -> bool:
        """Whether the key was checked and logged before."""
        return (key, "") in self._columns

    def entries(self) -> int:
        """Points, params and tags that wait."""
        points = sum(column.points for column in tuple(self._columns.values()))
        return points + len(self._params) + len(self._tags)

    def take(self, bytes_max: int) -> Content:
        """Takes about bytes_max bytes, for the sending thread alone."""
        # Read before the rest is taken: what was logged before the end is then taken with it.
        end = self._end
        starts, room = _take_records(self._start, bytes_max)
        params, room = _take_records(self._params, room)
        tags, room = _take_records(self._tags, room)
        metrics, room = self._take_points(room)
        if end is not None and room > 0:
            self._end = None
        else:
            end = None
        return Content(starts, params, metrics, tags, end)

    def give_back(self) -> None:
        """All was taken, and nobody logs to it any more. Called alone."""
        spool = self.buffer.spool
        for column in self._columns.values():
            column.give_back(spool)
        spool.refund(COLUMN_BYTES * len(self._columns) + (0 if self._is_lost else RUN_BYTES))

    def _alone(self, action: Callable[[], object]) -> None:
        """Does something behind the run's beginning, and makes the sending thread look."""
        self.buffer.alone(self.begin)
        self.buffer.alone(action)
        self.buffer.nudge()

    def _begin_again(self, start: bytes) -> None:
        waiting, self._start = self._start, []
        self._write(self._start, Kind.START, [start])
        for record in waiting:
            record.release(self.buffer.spool)

    def _add_row(self, key: str, row: "tuple[int, int, float]", model_id: str) -> None:
        column = self._columns.get((key, model_id))
        # Another thread may have made room for it meanwhile.
        if column is not None and not self.buffer.is_closed and column.append(*row):
            return None
        if self._is_lost or self.buffer.is_closed or self.has_ended:
            return self.buffer.drop(1)
        is_new = column is None
        if column is None:
            if not self.buffer.spool.charge(COLUMN_BYTES):
                return self.buffer.drop(1)
            column = Column(key, model_id)
        if not column.grow(self.buffer.spool, self._opening, self._run) or not column.append(*row):
            if is_new:
                self.buffer.spool.refund(COLUMN_BYTES)
            return self.buffer.drop(1)
        self._columns[key, model_id] = column
        return None

    def _add_series(self, key: str, series: Series, model_id: str) -> None:
        column = self._columns.get((key, model_id))
        if column is None:
            if not self.buffer.spool.charge(COLUMN_BYTES):
                return self.buffer.drop(len(series[2]) // 8)
            column = self._columns.setdefault((key, model_id), Column(key, model_id))
        count, first = len(series[2]) // 8, 0
        overhead = len(column.name.key) + len(column.name.model_id) + wire.COLUMN_OVERHEAD_BYTES
        while first < count:
            room = self.buffer.spool.room_for_record()
            if room < SERIES_BYTES_MIN:
                room = EXTENT_BYTES // 2
            end = min(count, first + (room - overhead) // POINT_BYTES)
            piece = [each[first * 8 : end * 8] for each in series]
            if not self._add_points(column, key, wire.metric_part(column.name, piece), end - first):
                return self.buffer.drop(count - end)
            first = end
        return None

    def _add_points(self, column: Column, key: str, pieces: Sequence[wire.Piece], count: int) -> bool:
        return self._add_record(column.series, Kind.SERIES, pieces, key, count)

    def _add_record(
        self, records: list[Record], kind: Kind, pieces: Sequence[wire.Piece], key: str, points: int = 0
    ) -> bool:
        if self._is_lost or self.buffer.is_closed or not self._write(records, kind, pieces, key, points):
            self.buffer.drop(points if kind is Kind.SERIES else 1)
            return False
        return True

    def _add_end(self, part: bytes) -> None:
        if self.has_ended:
            return
        # Alone, too: no other thread makes a place for a row behind this.
        self.fast.clear()
        for column in self._columns.values():
            column.close()
        ends: list[Record] = []
        if self._is_ours and not self._is_lost:
            self._write(ends, Kind.END, [part])
        self._end = ends[0] if ends else None
        self.has_ended = True

    def _write(
        self, records: list[Record], kind: Kind, pieces: Sequence[wire.Piece], key: str = "", points: int = 0
    ) -> bool:
        record = self.buffer.spool.record(kind, self._opening, self._run, pieces, key, points)
        if record is None:
            return False
        records.append(record)
        return True

    def _take_points(self, room: int) -> tuple[list[tuple[Name, Points]], int]:
        columns = tuple(self._columns.values())
        taken: list[tuple[Name, Points]] = []
        # Another column is first each time, so that none starves when the room is small.
        self._turn += 1
        for index in range(len(columns)):
            column = columns[(index + self._turn) % len(columns)]
            # What comes meanwhile is for the next time. Places that were given up are passed.
            left = max(1, column.points) if room > 0 and column.has_points else 0
            while room > 0 and left > 0:
                points_max = min(room // POINT_BYTES + 1, left, _COLUMN_POINTS_MAX)
                found = column.take(points_max)
                if not found:
                    break
                for points in found:
                    taken.append((column.name, points))
                    room -= points.points * POINT_BYTES
                    left -= points.points
        return taken, room


def _take_records(records: list[Record], bytes_max: int) -> "tuple[list[Record], int]":
    count = 0
    for record in tuple(records):
        if bytes_max <= 0:
            break
        count += 1
        bytes_max -= record.size
    taken = records[:count]
    del records[:count]
    return taken, bytes_max
