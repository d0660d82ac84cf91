"""Cuts what a run's buffer holds into batches that fit into a message."""

from typing import Callable, NamedTuple, Optional

from . import wire
from .column import POINT_BYTES, Name, Points


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


class Content(NamedTuple):
    """Entries of one run in the order in which they take effect."""

    start: Optional[bytes]
    params: list[wire.Pair]
    metrics: list[tuple[Name, Points]]
    tags: list[wire.Pair]
    end: Optional[bytes]

    @property
    def is_empty(self) -> bool:
        return not (self.start or self.params or self.metrics or self.tags or self.end)


class Cutter:
    """Fills batches of one run up to a number of bytes.

    ``emit`` is called with each batch; it must use the sequence that ``next_sequence`` gave.
    ``refuse`` is called with the key of an entry that fits into no message.
    """

    def __init__(
        self,
        run_id: str,
        run_start: Optional[bytes],
        bytes_max: int,
        next_sequence: Callable[[], int],
        emit: Callable[[Batch], None],
        refuse: Callable[[str], None],
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
        if content.start is not None:
            self._add(content.start, "the run's start")
        for key, value in content.params:
            if self._add(wire.param_part(key, value), key):
                self._param_keys.append(key)
        for name, points in content.metrics:
            self._add_points(name, points)
        for key, value in content.tags:
            if self._add(wire.tag_part(key, value), key):
                self._tag_keys.append(key)
        if content.end is not None and self._add(content.end, "the run's end"):
            self._end = content.end
        self._finish()

    def _begin(self) -> None:
        self._parts: list[bytes] = []
        self._room = self._room_max
        self._points = 0
        self._metric_keys: list[bytes] = []
        self._param_keys: list[str] = []
        self._tag_keys: list[str] = []
        self._end = None

    def _finish(self) -> None:
        if not self._parts:
            return
        entries = self._points + len(self._param_keys) + len(self._tag_keys)
        request = wire.batch_request(self._next_sequence(), self._run_id, self._parts)
        self._emit(
            Batch(
                request,
                self._points,
                entries,
                tuple(self._metric_keys),
                tuple(self._param_keys),
                tuple(self._tag_keys),
                self._run_id,
                self._run_start,
                self._end,
            )
        )
        self._begin()

    def _add(self, part: bytes, name: str) -> bool:
        if len(part) > self._room_max:
            self._refuse(name)
            return False
        if len(part) > self._room:
            self._finish()
        self._parts.append(part)
        self._room -= len(part)
        return True

    def _add_points(self, name: Name, points: Points) -> None:
        overhead = len(name.key) + len(name.model_id) + wire.COLUMN_OVERHEAD_BYTES
        start = 0
        while start < points.count:
            fitting = (self._room - overhead) // POINT_BYTES
            if fitting <= 0:
                if not self._parts:
                    return self._refuse(name.key.decode())
                self._finish()
                continue
            end = min(points.count, start + fitting)
            is_whole = start == 0 and end == points.count
            part = points if is_whole else Points(*(column[start * 8 : end * 8] for column in points))
            self._parts.extend(wire.metric_part(name, part))
            self._room -= overhead + (end - start) * POINT_BYTES
            self._metric_keys.append(name.key)
            self._points += end - start
            start = end
        return None
