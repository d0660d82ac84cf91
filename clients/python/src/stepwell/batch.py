"""Cuts what a run's buffer holds into batches that fit into a message."""

from collections.abc import Sequence
from typing import Callable, NamedTuple, Optional, Union

from . import wire
from .chunk import Name, Rows
from .column import POINT_BYTES, Points
from .records import Record

Source = Union[Record, Rows]


class Batch(NamedTuple):
    """One encoded request, and what is told of it when the daemon refuses an entry."""

    request: bytes
    points: int
    entries: int
    metric_keys: tuple[bytes, ...]
    param_keys: tuple[str, ...]
    tag_keys: tuple[str, ...]
    run_id: str
    # The run's start, for a home that does not know the run; None when somebody else began it.
    run_start: Optional[bytes]
    # The run's end as a piece of the batch, when it is in it.
    end: Optional[bytes]
    # What of the spool is in it.
    sources: tuple[Source, ...]


class Content(NamedTuple):
    """Entries of one run in the order in which they take effect."""

    starts: list[Record]
    params: list[Record]
    metrics: list[tuple[Name, Points]]
    tags: list[Record]
    end: Optional[Record]

    @property
    def is_empty(self) -> bool:
        return not (self.starts or self.params or self.metrics or self.tags or self.end)


class Cutter:
    """Fills batches of one run up to a number of bytes.

    ``emit`` is called with each batch; it must use the sequence that ``next_sequence`` gave. ``refuse`` is
    called with an entry that fits into no message, and with the name that it is told by.
    """

    def __init__(
        self,
        run_id: str,
        run_start: Optional[bytes],
        bytes_max: int,
        next_sequence: Callable[[], int],
        emit: Callable[[Batch], None],
        refuse: Callable[[Source, str], None],
    ) -> None:
        self._run_id = run_id
        self._run_start = run_start
        self._end: Optional[bytes] = None
        self._room_max = bytes_max - wire.BATCH_OVERHEAD_BYTES
        self._next_sequence = next_sequence
        self._emit = emit
        self._refuse = refuse
        self._begin()

    def cut(self, content: Content) -> None:
        """Emits batches for all of the content."""
        for start in content.starts:
            self._add(start, "the run's start")
        for param in content.params:
            if self._add(param, param.key):
                self._param_keys.append(param.key)
        for name, points in content.metrics:
            if isinstance(points, Record):
                self._add_series(name, points)
            else:
                self._add_rows(name, points)
        for tag in content.tags:
            if self._add(tag, tag.key):
                self._tag_keys.append(tag.key)
        if content.end is not None and self._add(content.end, "the run's end"):
            self._end = content.end.part.tobytes()
        self._finish()

    def _begin(self) -> None:
        self._parts: list[wire.Piece] = []
        self._room = self._room_max
        self._points = 0
        self._metric_keys: list[bytes] = []
        self._param_keys: list[str] = []
        self._tag_keys: list[str] = []
        self._end = None
        self._sources: list[Source] = []
        # The column that is being filled: points of one name that come behind each other are one.
        self._name: Optional[Name] = None
        self._columns: list[Sequence[wire.Piece]] = []

    def _finish(self) -> None:
        self._close_column()
        if not self._parts:
            return
        entries = self._points + len(self._param_keys) + len(self._tag_keys)
        sequence = self._next_sequence()
        # Before it is sent: whoever finds the spool knows what the daemon may have.
        for source in self._sources:
            source.note(sequence)
        self._emit(
            Batch(
                wire.batch_request(sequence, self._run_id, self._parts),
                self._points,
                entries,
                tuple(self._metric_keys),
                tuple(self._param_keys),
                tuple(self._tag_keys),
                self._run_id,
                self._run_start,
                self._end,
                tuple(self._sources),
            )
        )
        self._begin()

    def _add(self, record: Record, name: str) -> bool:
        part = record.part
        if len(part) > self._room_max:
            self._refuse(record, name)
            return False
        self._close_column()
        if len(part) > self._room:
            self._finish()
        self._parts.append(part)
        self._room -= len(part)
        self._sources.append(record)
        return True

    def _add_rows(self, name: Name, rows: Rows) -> None:
        while rows.points > 0:
            fitting = self._fitting(name)
            if fitting <= 0:
                return self._refuse(rows, name.key.decode())
            part, rows = rows.split(min(rows.points, fitting))
            self._add_columns(name, part.columns(), part.points)
            self._sources.append(part)
        return None

    def _add_series(self, name: Name, record: Record) -> None:
        columns, start = wire.columns_of(record.part, record.points), 0
        # One that has to be cut, for a daemon that takes small messages, has its last piece's sequence.
        if record.points * POINT_BYTES + _overhead_of(name) <= self._room_max:
            while self._fitting(name) < record.points:
                self._finish()
        while start < record.points:
            fitting = self._fitting(name)
            if fitting <= 0:
                return self._refuse(record, name.key.decode())
            end = min(record.points, start + fitting)
            self._add_columns(name, [each[start * 8 : end * 8] for each in columns], end - start)
            start = end
        self._sources.append(record)
        return None

    def _fitting(self, name: Name) -> int:
        """How many points of a name fit into this batch, or into the next one; none if into no batch."""
        fitting = (self._room - self._head_of(name)) // POINT_BYTES
        if fitting <= 0 and (self._parts or self._columns):
            self._finish()
            fitting = (self._room - self._head_of(name)) // POINT_BYTES
        return fitting

    def _head_of(self, name: Name) -> int:
        return 0 if name == self._name else _overhead_of(name)

    def _add_columns(self, name: Name, columns: Sequence[wire.Piece], count: int) -> None:
        self._room -= self._head_of(name) + count * POINT_BYTES
        if name != self._name:
            self._close_column()
            self._name = name
        self._columns.append(columns)
        self._points += count

    def _close_column(self) -> None:
        if self._name is None:
            return
        several, name = self._columns, self._name
        self._name, self._columns = None, []
        joined = several[0] if len(several) == 1 else [b"".join(each) for each in zip(*several)]
        self._parts.extend(wire.metric_part(name, joined))
        self._metric_keys.append(name.key)


def _overhead_of(name: Name) -> int:
    return len(name.key) + len(name.model_id) + wire.COLUMN_OVERHEAD_BYTES
