"""One attempt of a step: where it logs to, and what becomes of its runs."""

import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Optional

from . import active
from .buffer import now_ms
from .calls import call_daemon, is_passing
from .errors import StepwellError
from .fan_out import AnyRun, FanOut
from .identity import process_identity, user_name
from .mlflow_step import mlflow_in_step
from .notices import say, told_begin
from .process_end import send_at_end
from .producer import current_producer
from .program import source_name
from .run import AttachedRun, Run, status_after
from .start import as_one, tag_commit
from .step_end import finish_step
from .step_environment import Place
from .system_metrics import SYSTEM_METRICS_TAG, system_metrics_tag
from .termination import terminated_as_exit
from .v1 import steps_pb2, types_pb2
from .warning import warn


@dataclass(frozen=True)
class StepCall:
    """A step that is to run, within its pipeline run."""

    pipeline_run_id: str
    pipeline_name: str
    pipeline_run_name: str
    step_name: str
    invocation_id: str
    trackers: Sequence[str]
    all_trackers: bool
    pipeline_settings: "Sequence[steps_pb2.TrackerSettings]"
    step_settings: "Sequence[steps_pb2.TrackerSettings]"

    @property
    def is_tracked(self) -> bool:
        return self.all_trackers or len(self.trackers) > 0


@dataclass(frozen=True)
class _Begun:
    """A step's runs, whether the daemon knows of the step, and where MLflow's own code in it logs to."""

    runs: Optional[AnyRun]
    is_known: bool
    place: Optional[Place]

    @property
    def is_told(self) -> bool:
        """Whether people were told that it logs to one of them."""
        runs = [] if self.runs is None else self.runs.runs if isinstance(self.runs, FanOut) else [self.runs]
        return any(run.told_name is not None for run in runs)


@contextmanager
def step_run(call: StepCall) -> Iterator[None]:
    """Runs what is inside as the step: log calls go to its runs, and the way it is left decides their status.

    Raises StepwellError before anything runs when the step's trackers or settings are wrong. Trouble
    with the daemon or a backend never fails the step.
    """
    owner = os.getpid()
    step_run_id = uuid.uuid4().hex
    begun = _Begun(None, False, None)
    status = "FAILED"
    # SIGTERM interrupts the telling of the begin and of the end, too; the latter then leaves a note.
    with terminated_as_exit():
        try:
            begun = _begin(call, step_run_id)
            with _active(begun.runs), mlflow_in_step(begun.place):
                yield
            status = "FINISHED"
        except BaseException as error:
            status = status_after(type(error), error)
            raise
        finally:
            # A forked child that leaves the step leaves it alone: it is its parent's.
            if os.getpid() == owner:
                _finish(call, step_run_id, status, begun)


@contextmanager
def _active(runs: Optional[AnyRun]) -> Iterator[None]:
    if runs is None:
        yield
    else:
        with active.step_run(runs):
            yield


def _begin(call: StepCall, step_run_id: str) -> _Begun:
    request = steps_pb2.StartStepRequest(
        step_run_id=step_run_id,
        pipeline_run_id=call.pipeline_run_id,
        pipeline_name=call.pipeline_name,
        pipeline_run_name=call.pipeline_run_name,
        step_name=call.step_name,
        invocation_id=call.invocation_id,
        experiment_trackers=call.trackers,
        all_experiment_trackers=call.all_trackers,
        pipeline_settings=call.pipeline_settings,
        step_settings=call.step_settings,
        start_time_ms=now_ms(),
        process=process_identity(),
        user=user_name(),
        source_name=source_name(),
    )
    try:
        response = call_daemon(os.environ, "StepsService/StartStep", request, steps_pb2.StartStepResponse)
    except StepwellError as error:
        if not is_passing(error):
            raise
        warn(error)
        return _Begun(_alone(call) if call.is_tracked else None, False, None)
    for sentence in response.warnings:
        warn(StepwellError("STEPWELL_SETTING_INVALID", sentence, ""))
    # The daemon may know of this process by its stream alone.
    send_at_end()
    current_producer().buffer.wake()
    if not response.trackings:
        return _Begun(None, True, None)
    first = response.trackings[0]
    place = Place(first.mlflow_tracking_uri, first.run_id, first.experiment_name)
    # A daemon of an older version has no address for MLflow's own code.
    return _Begun(_runs_of(response.trackings, call), True, place if place.tracking_uri else None)


def _runs_of(trackings: "Sequence[steps_pb2.StepTracking]", call: StepCall) -> AnyRun:
    """The runs that the daemon began for the step; a child that the step starts goes where they go."""
    runs = [
        AttachedRun(
            each.run_id,
            call.invocation_id if each.parent_run_id else call.pipeline_run_name,
            each.experiment_name,
            [each.tracker],
            tracking_uri=each.mlflow_tracking_uri,
        )
        for each in trackings
    ]
    for run, each in zip(runs, trackings):
        run.told_name = told_begin(
            run.run_id, run.run_name, where=f" at {each.tracker}, for the step {call.step_name}"
        )
        tag_commit(run)
        _ask_for_system_metrics(run, call)
    for parent in [AttachedRun(each.parent_run_id) for each in trackings if each.parent_run_id]:
        tag_commit(parent)
        parent.end_run()
    return as_one(runs)


def _ask_for_system_metrics(run: Run, call: StepCall) -> None:
    """MLflow's variables ask for metrics of the system where no settings say anything of that."""
    system = system_metrics_tag(None)
    said = any(
        SYSTEM_METRICS_TAG in settings.tags for settings in [*call.pipeline_settings, *call.step_settings]
    )
    if system is not None and not said:
        run.set_tag(SYSTEM_METRICS_TAG, system)


def _alone(call: StepCall) -> AnyRun:
    """Runs for a step that the daemon could not be told of: kept in memory until it answers."""
    names: Sequence[Optional[str]] = call.trackers or (None,)
    runs = [
        Run(uuid.uuid4().hex, call.pipeline_run_name, call.pipeline_name, [name] if name else [])
        for name in names
    ]
    for run in runs:
        run.told_name = told_begin(run.run_id, run.run_name, where=f", for the step {call.step_name}")
    return as_one(runs)


def _finish(call: StepCall, step_run_id: str, status: str, begun: _Begun) -> None:
    if begun.runs is not None:
        try:
            begun.runs.end_run(status)
        except StepwellError as error:
            warn(error)
    request = steps_pb2.FinishStepRequest(
        step_run_id=step_run_id,
        pipeline_run_id=call.pipeline_run_id,
        status=types_pb2.RunStatus.Value(f"RUN_STATUS_{status}"),
        end_time_ms=now_ms(),
    )
    standing = finish_step(request, begun.is_known)
    if standing and begun.is_told:
        say(f"step {call.step_name} {status}. {standing}")
