from stepwell.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StartStepRequest(_message.Message):
    __slots__ = ("step_run_id", "pipeline_run_id", "pipeline_name", "pipeline_run_name", "step_name", "invocation_id", "experiment_trackers", "all_experiment_trackers", "pipeline_settings", "step_settings", "start_time_ms", "process", "user", "source_name", "producer_id")
    STEP_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_NAME_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_RUN_NAME_FIELD_NUMBER: _ClassVar[int]
    STEP_NAME_FIELD_NUMBER: _ClassVar[int]
    INVOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    EXPERIMENT_TRACKERS_FIELD_NUMBER: _ClassVar[int]
    ALL_EXPERIMENT_TRACKERS_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_SETTINGS_FIELD_NUMBER: _ClassVar[int]
    STEP_SETTINGS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    PROCESS_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_NAME_FIELD_NUMBER: _ClassVar[int]
    PRODUCER_ID_FIELD_NUMBER: _ClassVar[int]
    step_run_id: str
    pipeline_run_id: str
    pipeline_name: str
    pipeline_run_name: str
    step_name: str
    invocation_id: str
    experiment_trackers: _containers.RepeatedScalarFieldContainer[str]
    all_experiment_trackers: bool
    pipeline_settings: _containers.RepeatedCompositeFieldContainer[TrackerSettings]
    step_settings: _containers.RepeatedCompositeFieldContainer[TrackerSettings]
    start_time_ms: int
    process: _types_pb2.ProcessIdentity
    user: str
    source_name: str
    producer_id: bytes
    def __init__(self, step_run_id: _Optional[str] = ..., pipeline_run_id: _Optional[str] = ..., pipeline_name: _Optional[str] = ..., pipeline_run_name: _Optional[str] = ..., step_name: _Optional[str] = ..., invocation_id: _Optional[str] = ..., experiment_trackers: _Optional[_Iterable[str]] = ..., all_experiment_trackers: bool = ..., pipeline_settings: _Optional[_Iterable[_Union[TrackerSettings, _Mapping]]] = ..., step_settings: _Optional[_Iterable[_Union[TrackerSettings, _Mapping]]] = ..., start_time_ms: _Optional[int] = ..., process: _Optional[_Union[_types_pb2.ProcessIdentity, _Mapping]] = ..., user: _Optional[str] = ..., source_name: _Optional[str] = ..., producer_id: _Optional[bytes] = ...) -> None: ...

class TrackerSettings(_message.Message):
    __slots__ = ("key", "experiment_name", "nested", "tags")
    class TagsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    KEY_FIELD_NUMBER: _ClassVar[int]
    EXPERIMENT_NAME_FIELD_NUMBER: _ClassVar[int]
    NESTED_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    key: str
    experiment_name: str
    nested: bool
    tags: _containers.ScalarMap[str, str]
    def __init__(self, key: _Optional[str] = ..., experiment_name: _Optional[str] = ..., nested: bool = ..., tags: _Optional[_Mapping[str, str]] = ...) -> None: ...

class StartStepResponse(_message.Message):
    __slots__ = ("trackings", "warnings")
    TRACKINGS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    trackings: _containers.RepeatedCompositeFieldContainer[StepTracking]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, trackings: _Optional[_Iterable[_Union[StepTracking, _Mapping]]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class StepTracking(_message.Message):
    __slots__ = ("tracker", "run_id", "parent_run_id", "experiment_name", "mlflow_run_id", "mlflow_experiment_id", "experiment_tracker_url", "mlflow_tracking_uri")
    TRACKER_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    EXPERIMENT_NAME_FIELD_NUMBER: _ClassVar[int]
    MLFLOW_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    MLFLOW_EXPERIMENT_ID_FIELD_NUMBER: _ClassVar[int]
    EXPERIMENT_TRACKER_URL_FIELD_NUMBER: _ClassVar[int]
    MLFLOW_TRACKING_URI_FIELD_NUMBER: _ClassVar[int]
    tracker: str
    run_id: str
    parent_run_id: str
    experiment_name: str
    mlflow_run_id: str
    mlflow_experiment_id: str
    experiment_tracker_url: str
    mlflow_tracking_uri: str
    def __init__(self, tracker: _Optional[str] = ..., run_id: _Optional[str] = ..., parent_run_id: _Optional[str] = ..., experiment_name: _Optional[str] = ..., mlflow_run_id: _Optional[str] = ..., mlflow_experiment_id: _Optional[str] = ..., experiment_tracker_url: _Optional[str] = ..., mlflow_tracking_uri: _Optional[str] = ...) -> None: ...

class FinishStepRequest(_message.Message):
    __slots__ = ("step_run_id", "pipeline_run_id", "status", "end_time_ms")
    STEP_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    END_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    step_run_id: str
    pipeline_run_id: str
    status: _types_pb2.RunStatus
    end_time_ms: int
    def __init__(self, step_run_id: _Optional[str] = ..., pipeline_run_id: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.RunStatus, str]] = ..., end_time_ms: _Optional[int] = ...) -> None: ...

class FinishStepResponse(_message.Message):
    __slots__ = ("step_run", "standing")
    STEP_RUN_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    step_run: StepRun
    standing: str
    def __init__(self, step_run: _Optional[_Union[StepRun, _Mapping]] = ..., standing: _Optional[str] = ...) -> None: ...

class GetPipelineRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetPipelineResponse(_message.Message):
    __slots__ = ("name", "last_run")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LAST_RUN_FIELD_NUMBER: _ClassVar[int]
    name: str
    last_run: PipelineRun
    def __init__(self, name: _Optional[str] = ..., last_run: _Optional[_Union[PipelineRun, _Mapping]] = ...) -> None: ...

class GetPipelineRunRequest(_message.Message):
    __slots__ = ("pipeline_run_id",)
    PIPELINE_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    pipeline_run_id: str
    def __init__(self, pipeline_run_id: _Optional[str] = ...) -> None: ...

class GetPipelineRunResponse(_message.Message):
    __slots__ = ("pipeline_run",)
    PIPELINE_RUN_FIELD_NUMBER: _ClassVar[int]
    pipeline_run: PipelineRun
    def __init__(self, pipeline_run: _Optional[_Union[PipelineRun, _Mapping]] = ...) -> None: ...

class PipelineRun(_message.Message):
    __slots__ = ("pipeline_run_id", "pipeline_name", "run_name", "status", "start_time_ms", "steps")
    PIPELINE_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_NAME_FIELD_NUMBER: _ClassVar[int]
    RUN_NAME_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    pipeline_run_id: str
    pipeline_name: str
    run_name: str
    status: _types_pb2.RunStatus
    start_time_ms: int
    steps: _containers.RepeatedCompositeFieldContainer[StepRun]
    def __init__(self, pipeline_run_id: _Optional[str] = ..., pipeline_name: _Optional[str] = ..., run_name: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.RunStatus, str]] = ..., start_time_ms: _Optional[int] = ..., steps: _Optional[_Iterable[_Union[StepRun, _Mapping]]] = ...) -> None: ...

class StepRun(_message.Message):
    __slots__ = ("step_run_id", "step_name", "invocation_id", "status", "start_time_ms", "end_time_ms", "end_reason", "trackings")
    STEP_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_NAME_FIELD_NUMBER: _ClassVar[int]
    INVOCATION_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    END_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    END_REASON_FIELD_NUMBER: _ClassVar[int]
    TRACKINGS_FIELD_NUMBER: _ClassVar[int]
    step_run_id: str
    step_name: str
    invocation_id: str
    status: _types_pb2.RunStatus
    start_time_ms: int
    end_time_ms: int
    end_reason: str
    trackings: _containers.RepeatedCompositeFieldContainer[StepTracking]
    def __init__(self, step_run_id: _Optional[str] = ..., step_name: _Optional[str] = ..., invocation_id: _Optional[str] = ..., status: _Optional[_Union[_types_pb2.RunStatus, str]] = ..., start_time_ms: _Optional[int] = ..., end_time_ms: _Optional[int] = ..., end_reason: _Optional[str] = ..., trackings: _Optional[_Iterable[_Union[StepTracking, _Mapping]]] = ...) -> None: ...
