"""What is logged and not yet cut into batches, within a bound.

Any thread writes, the sending thread takes; no call holds a lock that the other side may
hold. The fast path of a log call is a dictionary that holds, for each key that may be
logged without a second look, the function that appends a row. Everything that must be
looked at (a new key, a full buffer, a sleeping sender, a fork) empties that dictionary,
so that the fast path pays nothing for it.
"""

import os
import threading
import time
from typing import Callable, Optional

from .batch import Content
from .column import POINT_BYTES, Column, Name, Points, Series
from .errors import StepwellError
from .limits import BATCH_BYTES_MAX, COLUMN_BYTES
from .stats import Counters
from .warning import warn
from .wire import Pair

# Memory that a param or tag takes beside its texts.
_PAIR_BYTES = 200
_COLUMN_POINTS_MAX = BATCH_BYTES_MAX // POINT_BYTES


class RunBuffer:
    """Entries of one run that wait. Its start is sent before its first entry."""

    def __init__(self, buffer: "Buffer", run_id: str, start: Optional[bytes]) -> None:
        self.buffer = buffer
        self.run_id = run_id
        self.fast: dict[str, Callable[[bytes], None]] = {}
        self.has_ended = False
        self._start = start
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
        if not self.buffer.admit(new_bytes, 1):
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
        if not self.buffer.admit(count * POINT_BYTES, count):
            return
        column = self._columns.get((key, model_id))
        if column is None:
            column = self._columns.setdefault((key, model_id), Column(key, model_id))
        column.series.append(series)

    def add_param(self, key: str, value: str) -> None:
        """Takes a param that was checked."""
        if self.buffer.admit(_PAIR_BYTES + len(key) + len(value), 1):
            self._params.append((key, value))

    def add_tag(self, key: str, value: str) -> None:
        """Takes a tag that was checked."""
        if self.buffer.admit(_PAIR_BYTES + len(key) + len(value), 1):
            self._tags.append((key, value))

    def end(self, part: Optional[bytes]) -> None:
        """Ends the run after all that was logged before; without a part only for this process.

        It is taken even by a full buffer.
        """
        self.fast.clear()
        self.has_ended = True
        self._end = part
        self.buffer.wake()

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
        """Memory that waiting entries take, about."""
        columns = tuple(self._columns.values())
        texts = sum(_pair_bytes(pair) for pair in tuple(self._params) + tuple(self._tags))
        return sum(column.points for column in columns) * POINT_BYTES + len(columns) * COLUMN_BYTES + texts

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
            while room > 0 and (column.rows or column.series):
                for points in column.take(min(room // POINT_BYTES + 1, _COLUMN_POINTS_MAX)):
                    taken.append((column.name, points))
                    room -= points.count * POINT_BYTES
        return _joined(taken), room


class Buffer:
    """The run buffers of one process and the bound over all of them."""

    def __init__(self, bytes_max: int, counters: Counters, wake: Callable[[], None]) -> None:
        self.pid = os.getpid()
        self.bytes_max = bytes_max
        self._counters = counters
        self._wake = wake
        self._lock = threading.RLock()
        self._runs: tuple[RunBuffer, ...] = ()
        self._has_room = True
        self._is_closed = False
        self._has_warned = False
        self.used_bytes = 0
        self.is_awake = False

    def open_run(self, run_id: str, start: Optional[bytes]) -> RunBuffer:
        """The buffer of a run: the one that there is while it has not ended, else a new one."""
        with self._lock:
            for run in self._runs:
                if run.run_id == run_id and not run.has_ended:
                    return run
            run = RunBuffer(self, run_id, start)
            self._runs = (*self._runs, run)
            return run

    def admit(self, new_bytes: int, entries: int) -> bool:
        """Whether new entries may be added; wakes the sender. What may not is dropped and counted."""
        if self._is_closed or not self._has_room or self.used_bytes + new_bytes > self.bytes_max:
            self._drop(entries)
            return False
        self.used_bytes += new_bytes
        if not self.is_awake:
            self.wake()
        return True

    def wake(self) -> None:
        """Makes the sending thread look."""
        self.is_awake = True
        self._wake()

    @property
    def runs(self) -> tuple[RunBuffer, ...]:
        return self._runs

    @property
    def entries(self) -> int:
        """Entries that wait to be cut."""
        return sum(run.entries() for run in self._runs)

    @property
    def has_open_runs(self) -> bool:
        """Whether a run was begun or gone on with, and not ended."""
        return any(not run.has_ended for run in self._runs)

    @property
    def has_entries(self) -> bool:
        """Whether anything waits to be cut, runs' starts and ends included."""
        return any(run.has_entries for run in self._runs)

    @property
    def ends(self) -> list[tuple[str, bytes]]:
        """The runs' ends that wait to be cut."""
        waiting = ((run.run_id, run.end_part) for run in self._runs)
        return [(run_id, part) for run_id, part in waiting if part is not None]

    def measure(self, outbox_bytes: int) -> None:
        """Counts what is used, and stops or lets through new entries. For the sending thread."""
        self.used_bytes = sum(run.bytes() for run in self._runs) + outbox_bytes
        self._has_room = self.used_bytes < self.bytes_max
        if not self._has_room:
            self.slow_down()

    def forget_settled(self) -> None:
        """Lets go of runs that have ended and were taken. For the sending thread."""
        if any(run.is_settled for run in self._runs):
            with self._lock:
                self._runs = tuple(run for run in self._runs if not run.is_settled)

    def slow_down(self) -> None:
        """Makes the next log call of each key take a second look."""
        for run in self._runs:
            run.fast.clear()

    def close(self) -> None:
        """Takes nothing more: what is logged from now on is dropped and counted."""
        self._is_closed = True
        self.slow_down()

    def _drop(self, entries: int) -> None:
        self._counters.dropped += entries
        if self._has_warned or self._is_closed:
            return
        self._has_warned = True
        size = self.bytes_max // 1024 // 1024
        warn(
            StepwellError(
                "STEPWELL_BUFFER_FULL", f"{size} MiB wait for the daemon: the newest entries are dropped."
            )
        )


def now_ms() -> int:
    """Milliseconds since 1970 UTC."""
    return int(time.time() * 1000)


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
