"""Who a daemon says it is, asked before anything else is said to it.

Read by hand: the generated classes of all that a daemon tells of its state would be loaded
for two texts.
"""

from typing import Any, NamedTuple

from grpclib.const import Cardinality

from .channel import DaemonChannel
from .errors import StepwellError
from .fields import Fields

_METHOD = "/stepwell.v1.DaemonService/GetInfo"
# Field numbers of GetInfoResponse.
_HOME = 5
_HOME_ID = 6


class Info(NamedTuple):
    """What is read of GetInfoResponse."""

    home: str
    home_id: str

    @classmethod
    def FromString(cls, data: bytes) -> "Info":
        """As the generated classes have it. Raises ValueError."""
        told = Fields(data)
        return cls(told.text(_HOME), told.text(_HOME_ID))


async def ask_info(channel: DaemonChannel) -> Info:
    """Asks the daemon. Raises what a stream may end in, or STEPWELL_DAEMON_UNREACHABLE."""
    call: Any = channel.request(_METHOD, Cardinality.UNARY_UNARY, bytes, Info)
    async with call as stream:
        await stream.send_message(b"", end=True)
        try:
            answer: Any = await stream.recv_message()
        except ValueError as error:
            raise _unknown(str(error)) from None
        await stream.recv_trailing_metadata()
    if not isinstance(answer, Info):
        raise _unknown("it gave no answer")
    return answer


def _unknown(reason: str) -> StepwellError:
    return StepwellError("STEPWELL_DAEMON_UNREACHABLE", f"What answers does not say who it is: {reason}.")
