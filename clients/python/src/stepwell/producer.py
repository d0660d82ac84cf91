"""This process as the daemon's producer: its buffer, its sending thread, its forks and its end.

Before a fork the thread stops and closes its connection, after it the parent starts it
again: the child inherits no socket, no lock that somebody holds and no event loop, and
the parent sends what was not acknowledged once more, which the daemon recognises. The
child begins with a producer of its own when it logs for the first time. Where a process
was forked without Python's hooks, the changed pid is noticed at the next call.
"""

import contextlib
import os
import selectors
import socket
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Optional

from . import limits
from ._version import VERSION
from .buffer import Buffer
from .errors import StepwellError
from .identity import process_identity
from .spool import Spool
from .spool_memory import spool_memory
from .stats import Counters, Stats
from .waiters import Waiter
from .waiting import wait_for
from .warning import warn

if TYPE_CHECKING:
    import asyncio

    from .daemon_state import Drained


class Producer:
    """Everything that one process needs to log. Made at the first use; see current_producer()."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.pid = os.getpid()
        self.counters = Counters()
        bytes_max = _number(environment, "STEPWELL_BUFFER_BYTES", limits.BUFFER_BYTES_MAX)
        self.exit_seconds = _number(environment, "STEPWELL_EXIT_TIMEOUT", limits.EXIT_SECONDS)
        producer_id = os.urandom(16)
        memory, trouble = spool_memory(environment, producer_id)
        spool = Spool(memory, int(bytes_max))
        spool.introduce(producer_id, process_identity(), VERSION)
        self.buffer = Buffer(spool, int(bytes_max), self.counters, self._wake)
        if trouble is not None:
            warn(trouble)
        # With them come asyncio and grpclib, which a program that logs nothing does without.
        from .daemon_finder import DaemonFinder
        from .sender import Sender

        self._sender = Sender(producer_id, self.buffer, self.counters, DaemonFinder(environment))
        self._lock = threading.RLock()
        self._thread: Optional[threading.Thread] = None
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._running: Optional[asyncio.Task[None]] = None
        self._holds = 0

    def flush(self, timeout: Optional[float]) -> None:
        """Waits until all that was logged is acknowledged; see stepwell.flush()."""
        seconds = limits.FLUSH_SECONDS if timeout is None else timeout
        waiter = self._new_waiter()
        if waiter is not None and not wait_for(lambda: waiter.is_over, seconds):
            raise self._timeout(seconds)
        _raise_error_of(waiter)

    def drain(self, timeout: Optional[float]) -> "Drained":
        """Waits until the backends have all that was logged; see stepwell.drain()."""
        from .daemon_state import Drained, checked_drain_seconds, drain

        seconds = checked_drain_seconds(timeout)
        began = time.monotonic()
        self.flush(seconds)
        run_ids = self.buffer.run_ids
        if run_ids == ():
            return Drained(True, (), 0)
        return drain(max(seconds - (time.monotonic() - began), 0.0), run_ids or ())

    def settle(self, seconds: float) -> None:
        """Waits as flush(), as long as acknowledgements go on arriving.

        Raises STEPWELL_FLUSH_TIMEOUT when in so many seconds none came.
        """
        waiter = self._new_waiter()
        outbox = self._sender.outbox
        while waiter is not None:
            before = outbox.first_sequence
            if wait_for(lambda: waiter.is_over, seconds):
                return _raise_error_of(waiter)
            if outbox.first_sequence == before:
                raise self._timeout(seconds)
        return None

    @property
    def has_pending(self) -> bool:
        """Whether anything is not acknowledged. The sending thread may hold it between buffer and outbox."""
        if self._thread is not None:
            return True
        return self.buffer.has_entries or not self._sender.outbox.is_empty or bool(self._sender.endings)

    @property
    def pending_entries(self) -> int:
        return self.buffer.entries + self._sender.outbox.entries

    def tell_of(self, run_id: str, name: str, status: str) -> None:
        """Has people told what became of a run that was just ended, once the daemon has its end."""
        self._sender.endings.add(run_id, name, status)

    def stats(self) -> Stats:
        """The counters now."""
        counters = self.counters
        return Stats(
            sent=counters.sent,
            acknowledged=counters.acknowledged,
            rejected=counters.rejected,
            dropped=counters.dropped,
            pending=self.pending_entries,
            pending_bytes=self.buffer.used_bytes,
            connects=counters.connects,
        )

    def close(self) -> Optional[str]:
        """Sends what is left as long as acknowledgements arrive, and ends the thread. Says what was lost."""
        left = self._send_rest() if self.has_pending else None
        # Other threads may log until here.
        self.buffer.close(StepwellError("STEPWELL_PROCESS_ENDED", "What is logged from now on is dropped."))
        if left is None and self.has_pending:
            left = self._send_rest()
            self._end_thread()
        if left is None:
            self.buffer.spool.remove()
        counters = self.counters
        lost = f"{counters.dropped} entries and {counters.dropped_runs} whole runs were dropped"
        has_lost = counters.dropped + counters.dropped_runs > 0
        said = [left] if left is not None else []
        return " ".join([*said, f"In all {lost}."] if has_lost else said) or None

    def _send_rest(self) -> Optional[str]:
        """Waits for what was logged so far; says why, where that is in vain."""
        try:
            self.settle(self.exit_seconds)
        except StepwellError as error:
            return self._given_up(str(error))
        except KeyboardInterrupt:
            return self._given_up(f"Interrupted while {self.pending_entries} entries were not acknowledged.")
        return None

    def _end_thread(self) -> None:
        self._sender.is_closing = True
        self.buffer.wake()
        thread = self._thread
        if thread is not None:
            wait_for(lambda: not thread.is_alive(), limits.CLOSE_SECONDS + 1)
        self._sender.endings.tell_rest()

    def _given_up(self, why: str) -> str:
        self._stop()
        self.buffer.close()
        return f"{why} They are in the home's spool, for the daemon." if self.buffer.spool.is_kept else why

    def _new_waiter(self) -> Optional[Waiter]:
        """A wait for all that was logged; None for nothing. Raises what ended the stream for good."""
        if self._sender.failure is not None:
            # The thread that would end the wait has ended.
            raise self._sender.failure
        if not self.has_pending:
            return None
        waiter = Waiter()
        self._sender.waiters.add(waiter)
        self.buffer.wake()
        return waiter

    def hold(self) -> None:
        """Stops the thread until release() was called as often."""
        with self._lock:
            self._holds += 1
            # It may fork itself, to start the daemon: gevent's subprocesses come here, too.
            if threading.current_thread() is not self._thread:
                self._stop()

    def release(self) -> None:
        """Starts the thread again when something is left to be sent or somebody waits."""
        with self._lock:
            self._holds -= 1
        # Not within the lock: who holds the buffer's may want this one.
        is_needed = (
            self.buffer.has_entries
            or not self._sender.outbox.is_empty
            or self._sender.waiters
            or self._sender.endings
        )
        # The daemon may know of this process by its stream alone.
        if is_needed or self.buffer.has_open_runs:
            self.buffer.wake()
        else:
            self.buffer.is_awake = False
            self.buffer.slow_down()

    def _wake(self) -> None:
        loop, thread = self._loop, self._thread
        if loop is not None and thread is not None:
            try:
                loop.call_soon_threadsafe(self._sender.wake)
                return
            except RuntimeError:
                # The loop has been closed since: its thread is about to end.
                pass
        with self._lock:
            if self._holds == 0 and (self._thread is None or not self._thread.is_alive()):
                self._start()

    def _start(self) -> None:
        if self._sender.failure is not None or self._sender.is_closing:
            return
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(started,), name="stepwell-sender", daemon=True
        )
        try:
            self._thread.start()
        except RuntimeError:
            # Newer Pythons start no thread at the end of the process: close() says what is left.
            self._thread = None
            return
        wait_for(started.is_set, limits.STOP_SECONDS)

    def _run(self, started: threading.Event) -> None:
        import asyncio

        while not _can_open_files():
            # Who waits for the start goes on: what is logged lies in the spool meanwhile.
            started.set()
            time.sleep(limits.RECONNECT_SECONDS_MIN)
            if self._holds > 0:
                return
        # A poll keeps nothing in the kernel that a forked child could share.
        selector = getattr(selectors, "PollSelector", selectors.SelectSelector)()
        loop = asyncio.SelectorEventLoop(selector)
        asyncio.set_event_loop(loop)
        try:
            self._running = loop.create_task(self._sender.run())
            loop.call_soon(started.set)
            self._loop = loop
            loop.run_until_complete(self._running)
        except asyncio.CancelledError:
            pass
        finally:
            self._loop = None
            self._running = None
            asyncio.set_event_loop(None)
            loop.close()

    def _stop(self) -> None:
        """Cancels what the thread does and waits for its end, for a bounded time."""
        thread, loop, running = self._thread, self._loop, self._running
        if thread is None:
            return
        if loop is not None and running is not None:
            # A loop that is closed has ended by itself.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(running.cancel)
        if wait_for(lambda: not thread.is_alive(), limits.STOP_SECONDS):
            self._thread = None

    def _timeout(self, seconds: float) -> StepwellError:
        trouble = self._sender.trouble
        reason = f" {trouble.sentence}" if trouble is not None else ""
        outbox = self._sender.outbox
        runs = len(outbox.run_ids.union(run.run_id for run in self.buffer.runs if run.has_entries))
        of_runs = f"{runs} run" if runs == 1 else f"{runs} runs"
        entries = self.pending_entries
        what = "1 entry was" if entries == 1 else f"{entries} entries were"
        left = f"{what} not acknowledged, of {of_runs}"
        # Where the cause is known, waiting longer is no remedy.
        remedy = trouble.remedy if trouble is not None else None
        return StepwellError("STEPWELL_FLUSH_TIMEOUT", f"After {seconds:g} s {left}.{reason}", remedy)


def _can_open_files() -> bool:
    """Whether an event loop can be made: it needs a pair of sockets."""
    try:
        for end in socket.socketpair():
            end.close()
    except OSError:
        return False
    return True


def _raise_error_of(waiter: Optional[Waiter]) -> None:
    if waiter is not None and waiter.error is not None:
        raise waiter.error


_current: Optional[Producer] = None
_making = threading.RLock()
_loaded: "list[object]" = []
# Producers of a forked parent; their parts may be in any state and are never touched again.
_inherited: list[Producer] = []


def current_producer() -> Producer:
    """This process's producer. Raises STEPWELL_SETTING_INVALID when it is made with a bad variable."""
    producer = _current
    if producer is not None and producer.pid == os.getpid():
        return producer
    return _make()


def producer_if_any() -> Optional[Producer]:
    """This process's producer, or None when it has not logged."""
    producer = _current
    return producer if producer is not None and producer.pid == os.getpid() else None


def _make() -> Producer:
    global _current
    _load()
    with _making:
        if _current is None or _current.pid != os.getpid():
            if _current is not None:
                _inherited.append(_current)
            made = Producer(os.environ)
            # A signal handler that logs may have come between.
            if _current is None or _current.pid != os.getpid():
                _current = made
        return _current


def _load() -> None:
    """Loads what a producer is made of, in a thread of its own.

    A signal handler that logs meanwhile waits for that thread. In this one it would find half of it.
    """
    if _loaded:
        return
    thread = threading.Thread(target=_load_here, name="stepwell-load", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        # Newer Pythons start no thread at the end of the process.
        return
    thread.join()


def _load_here() -> None:
    from . import daemon_finder, sender

    _loaded.extend((daemon_finder, sender))


def _before_fork() -> None:
    producer = producer_if_any()
    if producer is not None:
        producer.hold()


def _after_fork_in_parent() -> None:
    producer = producer_if_any()
    if producer is not None:
        producer.release()


def _after_fork_in_child() -> None:
    global _making
    _making = threading.RLock()
    if _current is not None:
        _current.buffer.slow_down()


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise StepwellError("STEPWELL_SETTING_INVALID", f"{name} is {text!r}, which is no such number.")
    return number


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
    )
