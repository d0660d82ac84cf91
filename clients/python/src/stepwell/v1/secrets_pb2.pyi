from stepwell.v1 import lists_pb2 as _lists_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SecretBackend(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SECRET_BACKEND_UNSPECIFIED: _ClassVar[SecretBackend]
    SECRET_BACKEND_KEYCHAIN: _ClassVar[SecretBackend]
    SECRET_BACKEND_VAULT: _ClassVar[SecretBackend]

class SecretBackendState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SECRET_BACKEND_STATE_UNSPECIFIED: _ClassVar[SecretBackendState]
    SECRET_BACKEND_STATE_READY: _ClassVar[SecretBackendState]
    SECRET_BACKEND_STATE_LOCKED: _ClassVar[SecretBackendState]
    SECRET_BACKEND_STATE_ABSENT: _ClassVar[SecretBackendState]
SECRET_BACKEND_UNSPECIFIED: SecretBackend
SECRET_BACKEND_KEYCHAIN: SecretBackend
SECRET_BACKEND_VAULT: SecretBackend
SECRET_BACKEND_STATE_UNSPECIFIED: SecretBackendState
SECRET_BACKEND_STATE_READY: SecretBackendState
SECRET_BACKEND_STATE_LOCKED: SecretBackendState
SECRET_BACKEND_STATE_ABSENT: SecretBackendState

class Secret(_message.Message):
    __slots__ = ("id", "name", "keys", "created_ms", "updated_ms", "uses", "backend")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    CREATED_MS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_MS_FIELD_NUMBER: _ClassVar[int]
    USES_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    keys: _containers.RepeatedScalarFieldContainer[str]
    created_ms: int
    updated_ms: int
    uses: _containers.RepeatedCompositeFieldContainer[SecretUse]
    backend: SecretBackend
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., keys: _Optional[_Iterable[str]] = ..., created_ms: _Optional[int] = ..., updated_ms: _Optional[int] = ..., uses: _Optional[_Iterable[_Union[SecretUse, _Mapping]]] = ..., backend: _Optional[_Union[SecretBackend, str]] = ...) -> None: ...

class SecretUse(_message.Message):
    __slots__ = ("component_type", "component", "setting", "key")
    COMPONENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    SETTING_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    component_type: str
    component: str
    setting: str
    key: str
    def __init__(self, component_type: _Optional[str] = ..., component: _Optional[str] = ..., setting: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class ListSecretUsesRequest(_message.Message):
    __slots__ = ("secret",)
    SECRET_FIELD_NUMBER: _ClassVar[int]
    secret: str
    def __init__(self, secret: _Optional[str] = ...) -> None: ...

class ListSecretUsesResponse(_message.Message):
    __slots__ = ("uses", "exists")
    USES_FIELD_NUMBER: _ClassVar[int]
    EXISTS_FIELD_NUMBER: _ClassVar[int]
    uses: _containers.RepeatedCompositeFieldContainer[SecretUse]
    exists: bool
    def __init__(self, uses: _Optional[_Iterable[_Union[SecretUse, _Mapping]]] = ..., exists: bool = ...) -> None: ...

class CreateSecretRequest(_message.Message):
    __slots__ = ("name", "values")
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    name: str
    values: _containers.ScalarMap[str, str]
    def __init__(self, name: _Optional[str] = ..., values: _Optional[_Mapping[str, str]] = ...) -> None: ...

class CreateSecretResponse(_message.Message):
    __slots__ = ("secret",)
    SECRET_FIELD_NUMBER: _ClassVar[int]
    secret: Secret
    def __init__(self, secret: _Optional[_Union[Secret, _Mapping]] = ...) -> None: ...

class ListSecretsRequest(_message.Message):
    __slots__ = ("options",)
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    options: _lists_pb2.ListOptions
    def __init__(self, options: _Optional[_Union[_lists_pb2.ListOptions, _Mapping]] = ...) -> None: ...

class ListSecretsResponse(_message.Message):
    __slots__ = ("secrets", "total")
    SECRETS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    secrets: _containers.RepeatedCompositeFieldContainer[Secret]
    total: int
    def __init__(self, secrets: _Optional[_Iterable[_Union[Secret, _Mapping]]] = ..., total: _Optional[int] = ...) -> None: ...

class GetSecretRequest(_message.Message):
    __slots__ = ("secret", "reveal")
    SECRET_FIELD_NUMBER: _ClassVar[int]
    REVEAL_FIELD_NUMBER: _ClassVar[int]
    secret: str
    reveal: bool
    def __init__(self, secret: _Optional[str] = ..., reveal: bool = ...) -> None: ...

class GetSecretResponse(_message.Message):
    __slots__ = ("secret", "values")
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SECRET_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    secret: Secret
    values: _containers.ScalarMap[str, str]
    def __init__(self, secret: _Optional[_Union[Secret, _Mapping]] = ..., values: _Optional[_Mapping[str, str]] = ...) -> None: ...

class UpdateSecretRequest(_message.Message):
    __slots__ = ("secret", "values", "removed_keys")
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SECRET_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    REMOVED_KEYS_FIELD_NUMBER: _ClassVar[int]
    secret: str
    values: _containers.ScalarMap[str, str]
    removed_keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, secret: _Optional[str] = ..., values: _Optional[_Mapping[str, str]] = ..., removed_keys: _Optional[_Iterable[str]] = ...) -> None: ...

class UpdateSecretResponse(_message.Message):
    __slots__ = ("secret",)
    SECRET_FIELD_NUMBER: _ClassVar[int]
    secret: Secret
    def __init__(self, secret: _Optional[_Union[Secret, _Mapping]] = ...) -> None: ...

class RenameSecretRequest(_message.Message):
    __slots__ = ("secret", "new_name", "rewrite_references", "force")
    SECRET_FIELD_NUMBER: _ClassVar[int]
    NEW_NAME_FIELD_NUMBER: _ClassVar[int]
    REWRITE_REFERENCES_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    secret: str
    new_name: str
    rewrite_references: bool
    force: bool
    def __init__(self, secret: _Optional[str] = ..., new_name: _Optional[str] = ..., rewrite_references: bool = ..., force: bool = ...) -> None: ...

class RenameSecretResponse(_message.Message):
    __slots__ = ("secret",)
    SECRET_FIELD_NUMBER: _ClassVar[int]
    secret: Secret
    def __init__(self, secret: _Optional[_Union[Secret, _Mapping]] = ...) -> None: ...

class DeleteSecretRequest(_message.Message):
    __slots__ = ("secret", "force")
    SECRET_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    secret: str
    force: bool
    def __init__(self, secret: _Optional[str] = ..., force: bool = ...) -> None: ...

class DeleteSecretResponse(_message.Message):
    __slots__ = ("secret",)
    SECRET_FIELD_NUMBER: _ClassVar[int]
    secret: Secret
    def __init__(self, secret: _Optional[_Union[Secret, _Mapping]] = ...) -> None: ...

class GetSecretBackendRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetSecretBackendResponse(_message.Message):
    __slots__ = ("reason", "finding", "secrets", "has_passphrase", "backend", "state")
    class SecretsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    REASON_FIELD_NUMBER: _ClassVar[int]
    FINDING_FIELD_NUMBER: _ClassVar[int]
    SECRETS_FIELD_NUMBER: _ClassVar[int]
    HAS_PASSPHRASE_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    finding: str
    secrets: _containers.ScalarMap[str, int]
    has_passphrase: bool
    backend: SecretBackend
    state: SecretBackendState
    def __init__(self, reason: _Optional[str] = ..., finding: _Optional[str] = ..., secrets: _Optional[_Mapping[str, int]] = ..., has_passphrase: bool = ..., backend: _Optional[_Union[SecretBackend, str]] = ..., state: _Optional[_Union[SecretBackendState, str]] = ...) -> None: ...

class SetSecretBackendRequest(_message.Message):
    __slots__ = ("backend",)
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    backend: SecretBackend
    def __init__(self, backend: _Optional[_Union[SecretBackend, str]] = ...) -> None: ...

class SetSecretBackendResponse(_message.Message):
    __slots__ = ("moved",)
    MOVED_FIELD_NUMBER: _ClassVar[int]
    moved: int
    def __init__(self, moved: _Optional[int] = ...) -> None: ...

class SealVaultRequest(_message.Message):
    __slots__ = ("passphrase",)
    PASSPHRASE_FIELD_NUMBER: _ClassVar[int]
    passphrase: str
    def __init__(self, passphrase: _Optional[str] = ...) -> None: ...

class SealVaultResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class UnsealVaultRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class UnsealVaultResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class UnlockVaultRequest(_message.Message):
    __slots__ = ("passphrase",)
    PASSPHRASE_FIELD_NUMBER: _ClassVar[int]
    passphrase: str
    def __init__(self, passphrase: _Optional[str] = ...) -> None: ...

class UnlockVaultResponse(_message.Message):
    __slots__ = ("unlocked",)
    UNLOCKED_FIELD_NUMBER: _ClassVar[int]
    unlocked: bool
    def __init__(self, unlocked: bool = ...) -> None: ...
