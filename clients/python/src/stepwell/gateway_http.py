"""Requests to the daemon's gateway, by the standard library alone. Bodies are streamed, never held whole."""

import contextlib
import http.client
import json
import random
import socket
import time
from collections.abc import Iterable
from typing import Any, BinaryIO, Callable, Optional
from urllib.parse import quote, urlencode, urlsplit

from . import limits
from .errors import StepwellError

# What can be sent: a body that is made anew for each try, and its length.
Body = tuple[Callable[[], Iterable[bytes]], int]


class Gateway:
    """MLflow's API at an address that the daemon gave.

    Each call is made once more where its connection breaks. It raises StepwellError:
    STEPWELL_DAEMON_UNREACHABLE when nothing answers for a while, or STEPWELL_ARTIFACT_REFUSED with what the
    server says.
    """

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._root = parts.path.rstrip("/")

    def ask(self, path: str, **query: str) -> Any:
        """What it answers to a GET, read as JSON."""
        return json.loads(_said(*self._send("GET", f"{path}?{urlencode(query)}")))

    def get(self, path: str) -> Optional[bytes]:
        """What is stored at a path, whose parts are not escaped yet; None where there is nothing."""
        status, answer = self._send("GET", quote(path))
        return None if status == 404 else _said(status, answer)

    def put(self, path: str, body: Body, media_type: str) -> None:
        """Stores a body at a path, whose parts are not escaped yet."""
        _said(*self._send("PUT", quote(path), body, media_type))

    def _send(
        self, method: str, target: str, body: Optional[Body] = None, media_type: str = ""
    ) -> "tuple[int, bytes]":
        deadline = time.monotonic() + limits.GATEWAY_SECONDS
        while True:
            try:
                return self._try(method, target, body, media_type)
            except (OSError, http.client.HTTPException) as error:
                if time.monotonic() > deadline:
                    # The address opens the tracker: it is not shown.
                    sentence = f"The daemon's gateway did not answer: {error!r:.300}."
                    raise StepwellError("STEPWELL_DAEMON_UNREACHABLE", sentence) from None
            time.sleep(random.uniform(0, limits.CALL_PAUSE_SECONDS_MAX))

    def _try(self, method: str, target: str, body: Optional[Body], media_type: str) -> "tuple[int, bytes]":
        connection = http.client.HTTPConnection(self._host, self._port, timeout=limits.GATEWAY_STILL_SECONDS)
        headers = {} if body is None else {"Content-Type": media_type, "Content-Length": str(body[1])}
        try:
            # Who refuses a long body may say so, and read no more of it.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, self._root + target, body and body[0](), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def _said(status: int, answer: bytes) -> bytes:
    """A good answer as it is. Raises STEPWELL_ARTIFACT_REFUSED."""
    if status < 300:
        return answer
    text = answer.decode(errors="replace")
    with contextlib.suppress(ValueError, KeyError, TypeError):
        text = str(json.loads(text)["message"])
    raise StepwellError("STEPWELL_ARTIFACT_REFUSED", f"The answer was {status}: {text[:500].rstrip('.')}.")


def is_reachable(uri: str) -> bool:
    """Whether anybody accepts connections at an address."""
    parts = urlsplit(uri)
    try:
        address = (parts.hostname or "", parts.port or 80)
        socket.create_connection(address, limits.GATEWAY_LOOK_SECONDS).close()
    except OSError:
        return False
    return True


def chunks_of(file: BinaryIO, length: int) -> Iterable[bytes]:
    """So many bytes of a file. Raises STEPWELL_ARTIFACT_INVALID when they are not there."""
    left = length
    while left > 0:
        chunk = file.read(min(left, limits.ARTIFACT_CHUNK_BYTES))
        if not chunk:
            raise StepwellError("STEPWELL_ARTIFACT_INVALID", "The file became shorter while it was read.")
        left -= len(chunk)
        yield chunk
