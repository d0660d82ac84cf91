from stepwell.v1 import lists_pb2 as _lists_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ComponentType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMPONENT_TYPE_UNSPECIFIED: _ClassVar[ComponentType]
    COMPONENT_TYPE_EXPERIMENT_TRACKER: _ClassVar[ComponentType]
    COMPONENT_TYPE_ARTIFACT_STORE: _ClassVar[ComponentType]
    COMPONENT_TYPE_ORCHESTRATOR: _ClassVar[ComponentType]
COMPONENT_TYPE_UNSPECIFIED: ComponentType
COMPONENT_TYPE_EXPERIMENT_TRACKER: ComponentType
COMPONENT_TYPE_ARTIFACT_STORE: ComponentType
COMPONENT_TYPE_ORCHESTRATOR: ComponentType

class Component(_message.Message):
    __slots__ = ("id", "type", "name", "flavor", "configuration", "created_ms", "labels")
    class ConfigurationEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    FLAVOR_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    CREATED_MS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    id: str
    type: ComponentType
    name: str
    flavor: str
    configuration: _containers.ScalarMap[str, str]
    created_ms: int
    labels: _containers.ScalarMap[str, str]
    def __init__(self, id: _Optional[str] = ..., type: _Optional[_Union[ComponentType, str]] = ..., name: _Optional[str] = ..., flavor: _Optional[str] = ..., configuration: _Optional[_Mapping[str, str]] = ..., created_ms: _Optional[int] = ..., labels: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Stack(_message.Message):
    __slots__ = ("id", "name", "experiment_trackers", "artifact_store", "orchestrator", "active", "created_ms", "labels")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EXPERIMENT_TRACKERS_FIELD_NUMBER: _ClassVar[int]
    ARTIFACT_STORE_FIELD_NUMBER: _ClassVar[int]
    ORCHESTRATOR_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    CREATED_MS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    experiment_trackers: _containers.RepeatedCompositeFieldContainer[Component]
    artifact_store: Component
    orchestrator: Component
    active: bool
    created_ms: int
    labels: _containers.ScalarMap[str, str]
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., experiment_trackers: _Optional[_Iterable[_Union[Component, _Mapping]]] = ..., artifact_store: _Optional[_Union[Component, _Mapping]] = ..., orchestrator: _Optional[_Union[Component, _Mapping]] = ..., active: bool = ..., created_ms: _Optional[int] = ..., labels: _Optional[_Mapping[str, str]] = ...) -> None: ...

class RegisterComponentRequest(_message.Message):
    __slots__ = ("type", "name", "flavor", "configuration", "labels", "validate_only")
    class ConfigurationEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    FLAVOR_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    type: ComponentType
    name: str
    flavor: str
    configuration: _containers.ScalarMap[str, str]
    labels: _containers.ScalarMap[str, str]
    validate_only: bool
    def __init__(self, type: _Optional[_Union[ComponentType, str]] = ..., name: _Optional[str] = ..., flavor: _Optional[str] = ..., configuration: _Optional[_Mapping[str, str]] = ..., labels: _Optional[_Mapping[str, str]] = ..., validate_only: bool = ...) -> None: ...

class RegisterComponentResponse(_message.Message):
    __slots__ = ("component", "notes")
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    component: Component
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, component: _Optional[_Union[Component, _Mapping]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class ListComponentsRequest(_message.Message):
    __slots__ = ("type", "options")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    type: ComponentType
    options: _lists_pb2.ListOptions
    def __init__(self, type: _Optional[_Union[ComponentType, str]] = ..., options: _Optional[_Union[_lists_pb2.ListOptions, _Mapping]] = ...) -> None: ...

class ListComponentsResponse(_message.Message):
    __slots__ = ("components", "total")
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    components: _containers.RepeatedCompositeFieldContainer[Component]
    total: int
    def __init__(self, components: _Optional[_Iterable[_Union[Component, _Mapping]]] = ..., total: _Optional[int] = ...) -> None: ...

class RegisterStackRequest(_message.Message):
    __slots__ = ("name", "experiment_trackers", "artifact_store", "orchestrator", "set_active", "labels", "validate_only")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    EXPERIMENT_TRACKERS_FIELD_NUMBER: _ClassVar[int]
    ARTIFACT_STORE_FIELD_NUMBER: _ClassVar[int]
    ORCHESTRATOR_FIELD_NUMBER: _ClassVar[int]
    SET_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    name: str
    experiment_trackers: _containers.RepeatedScalarFieldContainer[str]
    artifact_store: str
    orchestrator: str
    set_active: bool
    labels: _containers.ScalarMap[str, str]
    validate_only: bool
    def __init__(self, name: _Optional[str] = ..., experiment_trackers: _Optional[_Iterable[str]] = ..., artifact_store: _Optional[str] = ..., orchestrator: _Optional[str] = ..., set_active: bool = ..., labels: _Optional[_Mapping[str, str]] = ..., validate_only: bool = ...) -> None: ...

class RegisterStackResponse(_message.Message):
    __slots__ = ("stack",)
    STACK_FIELD_NUMBER: _ClassVar[int]
    stack: Stack
    def __init__(self, stack: _Optional[_Union[Stack, _Mapping]] = ...) -> None: ...

class ListStacksRequest(_message.Message):
    __slots__ = ("options",)
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    options: _lists_pb2.ListOptions
    def __init__(self, options: _Optional[_Union[_lists_pb2.ListOptions, _Mapping]] = ...) -> None: ...

class ListStacksResponse(_message.Message):
    __slots__ = ("stacks", "total")
    STACKS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    stacks: _containers.RepeatedCompositeFieldContainer[Stack]
    total: int
    def __init__(self, stacks: _Optional[_Iterable[_Union[Stack, _Mapping]]] = ..., total: _Optional[int] = ...) -> None: ...

class SetActiveStackRequest(_message.Message):
    __slots__ = ("stack",)
    STACK_FIELD_NUMBER: _ClassVar[int]
    stack: str
    def __init__(self, stack: _Optional[str] = ...) -> None: ...

class SetActiveStackResponse(_message.Message):
    __slots__ = ("stack",)
    STACK_FIELD_NUMBER: _ClassVar[int]
    stack: Stack
    def __init__(self, stack: _Optional[_Union[Stack, _Mapping]] = ...) -> None: ...

class GetComponentRequest(_message.Message):
    __slots__ = ("type", "component")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    type: ComponentType
    component: str
    def __init__(self, type: _Optional[_Union[ComponentType, str]] = ..., component: _Optional[str] = ...) -> None: ...

class GetComponentResponse(_message.Message):
    __slots__ = ("component", "stacks", "warnings")
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    STACKS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    component: Component
    stacks: _containers.RepeatedScalarFieldContainer[str]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, component: _Optional[_Union[Component, _Mapping]] = ..., stacks: _Optional[_Iterable[str]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class UpdateComponentRequest(_message.Message):
    __slots__ = ("type", "component", "configuration", "labels", "validate_only")
    class ConfigurationEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TYPE_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    type: ComponentType
    component: str
    configuration: _containers.ScalarMap[str, str]
    labels: _containers.ScalarMap[str, str]
    validate_only: bool
    def __init__(self, type: _Optional[_Union[ComponentType, str]] = ..., component: _Optional[str] = ..., configuration: _Optional[_Mapping[str, str]] = ..., labels: _Optional[_Mapping[str, str]] = ..., validate_only: bool = ...) -> None: ...

class UpdateComponentResponse(_message.Message):
    __slots__ = ("component", "notes")
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    component: Component
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, component: _Optional[_Union[Component, _Mapping]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class RenameComponentRequest(_message.Message):
    __slots__ = ("type", "component", "new_name")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    NEW_NAME_FIELD_NUMBER: _ClassVar[int]
    type: ComponentType
    component: str
    new_name: str
    def __init__(self, type: _Optional[_Union[ComponentType, str]] = ..., component: _Optional[str] = ..., new_name: _Optional[str] = ...) -> None: ...

class RenameComponentResponse(_message.Message):
    __slots__ = ("component",)
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    component: Component
    def __init__(self, component: _Optional[_Union[Component, _Mapping]] = ...) -> None: ...

class CopyComponentRequest(_message.Message):
    __slots__ = ("type", "component", "new_name")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    NEW_NAME_FIELD_NUMBER: _ClassVar[int]
    type: ComponentType
    component: str
    new_name: str
    def __init__(self, type: _Optional[_Union[ComponentType, str]] = ..., component: _Optional[str] = ..., new_name: _Optional[str] = ...) -> None: ...

class CopyComponentResponse(_message.Message):
    __slots__ = ("component",)
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    component: Component
    def __init__(self, component: _Optional[_Union[Component, _Mapping]] = ...) -> None: ...

class DeleteComponentRequest(_message.Message):
    __slots__ = ("type", "component")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    type: ComponentType
    component: str
    def __init__(self, type: _Optional[_Union[ComponentType, str]] = ..., component: _Optional[str] = ...) -> None: ...

class DeleteComponentResponse(_message.Message):
    __slots__ = ("component", "notes")
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    component: Component
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, component: _Optional[_Union[Component, _Mapping]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class GetStackRequest(_message.Message):
    __slots__ = ("stack",)
    STACK_FIELD_NUMBER: _ClassVar[int]
    stack: str
    def __init__(self, stack: _Optional[str] = ...) -> None: ...

class GetStackResponse(_message.Message):
    __slots__ = ("stack",)
    STACK_FIELD_NUMBER: _ClassVar[int]
    stack: Stack
    def __init__(self, stack: _Optional[_Union[Stack, _Mapping]] = ...) -> None: ...

class UpdateStackRequest(_message.Message):
    __slots__ = ("stack", "experiment_trackers", "removed_experiment_trackers", "artifact_store", "orchestrator", "labels", "default_experiment_tracker", "validate_only")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    STACK_FIELD_NUMBER: _ClassVar[int]
    EXPERIMENT_TRACKERS_FIELD_NUMBER: _ClassVar[int]
    REMOVED_EXPERIMENT_TRACKERS_FIELD_NUMBER: _ClassVar[int]
    ARTIFACT_STORE_FIELD_NUMBER: _ClassVar[int]
    ORCHESTRATOR_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_EXPERIMENT_TRACKER_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    stack: str
    experiment_trackers: _containers.RepeatedScalarFieldContainer[str]
    removed_experiment_trackers: _containers.RepeatedScalarFieldContainer[str]
    artifact_store: str
    orchestrator: str
    labels: _containers.ScalarMap[str, str]
    default_experiment_tracker: str
    validate_only: bool
    def __init__(self, stack: _Optional[str] = ..., experiment_trackers: _Optional[_Iterable[str]] = ..., removed_experiment_trackers: _Optional[_Iterable[str]] = ..., artifact_store: _Optional[str] = ..., orchestrator: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., default_experiment_tracker: _Optional[str] = ..., validate_only: bool = ...) -> None: ...

class UpdateStackResponse(_message.Message):
    __slots__ = ("stack",)
    STACK_FIELD_NUMBER: _ClassVar[int]
    stack: Stack
    def __init__(self, stack: _Optional[_Union[Stack, _Mapping]] = ...) -> None: ...

class RenameStackRequest(_message.Message):
    __slots__ = ("stack", "new_name")
    STACK_FIELD_NUMBER: _ClassVar[int]
    NEW_NAME_FIELD_NUMBER: _ClassVar[int]
    stack: str
    new_name: str
    def __init__(self, stack: _Optional[str] = ..., new_name: _Optional[str] = ...) -> None: ...

class RenameStackResponse(_message.Message):
    __slots__ = ("stack",)
    STACK_FIELD_NUMBER: _ClassVar[int]
    stack: Stack
    def __init__(self, stack: _Optional[_Union[Stack, _Mapping]] = ...) -> None: ...

class CopyStackRequest(_message.Message):
    __slots__ = ("stack", "new_name")
    STACK_FIELD_NUMBER: _ClassVar[int]
    NEW_NAME_FIELD_NUMBER: _ClassVar[int]
    stack: str
    new_name: str
    def __init__(self, stack: _Optional[str] = ..., new_name: _Optional[str] = ...) -> None: ...

class CopyStackResponse(_message.Message):
    __slots__ = ("stack",)
    STACK_FIELD_NUMBER: _ClassVar[int]
    stack: Stack
    def __init__(self, stack: _Optional[_Union[Stack, _Mapping]] = ...) -> None: ...

class DeleteStackRequest(_message.Message):
    __slots__ = ("stack", "recursive")
    STACK_FIELD_NUMBER: _ClassVar[int]
    RECURSIVE_FIELD_NUMBER: _ClassVar[int]
    stack: str
    recursive: bool
    def __init__(self, stack: _Optional[str] = ..., recursive: bool = ...) -> None: ...

class DeleteStackResponse(_message.Message):
    __slots__ = ("name", "components", "notes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    components: _containers.RepeatedCompositeFieldContainer[Component]
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., components: _Optional[_Iterable[_Union[Component, _Mapping]]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class ImportStackRequest(_message.Message):
    __slots__ = ("name", "labels", "components", "rename_on_conflict", "validate_only")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    RENAME_ON_CONFLICT_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    name: str
    labels: _containers.ScalarMap[str, str]
    components: _containers.RepeatedCompositeFieldContainer[Component]
    rename_on_conflict: bool
    validate_only: bool
    def __init__(self, name: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., components: _Optional[_Iterable[_Union[Component, _Mapping]]] = ..., rename_on_conflict: bool = ..., validate_only: bool = ...) -> None: ...

class ImportStackResponse(_message.Message):
    __slots__ = ("stack", "created", "reused", "missing_secrets")
    STACK_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    REUSED_FIELD_NUMBER: _ClassVar[int]
    MISSING_SECRETS_FIELD_NUMBER: _ClassVar[int]
    stack: Stack
    created: _containers.RepeatedCompositeFieldContainer[Component]
    reused: _containers.RepeatedCompositeFieldContainer[Component]
    missing_secrets: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, stack: _Optional[_Union[Stack, _Mapping]] = ..., created: _Optional[_Iterable[_Union[Component, _Mapping]]] = ..., reused: _Optional[_Iterable[_Union[Component, _Mapping]]] = ..., missing_secrets: _Optional[_Iterable[str]] = ...) -> None: ...

class ValidateStackRequest(_message.Message):
    __slots__ = ("stack",)
    STACK_FIELD_NUMBER: _ClassVar[int]
    stack: str
    def __init__(self, stack: _Optional[str] = ...) -> None: ...

class ValidateStackResponse(_message.Message):
    __slots__ = ("stack", "problems", "missing_secrets")
    STACK_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    MISSING_SECRETS_FIELD_NUMBER: _ClassVar[int]
    stack: str
    problems: _containers.RepeatedScalarFieldContainer[str]
    missing_secrets: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, stack: _Optional[str] = ..., problems: _Optional[_Iterable[str]] = ..., missing_secrets: _Optional[_Iterable[str]] = ...) -> None: ...
