"""Keeps one stream to the daemon open, whatever happens to either.

A stream ends in an error, or answers nothing: the next one is opened after a pause drawn
at random, with a higher epoch. The daemon's Welcome says what is on its disk; the rest is
sent again in order, so that nothing is lost or doubled.
"""

import asyncio
import random
import sys
import time
from collections.abc import Awaitable
from typing import Any, Optional

from grpclib.client import Stream
from grpclib.const import Cardinality
from grpclib.exceptions import StreamTerminatedError

from . import limits, wire
from ._version import VERSION
from .batch import Content, Cutter, Source
from .buffer import Buffer
from .channel import DaemonChannel
from .connection import connected
from .daemon_finder import DaemonFinder
from .endings import Endings
from .errors import StepwellError
from .identity import process_identity
from .outbox import Outbox, Settled
from .refusals import Refusals
from .stats import Counters
from .stream_errors import FINAL_CODES, STREAM_ENDS, TROUBLE, UNSAFE_CODES, error_of, trouble_of
from .v1 import ingest_pb2
from .waiters import Waiters
from .warning import warn

_IngestStream = Stream[bytes, ingest_pb2.IngestResponse]


class Sender:
    """The producer's state, kept over stops and starts of its thread, and the coroutines that work on it."""

    def __init__(self, producer_id: bytes, buffer: Buffer, counters: Counters, finder: DaemonFinder) -> None:
        self._buffer = buffer
        self._counters = counters
        self._finder = finder
        self._producer_id = producer_id
        self._epoch = 0
        # The home that the last daemon had.
        self._home_id = ""
        self.outbox = Outbox()
        self.waiters = Waiters()
        self.failure: Optional[StepwellError] = None
        self.trouble: Optional[StepwellError] = None
        self.is_closing = False
        self._batch_bytes_max = limits.BATCH_BYTES_MAX
        self._refusals = Refusals(counters)
        # Runs that were ended, and are to be told of.
        self.endings = Endings()
        self._channel: Optional[DaemonChannel] = None

    async def run(self) -> None:
        """Sends until it is cancelled, closed or failed."""
        # Events belong to the loop that they are made in, and each run has a loop of its own.
        self._stir = asyncio.Event()
        self._wake = asyncio.Event()
        ticking = asyncio.ensure_future(self._tick())
        try:
            await self._keep_streaming()
        except Exception as error:
            self._fail(StepwellError("STEPWELL_INTERNAL", f"The sender failed: {error!r}."))
        finally:
            await _cancelled(ticking)

    def wake(self) -> None:
        """Something is to be sent, or somebody waits. To be called in the loop's thread."""
        self._wake.set()
        self._stir.set()

    # The ticker: bounds, waiters, and what the writer is to take.

    async def _tick(self) -> None:
        quiet_since = time.monotonic()
        while True:
            started = time.perf_counter()
            self._mark_waiters()
            self._settle_waiters()
            self._buffer.forget_settled()
            now = time.monotonic()
            if self._buffer.has_entries:
                quiet_since = now
                self._stir.set()
            elif now - quiet_since > limits.IDLE_SECONDS:
                await self._sleep_until_woken()
                quiet_since = time.monotonic()
                continue
            # Looking through very many keys may take no more than a part of this thread's time.
            took = time.perf_counter() - started
            await asyncio.sleep(min(max(limits.LINGER_SECONDS, 4 * took), limits.LINGER_SECONDS_MAX))

    async def _sleep_until_woken(self) -> None:
        self._wake.clear()
        self._buffer.is_awake = False
        self._buffer.slow_down()
        # A log call that was on the fast path meanwhile is seen at the next look.
        await asyncio.sleep(limits.LINGER_SECONDS)
        while not self._buffer.has_entries and not self.waiters and not self._wake.is_set():
            self._buffer.forget_settled()
            handle = asyncio.get_running_loop().call_later(limits.IDLE_LOOK_SECONDS, self._wake.set)
            await self._wake.wait()
            handle.cancel()
            if not self._buffer.is_awake:
                self._wake.clear()
        self._buffer.is_awake = True

    def _mark_waiters(self) -> None:
        for waiter in self.waiters.unmarked():
            # Once, and all of it: other threads may log faster than this one would come to an end.
            self._cut(sys.maxsize)
            waiter.mark = self.outbox.next_sequence - 1
            self._stir.set()

    def _settle_waiters(self) -> None:
        self.waiters.settle(self.outbox.first_sequence, self.failure)

    def _cut(self, room: int) -> None:
        """Moves about room bytes of what waits into the outbox."""
        for run in self._buffer.runs:
            if room <= 0:
                return
            content = run.take(room)
            if content.is_empty:
                continue
            before = self.outbox.bytes
            self._add_to_outbox(run.run_id, run.start, content)
            room -= self.outbox.bytes - before

    def _add_to_outbox(self, run_id: str, start: Optional[bytes], content: Content) -> None:
        sequence = lambda: self.outbox.next_sequence  # noqa: E731
        Cutter(run_id, start, self._batch_bytes_max, sequence, self.outbox.add, self._refuse).cut(content)

    def _refuse(self, source: Source, name: str) -> None:
        """It fits into no message; whoever finds the spool takes it for sent."""
        source.note(self.outbox.next_sequence)
        self._buffer.release([source])
        self._refusals.too_large(name)

    def _settle(self, settled: Settled) -> None:
        self._counters.acknowledged += settled.entries
        self._buffer.release(settled.sources)

    async def _keep_streaming(self) -> None:
        failures = 0
        unreachable_since: Optional[float] = None
        has_warned = False
        while self.failure is None:
            connects = self._counters.connects
            try:
                await self._stream_once()
                return None
            except TROUBLE as error:
                trouble = trouble_of(error)
            if trouble.code in FINAL_CODES:
                return self._fail(trouble)
            now = time.monotonic()
            if self._counters.connects > connects:
                failures, unreachable_since = 0, None
            if unreachable_since is None:
                unreachable_since = now
            self.trouble = trouble
            patience = self._patience_with(trouble)
            if now - unreachable_since >= patience and not has_warned:
                has_warned = True
                warn(trouble)
            bound = min(limits.RECONNECT_SECONDS_MAX, limits.RECONNECT_SECONDS_MIN * 2**failures)
            failures = min(failures + 1, 16)
            await asyncio.sleep(random.uniform(0, bound))
        return None

    def _patience_with(self, trouble: StepwellError) -> float:
        """How long it may last before it is said: what does not pass by itself is said soon."""
        if trouble.code in UNSAFE_CODES:
            return 0.0
        if trouble is not self._finder.start_failure:
            return limits.UNREACHABLE_WARNING_SECONDS
        return 0.0 if self._finder.is_command_missing else limits.START_FAILURE_WARNING_SECONDS

    async def _stream_once(self) -> None:
        """Returns when the producer was closed; raises otherwise."""
        may_start = self._buffer.has_entries or not self.outbox.is_empty
        async with connected(self._finder, may_start=may_start) as channel:
            request = channel.request(
                wire.INGEST_METHOD, Cardinality.STREAM_STREAM, bytes, ingest_pb2.IngestResponse
            )
            self._channel = channel
            try:
                async with request as stream:
                    await self._talk(stream)
            finally:
                self.outbox.disconnected()
                self._channel = None
                await self.endings.stop()

    async def _talk(self, stream: _IngestStream) -> None:
        await self._or_error_of(stream, asyncio.wait_for(self._greet(stream), limits.WELCOME_SECONDS))
        reading = asyncio.ensure_future(self._or_error_of(stream, self._read(stream)))
        writing = asyncio.ensure_future(self._or_error_of(stream, self._write(stream)))
        try:
            done, _ = await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
            # What the daemon said of the end is worth more than that it could not be written to.
            (reading if reading in done else writing).result()
        finally:
            await _cancelled(writing)
            await _cancelled(reading)

    async def _greet(self, stream: _IngestStream) -> None:
        self._epoch += 1
        await stream.send_message(
            wire.hello_request(
                client_version=VERSION,
                producer_id=self._producer_id,
                epoch=self._epoch,
                first_unacknowledged_sequence=self.outbox.first_sequence,
                process=process_identity(),
            )
        )
        answer = await stream.recv_message()
        if answer is None:
            raise StreamTerminatedError("The stream ended before Welcome")
        if answer.WhichOneof("message") != "welcome":
            raise StepwellError("STEPWELL_HANDSHAKE_INVALID", "The daemon's first answer is no Welcome.")
        welcome = answer.welcome
        self._finder.check_id(welcome.home_id)
        self._batch_bytes_max = min(
            limits.BATCH_BYTES_MAX, welcome.message_bytes_max, welcome.unacknowledged_bytes_max
        )
        self._counters.connects += 1
        self.trouble = None
        self._settle(self.outbox.welcome(welcome.journaled_sequence, welcome.unacknowledged_bytes_max))
        if self._home_id not in ("", welcome.home_id):
            self._begin_runs_again(welcome.home_id)
        self._home_id = welcome.home_id
        self._look_at_endings()
        self._stir.set()

    def _look_at_endings(self) -> None:
        if self.endings and self._channel is not None and not self.is_closing:
            self.endings.look(self._channel, self.unacknowledged_ends())

    def unacknowledged_ends(self) -> "dict[str, bytes]":
        """How this process ended runs, where the daemon has not said that it knows: wire's pieces, by run."""
        return dict([*self.outbox.ends, *self._buffer.ends])

    def _begin_runs_again(self, home_id: str) -> None:
        """Another home, which may have another journal, gets the start of each run that goes on."""
        starts = self.outbox.run_starts
        for run in self._buffer.runs:
            run.start_again()
            starts.pop(run.run_id, None)
        for run_id, start in starts.items():
            record = self._buffer.start_record(run_id, start)
            if record is not None:
                self._add_to_outbox(run_id, start, Content([record], [], [], [], None))
        sentence = (
            f"The home has another id than before, {home_id} instead of {self._home_id}: "
            "its open runs were begun again, and what was acknowledged before may not be in it."
        )
        warn(StepwellError("STEPWELL_HOME_CHANGED", sentence))

    async def _write(self, stream: _IngestStream) -> None:
        """Returns after Close was answered."""
        while True:
            if self.outbox.room > 0:
                self._cut(self.outbox.room)
            taken = self.outbox.take()
            while taken is not None:
                batch, is_first = taken
                await stream.send_message(batch.request)
                if is_first:
                    self._counters.sent += batch.entries
                taken = self.outbox.take()
            if self.is_closing and self.outbox.is_empty and not self._buffer.has_entries:
                if self._channel is not None:
                    await self.endings.tell_all(self._channel)
                return await asyncio.wait_for(self._close(stream), limits.CLOSE_SECONDS)
            await self._stir.wait()
            self._stir.clear()

    async def _close(self, stream: _IngestStream) -> None:
        await stream.send_message(wire.close_request(), end=True)
        # The reader ends with the stream, and so does this wait.
        await asyncio.sleep(limits.CLOSE_SECONDS)

    async def _read(self, stream: _IngestStream) -> None:
        """Returns when the daemon has ended a stream that was closed."""
        while True:
            answer = await stream.recv_message()
            if answer is None:
                if self.is_closing and self.outbox.is_empty:
                    return
                raise StreamTerminatedError("The daemon ended the stream")
            kind = answer.WhichOneof("message")
            if kind == "ack":
                self._settle(self.outbox.acknowledge(answer.ack.sequence))
                self._settle_waiters()
                self._look_at_endings()
                if self.is_closing or self._buffer.has_entries or not self.outbox.is_empty:
                    self._stir.set()
            elif kind == "rejection":
                self._refusals.rejected(self.outbox, answer.rejection)
            elif kind == "rewind":
                self.outbox.rewind(answer.rewind.expected_sequence)
                self._stir.set()

    async def _or_error_of(self, stream: _IngestStream, work: Awaitable[None]) -> None:
        """Does the work; when the daemon ended the stream, raises the error that it gave."""
        try:
            await work
        except STREAM_ENDS:
            given = error_of(stream)
            if given is None:
                raise
            raise given from None

    def _fail(self, error: StepwellError) -> None:
        self.failure = error
        self._buffer.close()
        self._settle_waiters()
        warn(error)


async def _cancelled(task: "asyncio.Future[Any]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
