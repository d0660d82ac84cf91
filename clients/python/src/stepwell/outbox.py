"""Batches that the daemon has not acknowledged: sent in order, within the window, kept until then."""

from collections import deque
from typing import NamedTuple, Optional

from .batch import Batch, Source


class Settled(NamedTuple):
    """What acknowledged batches held; refused entries are not counted."""

    points: int
    entries: int
    # What of the spool was in them.
    sources: list[Source]


class _Held:
    __slots__ = ("batch", "refused", "was_sent")

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.was_sent = False
        # Entries that the daemon refused, by kind and index: a batch that is sent again is refused again.
        self.refused: dict[tuple[int, int], int] = {}


# EntryKind of types.proto: a refused start or end of a run is no entry in the caller's count.
_METRIC = 1
_COUNTED = (1, 2, 3)


class Outbox:
    """The producer's side of the sequence protocol. It does no input or output."""

    def __init__(self) -> None:
        self._held: deque[_Held] = deque()
        # The sequence of the first batch that is held, or of the next one to be added.
        self.first_sequence = 1
        # How many of the held batches are under way on the current stream.
        self._sent = 0
        self._in_flight_bytes = 0
        self._window_bytes = 0
        self._rewound_to = 0
        self.bytes = 0
        self.entries = 0

    @property
    def next_sequence(self) -> int:
        """The sequence of the batch that will be added next."""
        return self.first_sequence + len(self._held)

    @property
    def is_empty(self) -> bool:
        return not self._held

    @property
    def ends(self) -> list[tuple[str, bytes]]:
        """The runs' ends in held batches, in order. Other threads may ask, too."""
        batches = [held.batch for held in self._held.copy()]
        return [(batch.run_id, batch.end) for batch in batches if batch.end is not None]

    @property
    def run_ids(self) -> set[str]:
        """The runs that held batches are of. Other threads may ask, too."""
        return {held.batch.run_id for held in self._held.copy()}

    @property
    def run_starts(self) -> dict[str, bytes]:
        """The starts of the runs that held batches are of, by run, but for those that others began."""
        batches = [held.batch for held in self._held]
        return {batch.run_id: batch.run_start for batch in batches if batch.run_start is not None}

    @property
    def room(self) -> int:
        """Bytes that may be cut now: what the window takes beside all that is held."""
        return self._window_bytes - self.bytes

    def add(self, batch: Batch) -> None:
        """Takes a batch that was encoded with next_sequence."""
        self._held.append(_Held(batch))
        self.bytes += len(batch.request)
        self.entries += batch.entries

    def welcome(self, journaled_sequence: int, window_bytes: int) -> Settled:
        """A new stream: what the daemon has is settled, the rest is sent again from the start."""
        self.disconnected()
        self._window_bytes = window_bytes
        return self._settle(journaled_sequence)

    def disconnected(self) -> None:
        """The stream is gone: nothing is under way and nothing may be sent."""
        self._sent = 0
        self._in_flight_bytes = 0
        self._window_bytes = 0
        self._rewound_to = 0

    def take(self) -> Optional[tuple[Batch, bool]]:
        """The next batch that may be sent, and whether it is for the first time."""
        if self._sent == len(self._held):
            return None
        held = self._held[self._sent]
        size = len(held.batch.request)
        # A batch that was cut for a daemon with a larger window goes alone.
        if self._in_flight_bytes > 0 and self._in_flight_bytes + size > self._window_bytes:
            return None
        self._sent += 1
        self._in_flight_bytes += size
        is_first = not held.was_sent
        held.was_sent = True
        return held.batch, is_first

    def acknowledge(self, sequence: int) -> Settled:
        """The daemon has everything through the sequence."""
        return self._settle(sequence)

    def rewind(self, expected_sequence: int) -> None:
        """The daemon missed a sequence: go on from there.

        Batches that were under way behind the gap are each answered with the same request, so
        only the first one counts.
        """
        if expected_sequence == self._rewound_to or expected_sequence < self.first_sequence:
            return
        self._rewound_to = expected_sequence
        target = expected_sequence - self.first_sequence
        while self._sent > target:
            self._sent -= 1
            self._in_flight_bytes -= len(self._held[self._sent].batch.request)

    def reject(self, sequence: int, kind: int, index: int, entries: int) -> tuple[int, Optional[Batch]]:
        """Notes a refusal. The entries newly refused, and the batch while it is held."""
        place = sequence - self.first_sequence
        if not 0 <= place < len(self._held):
            return 0, None
        held = self._held[place]
        if (kind, index) in held.refused:
            return 0, held.batch
        held.refused[kind, index] = entries
        return (entries if kind in _COUNTED else 0), held.batch

    def _settle(self, sequence: int) -> Settled:
        points = entries = 0
        sources: list[Source] = []
        while self._held and self.first_sequence <= sequence:
            held = self._held.popleft()
            size = len(held.batch.request)
            self.first_sequence += 1
            self.bytes -= size
            self.entries -= held.batch.entries
            if self._sent > 0:
                self._sent -= 1
                self._in_flight_bytes -= size
            sources.extend(held.batch.sources)
            points += held.batch.points
            entries += held.batch.entries
            for (kind, _), count in held.refused.items():
                points -= count if kind == _METRIC else 0
                entries -= count if kind in _COUNTED else 0
        return Settled(points, entries, sources)
