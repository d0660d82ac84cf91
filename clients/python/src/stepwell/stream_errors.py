"""How streams end: what may pass, what is final, and what the daemon said of it."""

import asyncio
from typing import Any, Optional
from urllib.parse import unquote

from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError
from h2.exceptions import H2Error

from .contract import FINAL_CODES as FINAL_CODES, UNSAFE_CODES as UNSAFE_CODES
from .errors import StepwellError

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
