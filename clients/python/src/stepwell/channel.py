"""One connection to the daemon, as grpclib takes it.

Two things differ from grpclib's own channel. The authority is ``localhost``, since servers
refuse one that is a socket's path. And what is written in one step of the event loop
leaves in one system call: each call gives up the interpreter's lock, and a training loop
that computes in Python holds it for 5 ms before it gives it back.
"""

import asyncio
import os
import socket
import struct
from typing import Any, Optional, cast

from grpclib.client import Channel, Handler
from grpclib.encoding.base import CodecBase
from grpclib.protocol import H2Protocol

from .errors import StepwellError
from .home import is_trusted

# Linux's struct ucred: pid, uid, gid.
_PEER = struct.Struct("iII")
# A batch leaves the process as a whole as far as the socket takes it.
_WRITE_BUFFER_BYTES = 1024 * 1024


class DaemonChannel(Channel):
    """A channel over a socket that is connected."""

    def __init__(self, connected: socket.socket) -> None:
        super().__init__(codec=_RawCodec())
        self._connected_socket = connected
        self._authority = "localhost"

    def _protocol_factory(self) -> H2Protocol:
        return _CorkedProtocol(Handler(), self._config, self._h2_config)

    async def _create_connection(self) -> H2Protocol:
        loop = asyncio.get_running_loop()
        _, protocol = await loop.create_connection(self._protocol_factory, sock=self._connected_socket)
        return cast(H2Protocol, protocol)


async def connect(endpoint: str) -> socket.socket:
    """A socket connected to ``unix:/path`` or ``host:port``, of this user or root.

    Raises OSError, STEPWELL_SETTING_INVALID, or STEPWELL_ENDPOINT_FOREIGN before anything is said.
    """
    loop = asyncio.get_running_loop()
    if endpoint.startswith("unix:"):
        path = endpoint[len("unix:") :]
        # unix:///absolute/path is gRPC's other spelling.
        address: Any = path[2:] if path.startswith("//") else path
        family = socket.AF_UNIX
        _check_owner(endpoint, os.stat(address).st_uid)
    else:
        # Looked up in this thread: asyncio's own pool takes no work at the end of the process.
        host, port = _host_and_port(endpoint)
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    connected = socket.socket(family, socket.SOCK_STREAM)
    try:
        connected.setblocking(False)
        await loop.sock_connect(connected, address)
        if family == socket.AF_UNIX and hasattr(socket, "SO_PEERCRED"):
            # Another socket may have come to the path's place since.
            peer = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
            _check_owner(endpoint, _PEER.unpack(peer)[1])
    except BaseException:
        connected.close()
        raise
    return connected


def _check_owner(endpoint: str, uid: int) -> None:
    if not is_trusted(uid):
        sentence = f"What listens at {endpoint} belongs to another user (id {uid})."
        raise StepwellError("STEPWELL_ENDPOINT_FOREIGN", sentence)


def _host_and_port(endpoint: str) -> "tuple[str, int]":
    host, colon, port = endpoint.rpartition(":")
    if not colon or not port.isdigit():
        sentence = f"The endpoint {endpoint!r} is neither unix:/path nor host:port."
        raise StepwellError("STEPWELL_SETTING_INVALID", sentence)
    return host.strip("[]"), int(port)


class _RawCodec(CodecBase):
    """Requests are bytes already; answers become messages."""

    __content_subtype__ = "proto"

    def encode(self, message: Any, message_type: type[Any]) -> bytes:
        return cast(bytes, message)

    def decode(self, data: bytes, message_type: type[Any]) -> Any:
        return message_type.FromString(data)


class _CorkedProtocol(H2Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        real = cast(asyncio.Transport, transport)
        real.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        super().connection_made(cast(asyncio.Transport, _CorkedTransport(real)))


class _CorkedTransport:
    """Gathers what is written until the event loop's next step."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._pieces:
            self._loop.call_soon(self._write_out)
        self._pieces.append(data)

    def _write_out(self) -> None:
        pieces = b"".join(self._pieces)
        self._pieces.clear()
        if pieces and not self._transport.is_closing():
            self._transport.write(pieces)

    def close(self) -> None:
        self._write_out()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Optional[Any] = None) -> Any:
        return self._transport.get_extra_info(name, default)
