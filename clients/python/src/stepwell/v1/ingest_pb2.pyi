from stepwell.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AckLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACK_LEVEL_UNSPECIFIED: _ClassVar[AckLevel]
    ACK_LEVEL_JOURNALED: _ClassVar[AckLevel]
ACK_LEVEL_UNSPECIFIED: AckLevel
ACK_LEVEL_JOURNALED: AckLevel

class IngestRequest(_message.Message):
    __slots__ = ("hello", "batch", "close")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    batch: Batch
    close: Close
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., batch: _Optional[_Union[Batch, _Mapping]] = ..., close: _Optional[_Union[Close, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("protocol_version", "client_name", "client_version", "producer_id", "epoch", "first_unacknowledged_sequence", "process")
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    CLIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    CLIENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    PRODUCER_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FIRST_UNACKNOWLEDGED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PROCESS_FIELD_NUMBER: _ClassVar[int]
    protocol_version: int
    client_name: str
    client_version: str
    producer_id: bytes
    epoch: int
    first_unacknowledged_sequence: int
    process: _types_pb2.ProcessIdentity
    def __init__(self, protocol_version: _Optional[int] = ..., client_name: _Optional[str] = ..., client_version: _Optional[str] = ..., producer_id: _Optional[bytes] = ..., epoch: _Optional[int] = ..., first_unacknowledged_sequence: _Optional[int] = ..., process: _Optional[_Union[_types_pb2.ProcessIdentity, _Mapping]] = ...) -> None: ...

class Batch(_message.Message):
    __slots__ = ("sequence", "run_id", "run_start", "params", "metrics", "tags", "run_end", "removed_tags", "only_tracker_id", "calls")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_START_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    RUN_END_FIELD_NUMBER: _ClassVar[int]
    REMOVED_TAGS_FIELD_NUMBER: _ClassVar[int]
    ONLY_TRACKER_ID_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    run_id: str
    run_start: RunStart
    params: _containers.RepeatedCompositeFieldContainer[Param]
    metrics: _containers.RepeatedCompositeFieldContainer[MetricColumn]
    tags: _containers.RepeatedCompositeFieldContainer[Tag]
    run_end: RunEnd
    removed_tags: _containers.RepeatedScalarFieldContainer[str]
    only_tracker_id: str
    calls: _containers.RepeatedCompositeFieldContainer[ApiCall]
    def __init__(self, sequence: _Optional[int] = ..., run_id: _Optional[str] = ..., run_start: _Optional[_Union[RunStart, _Mapping]] = ..., params: _Optional[_Iterable[_Union[Param, _Mapping]]] = ..., metrics: _Optional[_Iterable[_Union[MetricColumn, _Mapping]]] = ..., tags: _Optional[_Iterable[_Union[Tag, _Mapping]]] = ..., run_end: _Optional[_Union[RunEnd, _Mapping]] = ..., removed_tags: _Optional[_Iterable[str]] = ..., only_tracker_id: _Optional[str] = ..., calls: _Optional[_Iterable[_Union[ApiCall, _Mapping]]] = ...) -> None: ...

class ApiCall(_message.Message):
    __slots__ = ("method", "path", "body", "names_run")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    NAMES_RUN_FIELD_NUMBER: _ClassVar[int]
    method: str
    path: str
    body: str
    names_run: bool
    def __init__(self, method: _Optional[str] = ..., path: _Optional[str] = ..., body: _Optional[str] = ..., names_run: bool = ...) -> None: ...

class RunStart(_message.Message):
    __slots__ = ("experiment_name", "run_name", "trackers", "start_time_ms", "user", "source_name", "parent_run_id", "has_own_tags", "workspace")
    EXPERIMENT_NAME_FIELD_NUMBER: _ClassVar[int]
    RUN_NAME_FIELD_NUMBER: _ClassVar[int]
    TRACKERS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_NAME_FIELD_NUMBER: _ClassVar[int]
    PARENT_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    HAS_OWN_TAGS_FIELD_NUMBER: _ClassVar[int]
    WORKSPACE_FIELD_NUMBER: _ClassVar[int]
    experiment_name: str
    run_name: str
    trackers: _containers.RepeatedScalarFieldContainer[str]
    start_time_ms: int
    user: str
    source_name: str
    parent_run_id: str
    has_own_tags: bool
    workspace: str
    def __init__(self, experiment_name: _Optional[str] = ..., run_name: _Optional[str] = ..., trackers: _Optional[_Iterable[str]] = ..., start_time_ms: _Optional[int] = ..., user: _Optional[str] = ..., source_name: _Optional[str] = ..., parent_run_id: _Optional[str] = ..., has_own_tags: bool = ..., workspace: _Optional[str] = ...) -> None: ...

class RunEnd(_message.Message):
    __slots__ = ("status", "end_time_ms")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    END_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.RunStatus
    end_time_ms: int
    def __init__(self, status: _Optional[_Union[_types_pb2.RunStatus, str]] = ..., end_time_ms: _Optional[int] = ...) -> None: ...

class Param(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: str
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class MetricColumn(_message.Message):
    __slots__ = ("key", "steps", "timestamps_ms", "values", "model_id", "dataset")
    KEY_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMPS_MS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    MODEL_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    key: str
    steps: _containers.RepeatedScalarFieldContainer[int]
    timestamps_ms: _containers.RepeatedScalarFieldContainer[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    model_id: str
    dataset: MetricDataset
    def __init__(self, key: _Optional[str] = ..., steps: _Optional[_Iterable[int]] = ..., timestamps_ms: _Optional[_Iterable[int]] = ..., values: _Optional[_Iterable[float]] = ..., model_id: _Optional[str] = ..., dataset: _Optional[_Union[MetricDataset, _Mapping]] = ...) -> None: ...

class MetricDataset(_message.Message):
    __slots__ = ("name", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    digest: str
    def __init__(self, name: _Optional[str] = ..., digest: _Optional[str] = ...) -> None: ...

class Tag(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: str
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class Close(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class IngestResponse(_message.Message):
    __slots__ = ("welcome", "ack", "rejection", "rewind")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    REJECTION_FIELD_NUMBER: _ClassVar[int]
    REWIND_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    ack: Ack
    rejection: Rejection
    rewind: Rewind
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., ack: _Optional[_Union[Ack, _Mapping]] = ..., rejection: _Optional[_Union[Rejection, _Mapping]] = ..., rewind: _Optional[_Union[Rewind, _Mapping]] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("protocol_version", "daemon_version", "home_id", "journaled_sequence", "unacknowledged_bytes_max", "message_bytes_max")
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    DAEMON_VERSION_FIELD_NUMBER: _ClassVar[int]
    HOME_ID_FIELD_NUMBER: _ClassVar[int]
    JOURNALED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    UNACKNOWLEDGED_BYTES_MAX_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_BYTES_MAX_FIELD_NUMBER: _ClassVar[int]
    protocol_version: int
    daemon_version: str
    home_id: str
    journaled_sequence: int
    unacknowledged_bytes_max: int
    message_bytes_max: int
    def __init__(self, protocol_version: _Optional[int] = ..., daemon_version: _Optional[str] = ..., home_id: _Optional[str] = ..., journaled_sequence: _Optional[int] = ..., unacknowledged_bytes_max: _Optional[int] = ..., message_bytes_max: _Optional[int] = ...) -> None: ...

class Ack(_message.Message):
    __slots__ = ("sequence", "level", "duplicate_batches")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_BATCHES_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    level: AckLevel
    duplicate_batches: int
    def __init__(self, sequence: _Optional[int] = ..., level: _Optional[_Union[AckLevel, str]] = ..., duplicate_batches: _Optional[int] = ...) -> None: ...

class Rejection(_message.Message):
    __slots__ = ("sequence", "kind", "index", "entries", "code", "message", "remedy")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    kind: _types_pb2.EntryKind
    index: int
    entries: int
    code: str
    message: str
    remedy: str
    def __init__(self, sequence: _Optional[int] = ..., kind: _Optional[_Union[_types_pb2.EntryKind, str]] = ..., index: _Optional[int] = ..., entries: _Optional[int] = ..., code: _Optional[str] = ..., message: _Optional[str] = ..., remedy: _Optional[str] = ...) -> None: ...

class Rewind(_message.Message):
    __slots__ = ("expected_sequence",)
    EXPECTED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    expected_sequence: int
    def __init__(self, expected_sequence: _Optional[int] = ...) -> None: ...
