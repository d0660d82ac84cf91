"""A run as the daemon tells of it, asked for by GetRun."""

from typing import NamedTuple

from .fields import Fields
from .wire import varint

METHOD = "RunsService/GetRun"
# Field numbers of GetRunRequest, GetRunResponse, Run and RunDelivery.
_RUN_ID = b"\x0a"
_RUN, _STANDING = 1, 2
_DELIVERIES, _STATE = 8, 9
_MLFLOW_RUN_ID, _URL = 2, 3
# LaneState's numbers of what goes on by itself: idle and flushing.
_MOVING = (1, 2)


class ToldRun(NamedTuple):
    """What is read of GetRunResponse."""

    # What is delivered, or waits and why.
    standing: str
    # Whether what waits is on its way, and nothing stands in it.
    is_moving: bool
    # At the first tracker; empty where its backend has not told it yet.
    backend_run_id: str
    url: str

    @classmethod
    def FromString(cls, data: bytes) -> "ToldRun":
        """As the generated classes have it. Raises ValueError."""
        answer = Fields(data)
        run = answer.message(_RUN)
        delivery = run.message(_DELIVERIES)
        return cls(
            answer.text(_STANDING),
            run.number(_STATE) in _MOVING,
            delivery.text(_MLFLOW_RUN_ID),
            delivery.text(_URL),
        )


class RunRequest(NamedTuple):
    """GetRunRequest."""

    run_id: str

    def SerializeToString(self) -> bytes:
        """As the generated classes have it."""
        encoded = self.run_id.encode()
        return _RUN_ID + varint(len(encoded)) + encoded
