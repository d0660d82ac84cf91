from stepwell.v1 import daemon_pb2 as _daemon_pb2
from stepwell.v1 import ingest_pb2 as _ingest_pb2
from stepwell.v1 import lists_pb2 as _lists_pb2
from stepwell.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListRunsRequest(_message.Message):
    __slots__ = ("options", "filter", "order_by")
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    options: _lists_pb2.ListOptions
    filter: str
    order_by: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, options: _Optional[_Union[_lists_pb2.ListOptions, _Mapping]] = ..., filter: _Optional[str] = ..., order_by: _Optional[_Iterable[str]] = ...) -> None: ...

class ListRunsResponse(_message.Message):
    __slots__ = ("runs", "total", "missing", "found")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[Run]
    total: int
    missing: str
    found: _containers.RepeatedCompositeFieldContainer[FoundValues]
    def __init__(self, runs: _Optional[_Iterable[_Union[Run, _Mapping]]] = ..., total: _Optional[int] = ..., missing: _Optional[str] = ..., found: _Optional[_Iterable[_Union[FoundValues, _Mapping]]] = ...) -> None: ...

class FoundValues(_message.Message):
    __slots__ = ("values",)
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.ScalarMap[str, str]
    def __init__(self, values: _Optional[_Mapping[str, str]] = ...) -> None: ...

class GetRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class GetRunResponse(_message.Message):
    __slots__ = ("run", "standing")
    RUN_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    run: Run
    standing: str
    def __init__(self, run: _Optional[_Union[Run, _Mapping]] = ..., standing: _Optional[str] = ...) -> None: ...

class GetRunDataRequest(_message.Message):
    __slots__ = ("run_id", "curves", "curve_points", "curve_keys")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    CURVES_FIELD_NUMBER: _ClassVar[int]
    CURVE_POINTS_FIELD_NUMBER: _ClassVar[int]
    CURVE_KEYS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    curves: int
    curve_points: int
    curve_keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, run_id: _Optional[str] = ..., curves: _Optional[int] = ..., curve_points: _Optional[int] = ..., curve_keys: _Optional[_Iterable[str]] = ...) -> None: ...

class GetRunDataResponse(_message.Message):
    __slots__ = ("metrics", "params", "tags", "tracker", "missing")
    METRICS_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    TRACKER_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    metrics: _containers.RepeatedCompositeFieldContainer[RunMetric]
    params: _containers.RepeatedCompositeFieldContainer[_ingest_pb2.Param]
    tags: _containers.RepeatedCompositeFieldContainer[_ingest_pb2.Tag]
    tracker: str
    missing: str
    def __init__(self, metrics: _Optional[_Iterable[_Union[RunMetric, _Mapping]]] = ..., params: _Optional[_Iterable[_Union[_ingest_pb2.Param, _Mapping]]] = ..., tags: _Optional[_Iterable[_Union[_ingest_pb2.Tag, _Mapping]]] = ..., tracker: _Optional[str] = ..., missing: _Optional[str] = ...) -> None: ...

class RunMetric(_message.Message):
    __slots__ = ("key", "step", "timestamp_ms", "value", "curve_steps", "curve_values")
    KEY_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_MS_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    CURVE_STEPS_FIELD_NUMBER: _ClassVar[int]
    CURVE_VALUES_FIELD_NUMBER: _ClassVar[int]
    key: str
    step: int
    timestamp_ms: int
    value: float
    curve_steps: _containers.RepeatedScalarFieldContainer[int]
    curve_values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, key: _Optional[str] = ..., step: _Optional[int] = ..., timestamp_ms: _Optional[int] = ..., value: _Optional[float] = ..., curve_steps: _Optional[_Iterable[int]] = ..., curve_values: _Optional[_Iterable[float]] = ...) -> None: ...

class Run(_message.Message):
    __slots__ = ("run_id", "run_name", "experiment_name", "status", "start_time_ms", "end_time_ms", "journaled_points", "deliveries", "state", "reason")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_NAME_FIELD_NUMBER: _ClassVar[int]
    EXPERIMENT_NAME_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    END_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    JOURNALED_POINTS_FIELD_NUMBER: _ClassVar[int]
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    run_name: str
    experiment_name: str
    status: _types_pb2.RunStatus
    start_time_ms: int
    end_time_ms: int
    journaled_points: int
    deliveries: _containers.RepeatedCompositeFieldContainer[RunDelivery]
    state: _daemon_pb2.LaneState
    reason: str
    def __init__(self, run_id: _Optional[str] = ..., run_name: _Optional[str] = ..., experiment_name: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.RunStatus, str]] = ..., start_time_ms: _Optional[int] = ..., end_time_ms: _Optional[int] = ..., journaled_points: _Optional[int] = ..., deliveries: _Optional[_Iterable[_Union[RunDelivery, _Mapping]]] = ..., state: _Optional[_Union[_daemon_pb2.LaneState, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class RunDelivery(_message.Message):
    __slots__ = ("tracker", "mlflow_run_id", "experiment_tracker_url", "delivered_points", "queued_points", "mlflow_experiment_id")
    TRACKER_FIELD_NUMBER: _ClassVar[int]
    MLFLOW_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    EXPERIMENT_TRACKER_URL_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_POINTS_FIELD_NUMBER: _ClassVar[int]
    QUEUED_POINTS_FIELD_NUMBER: _ClassVar[int]
    MLFLOW_EXPERIMENT_ID_FIELD_NUMBER: _ClassVar[int]
    tracker: str
    mlflow_run_id: str
    experiment_tracker_url: str
    delivered_points: int
    queued_points: int
    mlflow_experiment_id: str
    def __init__(self, tracker: _Optional[str] = ..., mlflow_run_id: _Optional[str] = ..., experiment_tracker_url: _Optional[str] = ..., delivered_points: _Optional[int] = ..., queued_points: _Optional[int] = ..., mlflow_experiment_id: _Optional[str] = ...) -> None: ...
