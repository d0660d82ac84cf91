"""A connection to the home's own daemon, which is started where none answers."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from . import limits
from .channel import DaemonChannel, connect
from .daemon_finder import DaemonFinder
from .errors import StepwellError
from .info import ask_info


@asynccontextmanager
async def connected(finder: DaemonFinder, *, may_start: bool) -> AsyncIterator[DaemonChannel]:
    """A channel to a daemon that is this home's, and of this user.

    Raises OSError, asyncio.TimeoutError, what a stream may end in, STEPWELL_DAEMON_UNREACHABLE,
    STEPWELL_HOME_OPEN, STEPWELL_ENDPOINT_FOREIGN or STEPWELL_SETTING_INVALID.
    """
    connection = await _socket(finder, may_start)
    channel = DaemonChannel(connection)
    try:
        if not finder.is_fixed:
            info = await asyncio.wait_for(ask_info(channel), limits.WELCOME_SECONDS)
            finder.check(info.home)
        yield channel
    finally:
        channel.close()
        # The transport lets go of the socket in the loop's next steps.
        await asyncio.sleep(0)
        connection.close()


async def _socket(finder: DaemonFinder, may_start: bool) -> socket.socket:
    endpoint = finder.find()
    if endpoint is not None:
        try:
            return await asyncio.wait_for(connect(endpoint), limits.CONNECT_SECONDS)
        except (OSError, asyncio.TimeoutError):
            # A killed daemon leaves its file behind: another one is to be started.
            pass
    if not may_start:
        raise StepwellError("STEPWELL_DAEMON_UNREACHABLE", "No daemon answers, and nothing is to be sent.")
    await finder.start()
    endpoint = finder.find()
    if endpoint is None:
        missing = StepwellError("STEPWELL_DAEMON_UNREACHABLE", "There is no daemon, and starting one failed.")
        raise finder.start_failure or missing
    return await asyncio.wait_for(connect(endpoint), limits.CONNECT_SECONDS)
