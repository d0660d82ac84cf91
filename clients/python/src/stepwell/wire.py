"""The messages of proto/stepwell/v1/ingest.proto as bytes.

A batch is encoded by hand: the memory of its columns goes into the message as it is, which
the generated classes would unpack into one Python number for each point. The small
messages are left to those classes.
"""

from collections.abc import Sequence
from typing import Union

from .chunk import Name
from .v1 import ingest_pb2, types_pb2

Piece = Union[bytes, memoryview]
# A key and its value.
Pair = tuple[str, str]

PROTOCOL_VERSION = 1
INGEST_METHOD = "/stepwell.v1.IngestService/Ingest"

# Tags (field number << 3 | wire type) of Batch and its parts.
_REQUEST_BATCH = b"\x12"
_BATCH_SEQUENCE = b"\x08"
_BATCH_RUN_ID = b"\x12"
_BATCH_RUN_START = b"\x1a"
_BATCH_PARAM = b"\x22"
_BATCH_METRICS = b"\x2a"
_BATCH_TAG = b"\x32"
_BATCH_RUN_END = b"\x3a"
_FIRST_TEXT = b"\x0a"
_SECOND_TEXT = b"\x12"
_COLUMN_STEPS = b"\x12"
_COLUMN_TIMESTAMPS = b"\x1a"
_COLUMN_VALUES = b"\x22"
_COLUMN_MODEL_ID = b"\x2a"

# Most that the tags and lengths of one column take beside its name and its points.
COLUMN_OVERHEAD_BYTES = 32
# Most that a batch takes beside its parts: its tags, its sequence and the run's id.
BATCH_OVERHEAD_BYTES = 64


def varint(number: int) -> bytes:
    """A number that is not negative, in protobuf's variable length."""
    if number < 0x80:
        return bytes((number,))
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def metric_part(name: Name, columns: Sequence[Piece]) -> list[Piece]:
    """One column as pieces of a batch: its steps, timestamps and values."""
    steps, timestamps, values = columns
    size = len(values)
    length = varint(size)
    head = _FIRST_TEXT + varint(len(name.key)) + name.key
    if name.model_id:
        head += _COLUMN_MODEL_ID + varint(len(name.model_id)) + name.model_id
    head += _COLUMN_STEPS + length
    body = len(head) + 2 + 2 * len(length) + 3 * size
    return [
        _BATCH_METRICS + varint(body) + head,
        steps,
        _COLUMN_TIMESTAMPS + length,
        timestamps,
        _COLUMN_VALUES + length,
        values,
    ]


def columns_of(part: memoryview, count: int) -> tuple[memoryview, memoryview, memoryview]:
    """The columns of such a piece, of so many points."""
    size = 8 * count
    between = 1 + len(varint(size))
    values = len(part) - size
    timestamps = values - between - size
    steps = timestamps - between - size
    return part[steps : steps + size], part[timestamps : timestamps + size], part[values:]


def param_part(key: str, value: str) -> bytes:
    """One param as a piece of a batch."""
    return _BATCH_PARAM + _pair(key, value)


def tag_part(key: str, value: str) -> bytes:
    """One tag as a piece of a batch."""
    return _BATCH_TAG + _pair(key, value)


def run_start_part(
    *,
    experiment_name: str,
    run_name: str,
    trackers: Sequence[str],
    start_time_ms: int,
    user: str,
    source_name: str,
    parent_run_id: str = "",
) -> bytes:
    """The run's start as a piece of a batch."""
    start = ingest_pb2.RunStart(
        experiment_name=experiment_name,
        run_name=run_name,
        trackers=trackers,
        start_time_ms=start_time_ms,
        user=user,
        source_name=source_name,
        parent_run_id=parent_run_id,
    ).SerializeToString()
    return _BATCH_RUN_START + varint(len(start)) + start


def run_end_part(status: str, end_time_ms: int) -> bytes:
    """The run's end as a piece of a batch: FINISHED, FAILED or KILLED; RUNNING goes on with it."""
    end = ingest_pb2.RunEnd(
        status=types_pb2.RunStatus.Value(f"RUN_STATUS_{status}"), end_time_ms=end_time_ms
    ).SerializeToString()
    return _BATCH_RUN_END + varint(len(end)) + end


def batch_request(sequence: int, run_id: str, parts: Sequence[Piece]) -> bytes:
    """A whole request: the pieces must be in the order start, params, metrics, tags, end."""
    run = run_id.encode()
    head = _BATCH_SEQUENCE + varint(sequence) + _BATCH_RUN_ID + varint(len(run)) + run
    body = len(head) + sum(map(len, parts))
    return b"".join((_REQUEST_BATCH, varint(body), head, *parts))


def hello_request(
    *,
    client_version: str,
    producer_id: bytes,
    epoch: int,
    first_unacknowledged_sequence: int,
    process: types_pb2.ProcessIdentity,
) -> bytes:
    """The first request of a stream."""
    hello = ingest_pb2.Hello(
        protocol_version=PROTOCOL_VERSION,
        client_name="python",
        client_version=client_version,
        producer_id=producer_id,
        epoch=epoch,
        first_unacknowledged_sequence=first_unacknowledged_sequence,
        process=process,
    )
    return ingest_pb2.IngestRequest(hello=hello).SerializeToString()


def close_request() -> bytes:
    """The last request of a producer."""
    return ingest_pb2.IngestRequest(close=ingest_pb2.Close()).SerializeToString()


def _pair(key: str, value: str) -> bytes:
    encoded_key, encoded_value = key.encode(), value.encode()
    body = (
        _FIRST_TEXT
        + varint(len(encoded_key))
        + encoded_key
        + _SECOND_TEXT
        + varint(len(encoded_value))
        + encoded_value
    )
    return varint(len(body)) + body
