"""What is logged and not yet acknowledged, within a bound.

Any thread writes, the sending thread takes; no log call holds a lock that the other side may
hold for long. Everything that must be looked at (a new key, a full chunk, a sleeping sender, a
fork) empties the dictionaries of the fast path, so that the fast path pays nothing for it.
"""

import threading
import time
from collections.abc import Iterable
from typing import Callable, Optional

from . import limits
from .batch import Source
from .errors import StepwellError
from .fork_mark import fork_mark
from .records import Kind, Record
from .run_buffer import Beginning, RunBuffer
from .spool import Spool
from .stats import Counters


class Buffer:
    """The run buffers of one process, whose entries lie in its spool."""

    def __init__(self, spool: Spool, bytes_max: int, counters: Counters, wake: Callable[[], None]) -> None:
        # True in this process, and in none that is forked from it.
        self.here = fork_mark()
        self.spool = spool
        self.bytes_max = bytes_max
        self._counters = counters
        self._wake = wake
        self._lock = threading.RLock()
        # In the order in which they were begun: a run may be there twice, when it ended and goes on.
        self._runs: dict[RunBuffer, None] = {}
        self._open: dict[str, RunBuffer] = {}
        self._openings = 0
        self._run_ids: dict[str, None] = {}
        self._seen: Optional[tuple[RunBuffer, ...]] = ()
        self._when_closed: Optional[StepwellError] = None
        self._has_warned = False
        self.is_closed = False
        self.is_awake = False

    def open_run(self, run_id: str, start: Optional[bytes], beginning: Beginning) -> RunBuffer:
        """The buffer of a run: the one that there is while it has not ended, else a new one."""
        with self._lock:
            run = self._open.get(run_id)
            if run is not None and not run.has_ended:
                run.share()
                return run
            run = RunBuffer(self, run_id, self._next_opening(), start, beginning)
            self._runs[run] = None
            self._open[run_id] = run
            self._seen = None
            # One more than a drain names, which says that there were too many.
            if len(self._run_ids) <= limits.DRAIN_RUNS_MAX:
                self._run_ids[run_id] = None
        # Not within the lock: a signal's handler may begin a run where its thread is alone.
        self.alone(run.begin)
        return run

    def start_record(self, run_id: str, start: bytes) -> Optional[Record]:
        """The start of a run that nobody logs to any more, for another home; None where there is no room."""
        made: list[Optional[Record]] = [None]
        run, opening = bytes.fromhex(run_id), self._next_opening()
        self.alone(lambda: made.append(self.spool.record(Kind.START, opening, run, [start])))
        return made[-1]

    def alone(self, action: Callable[[], object]) -> None:
        """Does what changes the spool when nobody else does."""
        self.spool.alone(action)

    def release(self, sources: Iterable[Source]) -> None:
        """What was acknowledged, or will never be sent. For the sending thread."""
        self.alone(lambda: [source.release(self.spool) for source in sources])

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
    def run_ids(self) -> "Optional[tuple[str, ...]]":
        """The runs that were ever logged to; None where they are more than a drain names."""
        with self._lock:
            run_ids = tuple(self._run_ids)
        return run_ids if len(run_ids) <= limits.DRAIN_RUNS_MAX else None

    @property
    def used_bytes(self) -> int:
        """What all of it takes, about."""
        return self.spool.used_bytes

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

    def forget_settled(self) -> None:
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
        self.alone(lambda: [run.give_back() for run in forgotten])

    def _next_opening(self) -> int:
        with self._lock:
            self._openings += 1
            return self._openings

    def slow_down(self) -> None:
        """Makes the next log call of each key take a second look."""
        for run in self.runs:
            run.fast.clear()

    def close(self, when_closed: Optional[StepwellError] = None) -> None:
        """Takes nothing more: what is logged from now on is dropped, counted and answered once."""
        self.is_closed = True
        self._when_closed = when_closed
        self.slow_down()

    def drop_run(self) -> None:
        """Counts a run of which nothing is taken."""
        self._counters.dropped_runs += 1
        self.drop(0)

    def drop(self, entries: int) -> None:
        """Counts entries that are not taken, and says so once; the end says how many. Called alone."""
        self._counters.dropped += entries
        if self.is_closed:
            said, self._when_closed = self._when_closed, None
        elif not self._has_warned:
            self._has_warned = True
            size = self.bytes_max // 1024 // 1024
            sentence = f"{size} MiB wait for the daemon: the newest entries are dropped."
            said = StepwellError("STEPWELL_BUFFER_FULL", sentence)
        else:
            said = None
        if said is not None:
            self.spool.say(said)


def now_ms() -> int:
    """Milliseconds since 1970 UTC."""
    return int(time.time() * 1000)
