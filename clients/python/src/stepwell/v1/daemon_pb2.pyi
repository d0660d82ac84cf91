from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LaneState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LANE_STATE_UNSPECIFIED: _ClassVar[LaneState]
    LANE_STATE_IDLE: _ClassVar[LaneState]
    LANE_STATE_FLUSHING: _ClassVar[LaneState]
    LANE_STATE_WAITING: _ClassVar[LaneState]
    LANE_STATE_RETRYING: _ClassVar[LaneState]
    LANE_STATE_HELD: _ClassVar[LaneState]
LANE_STATE_UNSPECIFIED: LaneState
LANE_STATE_IDLE: LaneState
LANE_STATE_FLUSHING: LaneState
LANE_STATE_WAITING: LaneState
LANE_STATE_RETRYING: LaneState
LANE_STATE_HELD: LaneState

class GetInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetInfoResponse(_message.Message):
    __slots__ = ("pid", "version", "endpoint", "gateway_url", "home", "home_id", "started_ms")
    PID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_URL_FIELD_NUMBER: _ClassVar[int]
    HOME_FIELD_NUMBER: _ClassVar[int]
    HOME_ID_FIELD_NUMBER: _ClassVar[int]
    STARTED_MS_FIELD_NUMBER: _ClassVar[int]
    pid: int
    version: str
    endpoint: str
    gateway_url: str
    home: str
    home_id: str
    started_ms: int
    def __init__(self, pid: _Optional[int] = ..., version: _Optional[str] = ..., endpoint: _Optional[str] = ..., gateway_url: _Optional[str] = ..., home: _Optional[str] = ..., home_id: _Optional[str] = ..., started_ms: _Optional[int] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: Status
    def __init__(self, status: _Optional[_Union[Status, _Mapping]] = ...) -> None: ...

class ListLanesRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class ListLanesResponse(_message.Message):
    __slots__ = ("lanes",)
    LANES_FIELD_NUMBER: _ClassVar[int]
    lanes: _containers.RepeatedCompositeFieldContainer[Lane]
    def __init__(self, lanes: _Optional[_Iterable[_Union[Lane, _Mapping]]] = ...) -> None: ...

class WatchStatusRequest(_message.Message):
    __slots__ = ("interval_ms",)
    INTERVAL_MS_FIELD_NUMBER: _ClassVar[int]
    interval_ms: int
    def __init__(self, interval_ms: _Optional[int] = ...) -> None: ...

class WatchStatusResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: Status
    def __init__(self, status: _Optional[_Union[Status, _Mapping]] = ...) -> None: ...

class Status(_message.Message):
    __slots__ = ("queued_points", "queued_bytes", "oldest_age_seconds", "delivered_points", "dead_letters", "journaled_points", "duplicate_batches", "rejected_entries", "producers_connected", "producers_ended_without_closing", "journal_bytes", "lanes", "journal_error", "ended_producers", "producers_with_losses", "tracker_warnings", "state_error", "notices", "replay_window_bytes", "lane_count", "troubled_lane_count", "waiting_artifacts", "waiting_artifact_bytes", "run_count", "metrics_url", "metrics_are_pushed")
    QUEUED_POINTS_FIELD_NUMBER: _ClassVar[int]
    QUEUED_BYTES_FIELD_NUMBER: _ClassVar[int]
    OLDEST_AGE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_POINTS_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    JOURNALED_POINTS_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_BATCHES_FIELD_NUMBER: _ClassVar[int]
    REJECTED_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    PRODUCERS_CONNECTED_FIELD_NUMBER: _ClassVar[int]
    PRODUCERS_ENDED_WITHOUT_CLOSING_FIELD_NUMBER: _ClassVar[int]
    JOURNAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    JOURNAL_ERROR_FIELD_NUMBER: _ClassVar[int]
    ENDED_PRODUCERS_FIELD_NUMBER: _ClassVar[int]
    PRODUCERS_WITH_LOSSES_FIELD_NUMBER: _ClassVar[int]
    TRACKER_WARNINGS_FIELD_NUMBER: _ClassVar[int]
    STATE_ERROR_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    REPLAY_WINDOW_BYTES_FIELD_NUMBER: _ClassVar[int]
    LANE_COUNT_FIELD_NUMBER: _ClassVar[int]
    TROUBLED_LANE_COUNT_FIELD_NUMBER: _ClassVar[int]
    WAITING_ARTIFACTS_FIELD_NUMBER: _ClassVar[int]
    WAITING_ARTIFACT_BYTES_FIELD_NUMBER: _ClassVar[int]
    RUN_COUNT_FIELD_NUMBER: _ClassVar[int]
    METRICS_URL_FIELD_NUMBER: _ClassVar[int]
    METRICS_ARE_PUSHED_FIELD_NUMBER: _ClassVar[int]
    queued_points: int
    queued_bytes: int
    oldest_age_seconds: float
    delivered_points: int
    dead_letters: int
    journaled_points: int
    duplicate_batches: int
    rejected_entries: int
    producers_connected: int
    producers_ended_without_closing: int
    journal_bytes: int
    lanes: _containers.RepeatedCompositeFieldContainer[Lane]
    journal_error: str
    ended_producers: _containers.RepeatedCompositeFieldContainer[EndedProducer]
    producers_with_losses: int
    tracker_warnings: _containers.RepeatedCompositeFieldContainer[TrackerWarning]
    state_error: str
    notices: _containers.RepeatedScalarFieldContainer[str]
    replay_window_bytes: int
    lane_count: int
    troubled_lane_count: int
    waiting_artifacts: int
    waiting_artifact_bytes: int
    run_count: int
    metrics_url: str
    metrics_are_pushed: bool
    def __init__(self, queued_points: _Optional[int] = ..., queued_bytes: _Optional[int] = ..., oldest_age_seconds: _Optional[float] = ..., delivered_points: _Optional[int] = ..., dead_letters: _Optional[int] = ..., journaled_points: _Optional[int] = ..., duplicate_batches: _Optional[int] = ..., rejected_entries: _Optional[int] = ..., producers_connected: _Optional[int] = ..., producers_ended_without_closing: _Optional[int] = ..., journal_bytes: _Optional[int] = ..., lanes: _Optional[_Iterable[_Union[Lane, _Mapping]]] = ..., journal_error: _Optional[str] = ..., ended_producers: _Optional[_Iterable[_Union[EndedProducer, _Mapping]]] = ..., producers_with_losses: _Optional[int] = ..., tracker_warnings: _Optional[_Iterable[_Union[TrackerWarning, _Mapping]]] = ..., state_error: _Optional[str] = ..., notices: _Optional[_Iterable[str]] = ..., replay_window_bytes: _Optional[int] = ..., lane_count: _Optional[int] = ..., troubled_lane_count: _Optional[int] = ..., waiting_artifacts: _Optional[int] = ..., waiting_artifact_bytes: _Optional[int] = ..., run_count: _Optional[int] = ..., metrics_url: _Optional[str] = ..., metrics_are_pushed: bool = ...) -> None: ...

class TrackerWarning(_message.Message):
    __slots__ = ("tracker", "warning")
    TRACKER_FIELD_NUMBER: _ClassVar[int]
    WARNING_FIELD_NUMBER: _ClassVar[int]
    tracker: str
    warning: str
    def __init__(self, tracker: _Optional[str] = ..., warning: _Optional[str] = ...) -> None: ...

class EndedProducer(_message.Message):
    __slots__ = ("producer_id", "client_name", "client_version", "pid", "ended_ms", "run_id")
    PRODUCER_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    CLIENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    ENDED_MS_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    producer_id: str
    client_name: str
    client_version: str
    pid: int
    ended_ms: int
    run_id: str
    def __init__(self, producer_id: _Optional[str] = ..., client_name: _Optional[str] = ..., client_version: _Optional[str] = ..., pid: _Optional[int] = ..., ended_ms: _Optional[int] = ..., run_id: _Optional[str] = ...) -> None: ...

class Lane(_message.Message):
    __slots__ = ("run_id", "tracker", "last_error", "queued_points", "delivered_points", "oldest_age_seconds", "state")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TRACKER_FIELD_NUMBER: _ClassVar[int]
    LAST_ERROR_FIELD_NUMBER: _ClassVar[int]
    QUEUED_POINTS_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_POINTS_FIELD_NUMBER: _ClassVar[int]
    OLDEST_AGE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    tracker: str
    last_error: str
    queued_points: int
    delivered_points: int
    oldest_age_seconds: float
    state: LaneState
    def __init__(self, run_id: _Optional[str] = ..., tracker: _Optional[str] = ..., last_error: _Optional[str] = ..., queued_points: _Optional[int] = ..., delivered_points: _Optional[int] = ..., oldest_age_seconds: _Optional[float] = ..., state: _Optional[_Union[LaneState, str]] = ...) -> None: ...

class FlushRequest(_message.Message):
    __slots__ = ("timeout_ms", "run_ids")
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    RUN_IDS_FIELD_NUMBER: _ClassVar[int]
    timeout_ms: int
    run_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, timeout_ms: _Optional[int] = ..., run_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class FlushResponse(_message.Message):
    __slots__ = ("drained", "status", "lanes", "dead_letters")
    DRAINED_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    drained: bool
    status: Status
    lanes: _containers.RepeatedCompositeFieldContainer[Lane]
    dead_letters: int
    def __init__(self, drained: bool = ..., status: _Optional[_Union[Status, _Mapping]] = ..., lanes: _Optional[_Iterable[_Union[Lane, _Mapping]]] = ..., dead_letters: _Optional[int] = ...) -> None: ...

class ShutdownRequest(_message.Message):
    __slots__ = ("drain_ms",)
    DRAIN_MS_FIELD_NUMBER: _ClassVar[int]
    drain_ms: int
    def __init__(self, drain_ms: _Optional[int] = ...) -> None: ...

class ShutdownResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
