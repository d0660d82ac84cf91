"""Single calls to the daemon, beside the stream of logs."""

from collections.abc import Mapping
from typing import Any, Optional

from grpclib.const import Cardinality

from . import limits
from .contract import PASSING_CODES
from .daemon_call import DaemonCall, Response
from .errors import StepwellError
from .stream_errors import UNSAFE_CODES
from .waiting import wait_for


def call_daemon(
    environment: Mapping[str, str],
    method: str,
    request: Any,
    response_type: "type[Response]",
    seconds: float = limits.CALL_SECONDS,
) -> Response:
    """Makes a call, such as ``StepsService/StartStep``, and answers the daemon's message.

    Tries again until the time is over while the daemon is in trouble, and starts it where there
    is none. Raises StepwellError: the daemon's own, or the trouble that it ended with. A call whose
    wait is interrupted is given up.
    """
    return _answers(_Call(environment, method, request, response_type), seconds)[0]


def list_daemon(
    environment: Mapping[str, str],
    method: str,
    request: Any,
    response_type: "type[Response]",
    seconds: float = limits.CALL_SECONDS,
) -> "list[Response]":
    """The same of a call that answers in pieces, as ``StacksService/ListStacks`` does: all or none."""
    return _answers(_ListCall(environment, method, request, response_type), seconds)


def is_passing(error: StepwellError) -> bool:
    """Whether the daemon or its home is in trouble, and not the request."""
    return error.code in PASSING_CODES or error.code in UNSAFE_CODES


def _answers(call: "_Call[Response]", seconds: float) -> "list[Response]":
    call.start(seconds)
    try:
        wait_for(lambda: call.is_over, seconds + limits.DAEMON_START_SECONDS)
    except BaseException:
        call.give_up()
        raise
    if call.answers:
        return call.answers
    raise call.error or StepwellError("STEPWELL_DAEMON_UNREACHABLE", f"No answer came in {seconds:g} s.")


class _Call(DaemonCall[Response]):
    answers: "Optional[list[Response]]" = None

    async def read(self, stream: Any) -> None:
        answers = [answer async for answer in stream]
        # It could end in an error yet.
        await stream.recv_trailing_metadata()
        self.answers = answers


class _ListCall(_Call[Response]):
    cardinality = Cardinality.UNARY_STREAM
