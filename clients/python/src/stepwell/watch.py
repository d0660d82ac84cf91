"""A call whose answers have no end of their own."""

import asyncio
import math
import os
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, Optional

from grpclib.const import Cardinality

from . import limits
from .daemon_call import DaemonCall, Response
from .errors import StepwellError
from .waiting import wait_for


def watch_daemon(
    method: str, request: Any, response_type: "type[Response]", interval: float, timeout: Optional[float]
) -> "Iterator[Response]":
    """What the daemon answers at each interval, until the time is over or the caller goes away.

    A caller that is slower than the interval gets the newest answer, and never a backlog. Raises
    StepwellError once the daemon is gone, or silent for longer than a call may take.
    """
    call: _Watch[Response] = _Watch(os.environ, method, request, response_type)
    call.still_seconds = interval + limits.CALL_SECONDS
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    call.start(limits.CALL_SECONDS)
    try:
        while wait_for(lambda: bool(call.newest) or call.is_over, deadline - time.monotonic()):
            if not call.newest:
                raise call.error or StepwellError(
                    "STEPWELL_DAEMON_UNREACHABLE", "The daemon ended the watch."
                )
            yield call.newest.popleft()
            if time.monotonic() >= deadline:
                return
    finally:
        call.give_up()


class _Watch(DaemonCall[Response]):
    cardinality = Cardinality.UNARY_STREAM
    still_seconds = limits.CALL_SECONDS

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.newest: deque[Response] = deque(maxlen=1)
        self._has_answered = False

    async def ask(self, seconds: float) -> None:
        # Each wait in it has its own bound.
        await self.ask_once()

    async def read(self, stream: Any) -> None:
        while True:
            answer = await asyncio.wait_for(stream.recv_message(), self.still_seconds)
            if self.is_given_up:
                # Before Python 3.12 wait_for loses a cancellation that comes with the answer.
                raise asyncio.CancelledError
            if answer is None:
                await stream.recv_trailing_metadata()
                return
            self._has_answered = True
            self.newest.append(answer)

    def may_try_again(self, error: StepwellError) -> bool:
        # A watcher learns that the daemon went away.
        return not self._has_answered and super().may_try_again(error)
