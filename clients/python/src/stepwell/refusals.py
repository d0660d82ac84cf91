"""Entries that are not taken: counted, and said once for each code and key."""

from typing import Optional

from . import limits
from .batch import Batch
from .errors import StepwellError
from .outbox import Outbox
from .stats import Counters
from .v1 import ingest_pb2
from .warning import warn


class Refusals:
    """What was refused, by the client itself or by the daemon."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._said: set[tuple[str, str]] = set()

    def too_large(self, key: str) -> None:
        """An entry fits into no message."""
        self._counters.rejected += 1
        self._say(StepwellError("STEPWELL_ENTRY_TOO_LARGE", f"{key!r} fits into no message."), key)

    def rejected(self, outbox: Outbox, rejection: ingest_pb2.Rejection) -> None:
        """The daemon refused an entry of a batch that it took."""
        kind, index = rejection.kind, rejection.index
        entries, batch = outbox.reject(rejection.sequence, kind, index, rejection.entries)
        self._counters.rejected += entries
        key = _key_of(batch, kind, index)
        what = f"{key!r} was refused" if key else "An entry was refused"
        self._say(StepwellError(rejection.code, f"{what}: {rejection.message}", rejection.remedy), key)

    def _say(self, error: StepwellError, key: str) -> None:
        name = (error.code, key)
        if name in self._said or len(self._said) >= limits.REJECTION_WARNINGS_MAX:
            return
        self._said.add(name)
        warn(error)


def _key_of(batch: Optional[Batch], kind: int, index: int) -> str:
    """The key of a refused entry, or an empty text. The kinds are types.proto's EntryKind."""
    if batch is None:
        return ""
    if kind == 1 and index < len(batch.metric_keys):
        return batch.metric_keys[index].decode()
    keys = {2: batch.param_keys, 3: batch.tag_keys}.get(kind, ())
    return keys[index] if index < len(keys) else ""
