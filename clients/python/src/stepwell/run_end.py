"""Notes of how this process ended its runs, for a daemon that has not acknowledged that."""

import os
import time
from typing import Optional

from . import limits
from .end_note import leave_note, remove_note
from .identity import process_identity
from .producer import Producer
from .v1 import ingest_pb2, types_pb2


class RunEndNotes:
    """What a process leaves behind that can't wait any longer."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        # The files, by the end that stands in each.
        self._left: dict[tuple[str, bytes], str] = {}

    def leave(self) -> None:
        """Notes each end that is not acknowledged and not noted now, for a bounded time."""
        who = process_identity()
        deadline = time.monotonic() + limits.NOTES_SECONDS
        for end in self._producer.unacknowledged_ends().items():
            # The daemon removes one that leads to nothing for a minute; an exit may go on for longer.
            if end not in self._left or not os.path.exists(self._left[end]):
                path = _leave(*end, who)
                # Where one can't be left, no other can.
                if path is None:
                    return
                self._left[end] = path
                if time.monotonic() > deadline:
                    return

    def remove(self) -> None:
        """The daemon has it all."""
        for path in self._left.values():
            remove_note(path)

    def __bool__(self) -> bool:
        return bool(self._left)


def _leave(run_id: str, part: bytes, who: types_pb2.ProcessIdentity) -> Optional[str]:
    end = ingest_pb2.Batch.FromString(part).run_end
    note = {
        "run_id": run_id,
        # Long numbers as text: not every reader of JSON keeps them.
        "process": {
            "boot_id": who.boot_id,
            "pid_namespace": str(who.pid_namespace),
            "pid": who.pid,
            "start_ticks": str(who.start_ticks),
        },
        "status": types_pb2.RunStatus.Name(end.status)[len("RUN_STATUS_") :],
        "end_time_ms": end.end_time_ms,
    }
    return leave_note(os.environ, f"{run_id}.run.json", note)
