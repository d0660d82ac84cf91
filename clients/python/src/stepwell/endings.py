"""What became of runs that this process ended: told once the daemon has their ends, by the sending thread.

Nobody waits for it but the end of the process, and that for a bounded time.
"""

import asyncio
import contextlib
from collections.abc import Collection
from typing import Any, NamedTuple

from grpclib.const import Cardinality

from . import limits
from .channel import DaemonChannel
from .notices import say
from .told_run import METHOD, RunRequest, ToldRun


class _Ended(NamedTuple):
    name: str
    status: str


class Endings:
    """The runs that are still to be told of, by their ids."""

    def __init__(self) -> None:
        self._ended: dict[str, _Ended] = {}
        self._telling: dict[str, asyncio.Task[None]] = {}

    def __bool__(self) -> bool:
        return bool(self._ended)

    def add(self, run_id: str, name: str, status: str) -> None:
        """Takes a run that was ended under the name that it was told of. From any thread."""
        self._ended[run_id] = _Ended(name, status)

    def look(self, channel: DaemonChannel, unacknowledged: "Collection[str]") -> None:
        """Begins to tell of the runs whose ends the daemon has. In the loop's thread, as all that follows."""
        for run_id in list(self._ended):
            if run_id not in self._telling and run_id not in unacknowledged:
                task = asyncio.ensure_future(self._tell_later(channel, run_id))
                self._telling[run_id] = task

    async def stop(self) -> None:
        """The connection is gone: what is not told yet is told on the next one."""
        for task in self._telling.values():
            task.cancel()
        await asyncio.gather(*self._telling.values(), return_exceptions=True)
        self._telling.clear()

    async def tell_all(self, channel: DaemonChannel) -> None:
        """Tells of all that are left, for the process ends."""
        await self.stop()
        with contextlib.suppress(asyncio.TimeoutError):
            telling = [self._tell(channel, run_id) for run_id in list(self._ended)]
            await asyncio.wait_for(asyncio.gather(*telling), limits.TELL_SECONDS)

    def tell_rest(self) -> None:
        """Tells of those that nobody could be asked of: the daemon has their ends, and is gone."""
        for run_id in list(self._ended):
            self._say(run_id, "")

    async def _tell_later(self, channel: DaemonChannel, run_id: str) -> None:
        """Gives the delivery a little time, so that most often there is nothing but that to say."""
        for pause in limits.TELL_PAUSES_SECONDS:
            await asyncio.sleep(pause)
            with contextlib.suppress(Exception):
                if not (await _ask_run(channel, run_id)).is_moving:
                    break
        await self._tell(channel, run_id)

    async def _tell(self, channel: DaemonChannel, run_id: str) -> None:
        try:
            standing = (await _ask_run(channel, run_id)).standing
        except Exception:
            # Its end is acknowledged, whatever keeps the daemon from saying more.
            standing = ""
        self._say(run_id, standing)

    def _say(self, run_id: str, standing: str) -> None:
        ended = self._ended.pop(run_id, None)
        if ended is not None:
            say(f"run {ended.name} {ended.status}. {standing or 'It is on disk, for the daemon to deliver.'}")


async def _ask_run(channel: DaemonChannel, run_id: str) -> ToldRun:
    """Asks the daemon on a connection. Raises what a stream may end in, or ValueError."""
    call: Any = channel.request(f"/stepwell.v1.{METHOD}", Cardinality.UNARY_UNARY, bytes, ToldRun)
    async with call as stream:
        await stream.send_message(RunRequest(run_id).SerializeToString(), end=True)
        answer: Any = await stream.recv_message()
        await stream.recv_trailing_metadata()
    if not isinstance(answer, ToldRun):
        raise ValueError("no answer came")
    return answer
