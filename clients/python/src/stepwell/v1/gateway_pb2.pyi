from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class OpenPageRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class OpenPageResponse(_message.Message):
    __slots__ = ("url",)
    URL_FIELD_NUMBER: _ClassVar[int]
    url: str
    def __init__(self, url: _Optional[str] = ...) -> None: ...

class OpenGatewayRequest(_message.Message):
    __slots__ = ("tracker",)
    TRACKER_FIELD_NUMBER: _ClassVar[int]
    tracker: str
    def __init__(self, tracker: _Optional[str] = ...) -> None: ...

class OpenGatewayResponse(_message.Message):
    __slots__ = ("tracking_uri", "tracker")
    TRACKING_URI_FIELD_NUMBER: _ClassVar[int]
    TRACKER_FIELD_NUMBER: _ClassVar[int]
    tracking_uri: str
    tracker: str
    def __init__(self, tracking_uri: _Optional[str] = ..., tracker: _Optional[str] = ...) -> None: ...
