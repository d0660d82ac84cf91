"""Answers as a daemon does, as far as a stream of logs and a list need it, and notes what it was told.

A program of its own: the client under test has no event loop of a test in its process. What it
gets it prints, a line of JSON for each: the runs of each batch, and whether it has a start or an end.
"""

import argparse
import asyncio
import json
import os
from typing import Any

from grpclib.const import Cardinality, Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.server import Server
from stepwell.v1 import ingest_pb2, stacks_pb2


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


class _InfoAnswer:
    """GetInfoResponse with a home and its id; requests are not read."""

    def __init__(self, home: str, home_id: str) -> None:
        self.home, self.home_id = home.encode(), home_id.encode()

    @classmethod
    def FromString(cls, data: bytes) -> "_InfoAnswer":
        return cls("", "")

    def SerializeToString(self) -> bytes:
        return b"".join(
            bytes((number << 3 | 2, len(text))) + text for number, text in ((5, self.home), (6, self.home_id))
        )


class _Daemon:
    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._expected = 1

    async def info(self, stream: Any) -> None:
        await stream.recv_message()
        _say(asked="info")
        await stream.send_message(_InfoAnswer(self._options.home, self._options.home_id))

    async def trackers(self, stream: Any) -> None:
        await stream.recv_message()
        for number in range(3):
            _say(piece=number)
            component = stacks_pb2.Component(name=f"tracker-{number}")
            await stream.send_message(stacks_pb2.ListComponentsResponse(components=[component]))
        if self._options.broken_lists:
            raise GRPCError(Status.UNAVAILABLE)

    async def ingest(self, stream: Any) -> None:
        hello = (await stream.recv_message()).hello
        _say(hello=hello.first_unacknowledged_sequence)
        self._expected = max(self._expected, hello.first_unacknowledged_sequence)
        welcome = ingest_pb2.Welcome(
            protocol_version=1,
            home_id=self._options.home_id,
            journaled_sequence=self._expected - 1,
            unacknowledged_bytes_max=8 * 1024 * 1024,
            message_bytes_max=1024 * 1024,
        )
        await stream.send_message(ingest_pb2.IngestResponse(welcome=welcome))
        while True:
            request = await stream.recv_message()
            if request is None or request.WhichOneof("message") != "batch":
                return
            batch = request.batch
            _say(run=batch.run_id, start=batch.HasField("run_start"), end=batch.HasField("run_end"))
            await asyncio.sleep(self._options.pace)
            if not self._options.mute:
                self._expected = batch.sequence + 1
                ack = ingest_pb2.Ack(sequence=batch.sequence, level=ingest_pb2.ACK_LEVEL_JOURNALED)
                await stream.send_message(ingest_pb2.IngestResponse(ack=ack))

    def __mapping__(self) -> "dict[str, Handler]":
        request, response = ingest_pb2.IngestRequest, ingest_pb2.IngestResponse
        return {
            "/stepwell.v1.IngestService/Ingest": Handler(
                self.ingest, Cardinality.STREAM_STREAM, request, response
            ),
            "/stepwell.v1.StacksService/ListComponents": Handler(
                self.trackers,
                Cardinality.UNARY_STREAM,
                stacks_pb2.ListComponentsRequest,
                stacks_pb2.ListComponentsResponse,
            ),
            "/stepwell.v1.DaemonService/GetInfo": Handler(
                self.info, Cardinality.UNARY_UNARY, _InfoAnswer, _InfoAnswer
            ),
        }


async def _serve(options: argparse.Namespace) -> None:
    server = Server([_Daemon(options)])
    await server.start(path=options.socket)
    if options.user:
        os.chown(options.socket, options.user, options.user)
    _say(pid=os.getpid())
    await server.wait_closed()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("socket")
    parser.add_argument("--home", default="/nowhere")
    parser.add_argument("--home-id", default="0" * 32)
    # Seconds before each acknowledgement; with --mute there is none.
    parser.add_argument("--pace", type=float, default=0.0)
    parser.add_argument("--mute", action="store_true")
    # Lists end in an error behind all of their pieces.
    parser.add_argument("--broken-lists", action="store_true")
    # The owner of the socket, for a test that is root.
    parser.add_argument("--user", type=int)
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
