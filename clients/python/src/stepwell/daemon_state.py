"""What is queued, delivered and wrong at the daemon, and how far its runs are."""

import os
from collections.abc import Iterator
from typing import NamedTuple, Optional

from . import checks, limits
from .calls import call_daemon
from .errors import StepwellError
from .v1 import daemon_pb2, runs_pb2, types_pb2
from .watch import watch_daemon


class Lane(NamedTuple):
    """What one run has on its way to one tracker."""

    run_id: str
    tracker: str
    state: str
    """idle, flushing, waiting, retrying or held."""
    last_error: str
    """What the backend said last, without a credential; empty when all is well."""
    queued_points: int
    delivered_points: int
    oldest_age_seconds: float
    """Age of the oldest entry that waits; 0 when none does."""


class State(NamedTuple):
    """What is queued, delivered and wrong at the daemon.

    A point that goes to two trackers counts twice in what is queued and delivered.
    """

    queued_points: int
    """Metric points that wait for a backend."""
    queued_bytes: int
    """Bytes of the journal that wait for a backend."""
    oldest_age_seconds: float
    """Age of the oldest entry that waits; 0 when none does."""
    delivered_points: int
    """Metric points that backends confirmed since the home was made."""
    journaled_points: int
    """Metric points that the daemon took since the home was made."""
    dead_letters: int
    """Entries that a backend refused for good."""
    rejected_entries: int
    """Entries that were refused as they came in."""
    producers_connected: int
    """Processes that have a stream of logs."""
    run_count: int
    """Runs that this home has had."""
    lanes: "tuple[Lane, ...]"
    """Lanes that hold entries, 50 at most, the worst first."""
    journal_error: str
    """Why nothing can be journaled now; empty when all is well."""
    notices: "tuple[str, ...]"
    """What the daemon noticed since it started, a sentence each."""


class Delivery(NamedTuple):
    """How far a run has come at one tracker."""

    tracker: str
    mlflow_run_id: str
    """The run's id there; empty until a server has given it one."""
    experiment_tracker_url: str
    """The run's page where a server has it, else the backend's address as MLflow takes it."""
    delivered_points: int
    """Metric points that the backend confirmed."""
    queued_points: int
    """Metric points that wait for the backend."""


class Drained(NamedTuple):
    """Whether the backends have confirmed what was waited for, which is its truth value, and what is left."""

    is_complete: bool
    """False when the time was over first."""
    lanes: "tuple[Lane, ...]"
    """What is not there yet, and why: 50 lanes at most."""
    dead_letters: int
    """Entries that a backend refused for good: no wait brings them there."""

    def __bool__(self) -> bool:
        return self.is_complete


class RunState(NamedTuple):
    """A run as the daemon knows it."""

    run_id: str
    run_name: str
    experiment_name: str
    status: str
    """RUNNING, FINISHED, FAILED or KILLED."""
    start_time_ms: int
    """Milliseconds since 1970 UTC, as the program said."""
    end_time_ms: Optional[int]
    """The same of its end; None while the run goes on."""
    journaled_points: int
    """Metric points that the daemon has on its disk."""
    standing: str
    """One sentence: what is delivered, or waits and why."""
    deliveries: "tuple[Delivery, ...]"
    """One for each tracker."""


def ask_state(seconds: float) -> State:
    request, response = daemon_pb2.GetStatusRequest(), daemon_pb2.GetStatusResponse
    return _state_of(call_daemon(os.environ, "DaemonService/GetStatus", request, response, seconds).status)


def watch_state(interval: float, timeout: Optional[float]) -> Iterator[State]:
    """Raises STEPWELL_SETTING_INVALID at once."""
    if not limits.WATCH_SECONDS_MIN <= interval <= limits.WATCH_SECONDS_MAX:
        bounds = f"from {limits.WATCH_SECONDS_MIN:g} to {limits.WATCH_SECONDS_MAX:g} s"
        raise StepwellError("STEPWELL_SETTING_INVALID", f"The interval is {bounds}, not {interval!r:.80}.")
    request = daemon_pb2.WatchStatusRequest(interval_ms=round(interval * 1000))
    answers = watch_daemon(
        "DaemonService/WatchStatus", request, daemon_pb2.WatchStatusResponse, interval, timeout
    )
    return (_state_of(answer.status) for answer in answers)


def ask_run(run_id: str, seconds: float) -> RunState:
    checked = checks.checked_text("The run's id", run_id, limits.TAG_VALUE_CODE_POINTS_MAX)
    request, response = runs_pb2.GetRunRequest(run_id=checked), runs_pb2.GetRunResponse
    answer = call_daemon(os.environ, "RunsService/GetRun", request, response, seconds)
    run = answer.run
    return RunState(
        run.run_id,
        run.run_name,
        run.experiment_name,
        status_name(run.status),
        run.start_time_ms,
        run.end_time_ms or None,
        run.journaled_points,
        answer.standing,
        tuple(_delivery_of(each) for each in run.deliveries),
    )


def checked_drain_seconds(timeout: Optional[float]) -> float:
    """Raises STEPWELL_SETTING_INVALID."""
    seconds = limits.DRAIN_SECONDS if timeout is None else timeout
    if 0 < seconds <= limits.DRAIN_SECONDS_MAX:
        return seconds
    bounds = f"above 0 and at most {limits.DRAIN_SECONDS_MAX:g} s"
    raise StepwellError("STEPWELL_SETTING_INVALID", f"The time to drain is {bounds}, not {seconds!r:.80}.")


def drain(seconds: float, run_ids: "tuple[str, ...]" = ()) -> Drained:
    """Of these runs; of all of the home, where none is given."""
    # 0 would be the daemon's own time.
    request = daemon_pb2.FlushRequest(timeout_ms=max(1, round(seconds * 1000)), run_ids=run_ids)
    response, patience = daemon_pb2.FlushResponse, seconds + limits.DRAIN_ANSWER_SECONDS
    answer = call_daemon(os.environ, "DaemonService/Flush", request, response, patience)
    return Drained(answer.drained, tuple(_lane_of(each) for each in answer.lanes), answer.dead_letters)


def status_name(status: int) -> str:
    """MLflow's word."""
    return types_pb2.RunStatus.Name(status)[len("RUN_STATUS_") :]


def _state_of(status: daemon_pb2.Status) -> State:
    return State(
        status.queued_points,
        status.queued_bytes,
        status.oldest_age_seconds,
        status.delivered_points,
        status.journaled_points,
        status.dead_letters,
        status.rejected_entries,
        status.producers_connected,
        status.run_count,
        tuple(_lane_of(each) for each in status.lanes),
        status.journal_error,
        tuple(status.notices),
    )


def _lane_of(lane: daemon_pb2.Lane) -> Lane:
    state = daemon_pb2.LaneState.Name(lane.state)[len("LANE_STATE_") :].lower()
    return Lane(
        lane.run_id,
        lane.tracker,
        state,
        lane.last_error,
        lane.queued_points,
        lane.delivered_points,
        lane.oldest_age_seconds,
    )


def _delivery_of(delivery: runs_pb2.RunDelivery) -> Delivery:
    return Delivery(
        delivery.tracker,
        delivery.mlflow_run_id,
        delivery.experiment_tracker_url,
        delivery.delivered_points,
        delivery.queued_points,
    )
