"""How streams end: what may pass, what is final, and what the daemon said of it."""

import asyncio
from typing import Any, Optional
from urllib.parse import unquote

from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError
from h2.exceptions import H2Error

from .errors import StepwellError

# Codes after which no new stream can help.
FINAL_CODES = frozenset(
    (
        "STEPWELL_PRODUCER_FENCED",
        "STEPWELL_VERSION_MISMATCH",
        "STEPWELL_HANDSHAKE_INVALID",
        "STEPWELL_BATCH_MALFORMED",
        "STEPWELL_MESSAGE_TOO_LARGE",
    )
)
# Codes of a home or a socket that may be somebody else's: nothing is sent until that is mended.
UNSAFE_CODES = frozenset(("STEPWELL_HOME_OPEN", "STEPWELL_ENDPOINT_FOREIGN"))
# What a stream may end in.
STREAM_ENDS = (GRPCError, ProtocolError, StreamTerminatedError, H2Error)
TROUBLE = (OSError, asyncio.TimeoutError, StepwellError, *STREAM_ENDS)


def error_of(stream: Any) -> Optional[StepwellError]:
    """The error that the daemon ended the stream with, when it gave a code."""
    raw = getattr(stream, "_stream", None)
    given = dict(getattr(raw, "trailers", None) or getattr(raw, "headers", None) or ())
    code = given.get("stepwell-code")
    if code is None:
        return None
    return StepwellError(code, unquote(given.get("grpc-message", "")), given.get("stepwell-remedy", ""))


def trouble_of(error: BaseException) -> StepwellError:
    """Any end of a stream as one error."""
    if isinstance(error, StepwellError):
        return error
    return StepwellError("STEPWELL_DAEMON_UNREACHABLE", f"The stream to the daemon ended: {error!r}.")
