"""Single calls to the daemon, beside the stream of logs.

Each call has a thread with an event loop and a connection of its own: it works inside of any
event loop, after any fork, and while the stream is in trouble.
"""

import asyncio
import contextlib
import random
import selectors
import threading
import time
from collections.abc import Mapping
from typing import Any, Optional, TypeVar

from grpclib.const import Cardinality

from . import limits
from .connection import connected
from .contract import PASSING_CODES
from .daemon_finder import DaemonFinder
from .errors import StepwellError
from .stream_errors import STREAM_ENDS, TROUBLE, UNSAFE_CODES, error_of, trouble_of
from .waiting import wait_for

_Response = TypeVar("_Response")


def call_daemon(
    environment: Mapping[str, str],
    method: str,
    request: Any,
    response_type: "type[_Response]",
    seconds: float = limits.CALL_SECONDS,
) -> _Response:
    """Makes a call, such as ``StepsService/StartStep``, and answers the daemon's message.

    Tries again until the time is over while the daemon is in trouble, and starts it where there
    is none. Raises StepwellError: the daemon's own, or the trouble that it ended with. A call whose
    wait is interrupted is given up.
    """
    call = _Call(environment, f"/stepwell.v1.{method}", request.SerializeToString(), response_type)
    thread = threading.Thread(target=call.run, args=(seconds,), name="stepwell-call", daemon=True)
    thread.start()
    try:
        wait_for(lambda: not thread.is_alive(), seconds + limits.DAEMON_START_SECONDS)
    except BaseException:
        call.give_up()
        wait_for(lambda: not thread.is_alive(), limits.STOP_SECONDS)
        raise
    if call.response is not None:
        return call.response
    raise call.error or StepwellError("STEPWELL_DAEMON_UNREACHABLE", f"No answer came in {seconds:g} s.")


def is_passing(error: StepwellError) -> bool:
    """Whether the daemon or its home is in trouble, and not the request."""
    return error.code in PASSING_CODES or error.code in UNSAFE_CODES


class _Call:
    def __init__(
        self, environment: Mapping[str, str], method: str, request: bytes, response_type: "type[Any]"
    ) -> None:
        self._finder = DaemonFinder(environment)
        self._method = method
        self._request = request
        self._response_type = response_type
        self.response: Optional[Any] = None
        self.error: Optional[StepwellError] = None
        # A poll keeps nothing in the kernel that a forked child could share.
        selector = getattr(selectors, "PollSelector", selectors.SelectSelector)()
        self._loop = asyncio.SelectorEventLoop(selector)
        self._trying: Optional[asyncio.Task[None]] = None

    def give_up(self) -> None:
        """Ends the call, which the daemon sees; from another thread."""
        with contextlib.suppress(RuntimeError):
            # A loop that is closed has ended by itself.
            self._loop.call_soon_threadsafe(lambda: self._trying and self._trying.cancel())

    def run(self, seconds: float) -> None:
        loop = self._loop
        try:
            self._trying = loop.create_task(self._keep_trying(time.monotonic() + seconds))
            loop.run_until_complete(self._trying)
        except asyncio.CancelledError:
            pass
        except Exception as error:
            self.error = StepwellError("STEPWELL_INTERNAL", f"The call failed: {error!r}.")
        finally:
            loop.close()

    async def _keep_trying(self, deadline: float) -> None:
        bound = limits.CALL_PAUSE_SECONDS_MIN
        while True:
            try:
                left = max(0.1, deadline - time.monotonic())
                self.response = await asyncio.wait_for(self._try(), left)
                return
            except TROUBLE as error:
                self.error = trouble_of(error)
            if self.error.code not in PASSING_CODES or time.monotonic() >= deadline:
                return
            await asyncio.sleep(random.uniform(0, bound))
            bound = min(limits.CALL_PAUSE_SECONDS_MAX, bound * 2)

    async def _try(self) -> Any:
        async with connected(self._finder, may_start=True) as channel:
            call = channel.request(self._method, Cardinality.UNARY_UNARY, bytes, self._response_type)
            async with call as stream:
                try:
                    await stream.send_message(self._request, end=True)
                    answer = await stream.recv_message()
                    await stream.recv_trailing_metadata()
                except STREAM_ENDS:
                    given = error_of(stream)
                    if given is None:
                        raise
                    raise given from None
                return answer
