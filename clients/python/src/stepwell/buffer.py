"""What is logged and not yet cut into batches, within a bound.

Any thread writes, the sending thread takes; no log call holds a lock that the other side may
hold. Everything that must be looked at (a new key, a full buffer, a sleeping sender, a fork)
empties the dictionaries of the fast path, so that the fast path pays nothing for it.
"""

import os
import threading
import time
from typing import Callable, Optional

from .errors import StepwellError
from .limits import RUN_BYTES
from .run_buffer import Beginning, RunBuffer
from .stats import Counters
from .warning import warn


class Buffer:
    """The run buffers of one process and the bound over all of them."""

    def __init__(self, bytes_max: int, counters: Counters, wake: Callable[[], None]) -> None:
        self.pid = os.getpid()
        self.bytes_max = bytes_max
        self._counters = counters
        self._wake = wake
        self._lock = threading.RLock()
        # In the order in which they were begun: a run may be there twice, when it ended and goes on.
        self._runs: dict[RunBuffer, None] = {}
        self._open: dict[str, RunBuffer] = {}
        self._seen: Optional[tuple[RunBuffer, ...]] = ()
        self._has_room = True
        self._is_closed = False
        self._when_closed: Optional[StepwellError] = None
        self._has_warned = False
        self.used_bytes = 0
        self.is_awake = False

    def open_run(self, run_id: str, start: Optional[bytes], beginning: Beginning) -> RunBuffer:
        """The buffer of a run: the one that there is while it has not ended, else a new one."""
        with self._lock:
            run = self._open.get(run_id)
            if run is not None and not run.has_ended:
                run.share()
                return run
            is_lost = beginning != "attached" and self.used_bytes + RUN_BYTES > self.bytes_max
            run = RunBuffer(self, run_id, start, beginning, is_lost)
            if is_lost:
                self._counters.dropped_runs += 1
                self.drop(0)
                return run
            self.used_bytes += RUN_BYTES
            self._runs[run] = None
            self._open[run_id] = run
            self._seen = None
            return run

    def admit(self, new_bytes: int, entries: int) -> bool:
        """Whether new entries may be added; wakes the sender. What may not is dropped and counted."""
        if self._is_closed or not self._has_room or self.used_bytes + new_bytes > self.bytes_max:
            self.drop(entries)
            return False
        self.used_bytes += new_bytes
        self.nudge()
        return True

    def nudge(self) -> None:
        """Makes the sending thread look soon; it looks by itself while it is awake."""
        if not self.is_awake:
            self.wake()

    def wake(self) -> None:
        """Makes the sending thread look."""
        self.is_awake = True
        self._wake()

    @property
    def runs(self) -> tuple[RunBuffer, ...]:
        """The runs that are open, or have something that waits."""
        runs = self._seen
        if runs is None:
            with self._lock:
                runs = self._seen = tuple(self._runs)
        return runs

    @property
    def entries(self) -> int:
        """Entries that wait to be cut."""
        return sum(run.entries() for run in self.runs)

    @property
    def has_open_runs(self) -> bool:
        """Whether a run was begun or gone on with, and not ended."""
        return any(not run.has_ended for run in self.runs)

    @property
    def has_entries(self) -> bool:
        """Whether anything waits to be cut, runs' starts and ends included."""
        return any(run.has_entries for run in self.runs)

    @property
    def ends(self) -> list[tuple[str, bytes]]:
        """The runs' ends that wait to be cut."""
        waiting = ((run.run_id, run.end_part) for run in self.runs)
        return [(run_id, part) for run_id, part in waiting if part is not None]

    def measure(self, outbox_bytes: int) -> None:
        """Counts what is used, and stops or lets through new entries. For the sending thread."""
        self._forget_settled()
        self.used_bytes = sum(run.bytes() for run in self.runs) + outbox_bytes
        self._has_room = self.used_bytes < self.bytes_max
        if not self._has_room:
            self.slow_down()

    def _forget_settled(self) -> None:
        """Lets go of runs that have ended and were taken, and were so at the last look already.

        By now a log call that another thread's end overtook is over, and what it logged was seen.
        """
        settled = [run for run in self.runs if run.is_settled]
        forgotten = [run for run in settled if run.was_settled]
        for run in settled:
            run.was_settled = True
        if not forgotten:
            return
        with self._lock:
            for run in forgotten:
                del self._runs[run]
                if self._open.get(run.run_id) is run:
                    del self._open[run.run_id]
            self._seen = None

    def slow_down(self) -> None:
        """Makes the next log call of each key take a second look."""
        for run in self.runs:
            run.fast.clear()

    def close(self, when_closed: Optional[StepwellError] = None) -> None:
        """Takes nothing more: what is logged from now on is dropped, counted and answered once."""
        self._is_closed = True
        self._when_closed = when_closed
        self.slow_down()

    def drop(self, entries: int) -> None:
        """Counts entries that are not taken, and says so once; the producer's end says how many."""
        self._counters.dropped += entries
        if self._is_closed:
            said, self._when_closed = self._when_closed, None
        elif not self._has_warned:
            self._has_warned = True
            size = self.bytes_max // 1024 // 1024
            sentence = f"{size} MiB wait for the daemon: the newest entries are dropped."
            said = StepwellError("STEPWELL_BUFFER_FULL", sentence)
        else:
            said = None
        if said is not None:
            warn(said)


def now_ms() -> int:
    """Milliseconds since 1970 UTC."""
    return int(time.time() * 1000)
