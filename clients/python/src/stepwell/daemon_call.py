"""A call to the daemon in a thread with an event loop and a connection of its own.

So it works inside of any event loop, after any fork, and while the stream of logs is in trouble.
"""

import asyncio
import contextlib
import random
import selectors
import threading
import time
from collections.abc import Mapping
from typing import Any, Generic, Optional, TypeVar

from grpclib.const import Cardinality

from . import limits
from .connection import connected
from .contract import PASSING_CODES
from .daemon_finder import DaemonFinder
from .errors import StepwellError
from .stream_errors import STREAM_ENDS, TROUBLE, error_of, trouble_of
from .waiting import wait_for

Response = TypeVar("Response")


class DaemonCall(Generic[Response]):
    """Tries again until its time is over while the daemon is in trouble, and starts one where none is."""

    cardinality = Cardinality.UNARY_UNARY

    def __init__(
        self, environment: Mapping[str, str], method: str, request: Any, response_type: "type[Response]"
    ) -> None:
        self._finder = DaemonFinder(environment)
        self._method = f"/stepwell.v1.{method}"
        self._request: bytes = request.SerializeToString()
        self._response_type = response_type
        # Why it has no answer.
        self.error: Optional[StepwellError] = None
        # Whether nobody waits for it any more.
        self.is_given_up = False
        # A poll keeps nothing in the kernel that a forked child could share.
        selector = getattr(selectors, "PollSelector", selectors.SelectSelector)()
        self._loop = asyncio.SelectorEventLoop(selector)
        self._trying: Optional[asyncio.Task[None]] = None
        self._thread: Optional[threading.Thread] = None

    def start(self, seconds: float) -> None:
        """Begins; the time is that for an answer, starts of the daemon included."""
        self._thread = threading.Thread(target=self._run, args=(seconds,), name="stepwell-call", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether nothing comes any more; so it is in a forked child, which has no such thread."""
        return self._thread is None or not self._thread.is_alive()

    def give_up(self) -> None:
        """Ends it, which the daemon sees."""
        self.is_given_up = True
        with contextlib.suppress(RuntimeError):
            # A loop that is closed has ended by itself.
            self._loop.call_soon_threadsafe(lambda: self._trying and self._trying.cancel())
        wait_for(lambda: self.is_over, limits.STOP_SECONDS)

    async def read(self, stream: Any) -> None:
        """Takes what comes, to the end of the stream, in the call's own thread."""
        raise NotImplementedError

    async def ask(self, seconds: float) -> None:
        """One try, which ends within the time. Raises TROUBLE."""
        await asyncio.wait_for(self.ask_once(), seconds)

    def may_try_again(self, error: StepwellError) -> bool:
        """Whether the trouble may pass."""
        return error.code in PASSING_CODES

    async def ask_once(self) -> None:
        async with connected(self._finder, may_start=True) as channel:
            call = channel.request(self._method, self.cardinality, bytes, self._response_type)
            async with call as stream:
                try:
                    await stream.send_message(self._request, end=True)
                    await self.read(stream)
                except STREAM_ENDS:
                    given = error_of(stream)
                    if given is None:
                        raise
                    raise given from None

    def _run(self, seconds: float) -> None:
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
        while not self.is_given_up:
            try:
                await self.ask(max(0.1, deadline - time.monotonic()))
                return
            except TROUBLE as error:
                self.error = trouble_of(error)
            if not self.may_try_again(self.error) or time.monotonic() >= deadline:
                return
            await asyncio.sleep(random.uniform(0, bound))
            bound = min(limits.CALL_PAUSE_SECONDS_MAX, bound * 2)
