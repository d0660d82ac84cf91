"""Counters of this process. An entry is a metric point, a param or a tag."""

from typing import NamedTuple


class Stats(NamedTuple):
    """What became of the entries that this process logged; a forked child counts from zero."""

    sent: int
    """Entries handed to the daemon, each counted once however often it was sent."""
    acknowledged: int
    """Entries that are on the daemon's disk."""
    rejected: int
    """Entries that the daemon refused."""
    dropped: int
    """Entries dropped because the buffer was full or the client had to stop."""
    pending: int
    """Entries that were logged and are not answered yet."""
    pending_bytes: int
    """Memory that pending entries take, about."""
    connects: int
    """Streams that the daemon welcomed."""


class Counters:
    """The counters behind Stats; written by the sending thread, but for what is dropped."""

    def __init__(self) -> None:
        self.sent = 0
        self.acknowledged = 0
        self.rejected = 0
        self.dropped = 0
        # Runs that found no room: nothing of them is sent.
        self.dropped_runs = 0
        self.connects = 0
