"""Entries of one run that wait.

The fast path of a log call is a dictionary that holds, for each key that may be logged
without a second look, the function that appends a row; see buffer.py.
"""

from typing import TYPE_CHECKING, Callable, Literal, Optional

from . import wire
from .batch import Content
from .column import POINT_BYTES, Column, Name, Points, Series
from .limits import BATCH_BYTES_MAX, COLUMN_BYTES, RUN_BYTES
from .wire import Pair

if TYPE_CHECKING:
    from .buffer import Buffer

# How a process comes to log to a run; one that it is attached to was begun by somebody else.
Beginning = Literal["begins", "goes on", "attached"]

# Memory that a param or tag takes beside its texts.
_PAIR_BYTES = 200
_COLUMN_POINTS_MAX = BATCH_BYTES_MAX // POINT_BYTES


class RunBuffer:
    """Entries of one run that wait. Its start is sent before its first entry.

    A run that goes on may have ended before. The start of one that somebody else began is only sent
    to another home, and not known of each. A run that found no room is lost as a whole: entries
    without a start would be nobody's.
    """

    def __init__(
        self, buffer: "Buffer", run_id: str, start: Optional[bytes], beginning: Beginning, is_lost: bool
    ) -> None:
        self.buffer = buffer
        self.run_id = run_id
        # Kept: a home that does not know the run needs it again.
        self.start = start
        self.fast: dict[str, Callable[[bytes], None]] = {}
        self.has_ended = False
        self.was_settled = False
        self._is_lost = is_lost
        self._start = None if beginning == "attached" else start
        if beginning == "goes on" and start is not None:
            # A batch takes the last of several ends: a later one in the same batch still counts.
            self._start = start + wire.run_end_part("RUNNING", 0)
        # Whether its end is this process's to send.
        self._is_ours = beginning != "attached"
        self._users = 1
        self._end: Optional[bytes] = None
        self._params: list[Pair] = []
        self._tags: list[Pair] = []
        # By key and model.
        self._columns: dict[tuple[str, str], Column] = {}
        self._turn = 0

    def add_row(self, key: str, row: bytes, model_id: str = "") -> None:
        """Takes a packed row under a key and a model's id that were checked."""
        column = self._columns.get((key, model_id))
        new_bytes = POINT_BYTES if column is not None else POINT_BYTES + COLUMN_BYTES
        if not self._admit(new_bytes, 1):
            return
        if column is None:
            column = self._columns.setdefault((key, model_id), Column(key, model_id))
        append = column.rows.extend
        append(row)
        if not model_id:
            self.fast[key] = append

    def add_series(self, key: str, series: Series, model_id: str = "") -> None:
        """Takes columns under a key and a model's id that were checked."""
        count = len(series[2]) // 8
        if not self._admit(count * POINT_BYTES, count):
            return
        column = self._columns.get((key, model_id))
        if column is None:
            column = self._columns.setdefault((key, model_id), Column(key, model_id))
        column.series.append(series)

    def add_param(self, key: str, value: str) -> None:
        """Takes a param that was checked."""
        if self._admit(_PAIR_BYTES + len(key) + len(value), 1):
            self._params.append((key, value))

    def add_tag(self, key: str, value: str) -> None:
        """Takes a tag that was checked."""
        if self._admit(_PAIR_BYTES + len(key) + len(value), 1):
            self._tags.append((key, value))

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
        self.fast.clear()
        self._end = part if self._is_ours and not self._is_lost else None
        self.has_ended = True
        self.buffer.nudge()

    def start_again(self) -> None:
        """Sends the start, where it is known, before what waits. For the sending thread."""
        self._start = self._start or self.start
        # Who began it did so in another home.
        self._is_ours = self._is_ours or self.start is not None

    def _admit(self, new_bytes: int, entries: int) -> bool:
        if self._is_lost:
            self.buffer.drop(entries)
            return False
        return self.buffer.admit(new_bytes, entries)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left of a run that has ended."""
        return self.has_ended and not self.has_entries

    @property
    def has_entries(self) -> bool:
        return bool(self._start or self._params or self._tags or self._end or self.points())

    @property
    def end_part(self) -> Optional[bytes]:
        """The run's end, while it waits."""
        return self._end

    def knows(self, key: str) -> bool:
        """Whether the key was checked and logged before."""
        return (key, "") in self._columns

    def points(self) -> int:
        """Points that wait."""
        return sum(column.points for column in tuple(self._columns.values()))

    def entries(self) -> int:
        """Points, params and tags that wait."""
        return self.points() + len(self._params) + len(self._tags)

    def bytes(self) -> int:
        """Memory that the run and its waiting entries take, about."""
        columns = tuple(self._columns.values())
        texts = sum(_pair_bytes(pair) for pair in tuple(self._params) + tuple(self._tags))
        points = sum(column.points for column in columns)
        return RUN_BYTES + points * POINT_BYTES + len(columns) * COLUMN_BYTES + texts

    def take(self, bytes_max: int) -> Content:
        """Takes about bytes_max bytes, for the sending thread alone."""
        # Read before the rest is taken: what was logged before the end is then taken with it.
        end = self._end
        start, self._start = self._start, None
        params, room = _take_pairs(self._params, bytes_max)
        tags, room = _take_pairs(self._tags, room)
        metrics, room = self._take_points(room)
        if end is not None and room > 0:
            self._end = None
        else:
            end = None
        return Content(start, params, metrics, tags, end)

    def _take_points(self, room: int) -> tuple[list[tuple[Name, Points]], int]:
        columns = tuple(self._columns.values())
        taken: list[tuple[Name, Points]] = []
        # Another column is first each time, so that none starves when the room is small.
        self._turn += 1
        for index in range(len(columns)):
            column = columns[(index + self._turn) % len(columns)]
            # What comes meanwhile is for the next time.
            left = column.points
            while room > 0 and left > 0:
                for points in column.take(min(room // POINT_BYTES + 1, left, _COLUMN_POINTS_MAX)):
                    taken.append((column.name, points))
                    room -= points.count * POINT_BYTES
                    left -= points.count
        return _joined(taken), room


def _pair_bytes(pair: Pair) -> int:
    return _PAIR_BYTES + len(pair[0]) + len(pair[1])


def _take_pairs(pairs: list[Pair], room: int) -> tuple[list[Pair], int]:
    count = 0
    for pair in tuple(pairs):
        if room <= 0:
            break
        count += 1
        room -= _pair_bytes(pair)
    taken = pairs[:count]
    del pairs[:count]
    return taken, room


def _joined(parts: list[tuple[Name, Points]]) -> list[tuple[Name, Points]]:
    """One column for each name."""
    by_name: dict[Name, list[Points]] = {}
    for name, points in parts:
        by_name.setdefault(name, []).append(points)
    if len(by_name) == len(parts):
        return parts
    return [
        (name, several[0] if len(several) == 1 else Points(*(b"".join(columns) for columns in zip(*several))))
        for name, several in by_name.items()
    ]
