"""Tells the daemon how a step ended; where that takes long, leaves a note of it in the home first.

The daemon takes a note when the step's process is gone, or after a minute: so the end is known
whatever becomes of this process or of the daemon from then on.
"""

import os
from collections.abc import Mapping
from typing import Optional

from . import limits
from .calls import call_daemon, is_passing
from .end_note import leave_note, remove_note
from .errors import StepwellError
from .producer import producer_if_any
from .v1 import steps_pb2, types_pb2
from .warning import warn


def finish_step(request: steps_pb2.FinishStepRequest, is_known: bool) -> str:
    """Tells the end of a step after all that it logged; raises no StepwellError.

    Answers what the daemon says of how the step's runs stand, empty where it was not told at once.
    ``is_known`` is whether the daemon answered that the step began; it may know of it all the same.
    """
    told: Optional[str] = None
    note: Optional[str] = None
    try:
        if _settled(limits.STEP_END_PROMPT_SECONDS) is None:
            told = _told(request, limits.STEP_END_PROMPT_SECONDS)
    finally:
        # Also when somebody interrupts the wait.
        if told is None:
            note = _leave_note(os.environ, request)
    if told is not None or not is_known:
        return told or ""
    trouble = _settled(limits.STEP_FLUSH_SECONDS)
    if trouble is not None:
        warn(trouble)
    told = _told(request, limits.CALL_SECONDS if note is not None else limits.STEP_END_SECONDS)
    if told is not None:
        if note is not None:
            remove_note(note)
    elif note is not None:
        sentence = f"The daemon could not be told how the step ended; it will find that in {note}."
        warn(StepwellError("STEPWELL_DAEMON_UNREACHABLE", sentence))
    else:
        sentence = "The daemon could not be told how the step ended: it takes the step for killed."
        warn(StepwellError("STEPWELL_DAEMON_UNREACHABLE", sentence))
    return told or ""


def _settled(seconds: float) -> Optional[StepwellError]:
    """Waits for what was logged while acknowledgements arrive; answers what was in the way."""
    producer = producer_if_any()
    try:
        if producer is not None:
            producer.settle(seconds)
    except StepwellError as error:
        return error
    return None


def _told(request: steps_pb2.FinishStepRequest, seconds: float) -> Optional[str]:
    """What the daemon answered, empty where it has nothing to be told of; None where it was not told."""
    response = steps_pb2.FinishStepResponse
    try:
        return call_daemon(os.environ, "StepsService/FinishStep", request, response, seconds).standing
    except StepwellError as error:
        if is_passing(error):
            return None
        if error.code != "STEPWELL_STEP_UNKNOWN":
            warn(error)
    return ""


def _leave_note(environment: Mapping[str, str], request: steps_pb2.FinishStepRequest) -> Optional[str]:
    note = {
        "step_run_id": request.step_run_id,
        "pipeline_run_id": request.pipeline_run_id,
        "status": types_pb2.RunStatus.Name(request.status)[len("RUN_STATUS_") :],
        "end_time_ms": request.end_time_ms,
    }
    return leave_note(environment, f"{request.step_run_id}.json", note)
