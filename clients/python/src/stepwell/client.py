"""Asks the daemon, in ZenML's and MLflow's words: pipelines, runs, stacks and secrets."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Callable, Optional

from . import daemon_state, limits, stacks
from .calls import call_daemon
from .daemon_state import Drained, RunState, State, status_name
from .errors import StepwellError
from .run_place import ask_place
from .stacks import Component, Secret, Stack
from .v1 import steps_pb2


class MetadataValue(str):
    """A text that is read as it is, or as ``.value``."""

    __slots__ = ()

    @property
    def value(self) -> str:
        return str(self)


class StepRun:
    """One attempt of a step."""

    def __init__(self, message: steps_pb2.StepRun, again: "Callable[[], steps_pb2.PipelineRun]") -> None:
        self._trackings = list(message.trackings)
        # Asks for the pipeline run again.
        self._again = again
        self.id = message.step_run_id
        self.name = message.invocation_id
        self.status = status_name(message.status)
        self.end_reason = message.end_reason

    @property
    def metadata_by_tracker(self) -> "dict[str, dict[str, MetadataValue]]":
        """What each tracker has of the step, by its name; waits a little for a server that is to give ids."""
        self._find_links()
        return {each.tracker: _metadata_of(each) for each in self._trackings}

    @property
    def run_metadata(self) -> "dict[str, MetadataValue]":
        """The same of the first tracker."""
        return next(iter(self.metadata_by_tracker.values()), {})

    def _find_links(self) -> None:
        """Asks again as long as a tracker has not told its ids; waits where they are on their way."""
        deadline = time.monotonic() + limits.LINKS_SECONDS
        while unknown := [each.run_id for each in self._trackings if not each.mlflow_run_id]:
            told = [ask_place(run_id) for run_id in unknown]
            for step in self._again().steps:
                if step.step_run_id == self.id:
                    self._trackings = list(step.trackings)
            is_moving = any(each is not None and each.is_moving for each in told)
            if not is_moving or time.monotonic() > deadline:
                return
            time.sleep(limits.LINGER_SECONDS_MAX)

    def __repr__(self) -> str:
        return f"StepRun(name={self.name!r}, status={self.status!r}, id={self.id!r})"


class PipelineRun:
    """One run of a pipeline. Its steps and its status are asked of the daemon each time."""

    def __init__(self, run_id: str, pipeline_name: str, run_name: str, result: Any = None) -> None:
        self.id = run_id
        self.name = run_name
        self.pipeline_name = pipeline_name
        # What the pipeline's function answered; None unless this object came from calling it.
        self.result = result

    def __repr__(self) -> str:
        # Its status would have to be asked for.
        return f"PipelineRun(name={self.name!r}, id={self.id!r})"

    @property
    def status(self) -> str:
        """RUNNING, or the worst of its steps' last attempts: FINISHED, KILLED or FAILED."""
        return status_name(self._message().status)

    @property
    def steps(self) -> "dict[str, StepRun]":
        """The last attempt of each step, by the step's name in the pipeline."""
        return {each.invocation_id: StepRun(each, self._message) for each in self._message().steps}

    def get_step(self, name: str) -> StepRun:
        """The last attempt of a step. Raises STEPWELL_STEP_UNKNOWN."""
        steps = self.steps
        if name in steps:
            return steps[name]
        sentence = f"The run {self.name!r} has no step {name!r}; it has: {', '.join(steps) or 'none'}."
        raise StepwellError("STEPWELL_STEP_UNKNOWN", sentence, "Give the name of a step of that run.")

    def _message(self) -> steps_pb2.PipelineRun:
        request = steps_pb2.GetPipelineRunRequest(pipeline_run_id=self.id)
        response = steps_pb2.GetPipelineRunResponse
        return call_daemon(os.environ, "StepsService/GetPipelineRun", request, response).pipeline_run


class PipelineInfo:
    """A pipeline that has run."""

    def __init__(self, name: str, last_run: PipelineRun) -> None:
        self.name = name
        self.last_run = last_run

    def __repr__(self) -> str:
        return f"PipelineInfo(name={self.name!r}, last_run={self.last_run!r})"


class Client:
    """Asks the home's daemon, and starts it where there is none.

    A call is tried again while the daemon is in trouble, until its ``timeout`` in seconds; None is 20.
    Then it raises StepwellError with STEPWELL_DAEMON_UNREACHABLE; what else it raises is said of it below.
    """

    @property
    def active_stack(self) -> Stack:
        """The stack whose default tracker runs go to."""
        return stacks.ask_active_stack(limits.CALL_SECONDS)

    def get_pipeline(self, name: str) -> PipelineInfo:
        """A pipeline by its name. Raises STEPWELL_PIPELINE_UNKNOWN."""
        request = steps_pb2.GetPipelineRequest(name=name)
        response = call_daemon(os.environ, "StepsService/GetPipeline", request, steps_pb2.GetPipelineResponse)
        run = response.last_run
        return PipelineInfo(name, PipelineRun(run.pipeline_run_id, run.pipeline_name, run.run_name))

    def get_run(self, run_id: str, *, timeout: Optional[float] = None) -> RunState:
        """A run by its id, or by the first digits of it, 4 at least: its status, and what is delivered of it.

        Raises STEPWELL_RUN_UNKNOWN, or STEPWELL_NAME_AMBIGUOUS where several ids begin so.
        """
        return daemon_state.ask_run(run_id, _seconds(timeout))

    def get_state(self, *, timeout: Optional[float] = None) -> State:
        """What is queued, delivered and wrong at the daemon, of all runs."""
        return daemon_state.ask_state(_seconds(timeout))

    def watch_state(self, interval: float = 1.0, *, timeout: Optional[float] = None) -> "Iterator[State]":
        """The state at once and then at each interval, from 0.05 to 60 seconds, until the loop is left.

        With a ``timeout`` in seconds it ends by then, without an error. A loop that takes longer than the
        interval goes on with the newest state. Raises STEPWELL_SETTING_INVALID at the call, and in the loop
        STEPWELL_DAEMON_UNREACHABLE when the daemon ended or was silent for 20 s more than the interval.
        """
        return daemon_state.watch_state(interval, timeout)

    def drain(self, timeout: Optional[float] = None) -> Drained:
        """Waits until the backends have confirmed all that the daemon had journaled before, of all programs.

        ``stepwell.drain()`` does it for what this process logged. ``timeout`` is in seconds; None is 60, and
        a day is the most. Raises STEPWELL_SETTING_INVALID.
        """
        return daemon_state.drain(daemon_state.checked_drain_seconds(timeout))

    def list_stacks(self, *, timeout: Optional[float] = None) -> "list[Stack]":
        """All stacks, by name."""
        return stacks.list_stacks(_seconds(timeout))

    def list_trackers(self, *, timeout: Optional[float] = None) -> "list[Component]":
        """All experiment trackers, by name."""
        return stacks.list_trackers(_seconds(timeout))

    def list_secrets(self, *, timeout: Optional[float] = None) -> "list[Secret]":
        """All secrets, by name, without values."""
        return stacks.list_secrets(_seconds(timeout))

    def register_tracker(
        self,
        name: str,
        configuration: Optional[Mapping[str, str]] = None,
        *,
        flavor: str = "mlflow",
        labels: Optional[Mapping[str, str]] = None,
        timeout: Optional[float] = None,
    ) -> Component:
        """Adds an experiment tracker. Runs go to it once a stack has it: see register_stack().

        ``configuration`` has its settings, such as ``tracking_uri``, as texts. One may refer to a secret, as
        ``{{NAME.KEY}}``; a credential in plain text is moved into one. Without settings it is a local
        store. Raises STEPWELL_NAME_TAKEN, STEPWELL_CONFIG_INVALID or STEPWELL_SETTING_INVALID.
        """
        return stacks.register_tracker(name, configuration, flavor, labels, _seconds(timeout))

    def register_stack(
        self,
        name: str,
        trackers: Sequence[str],
        *,
        set_active: bool = False,
        timeout: Optional[float] = None,
    ) -> Stack:
        """Adds a stack of these trackers, by names or ids. The first is its default.

        ``set_active`` makes it the active stack. Raises STEPWELL_COMPONENT_UNKNOWN, STEPWELL_NAME_TAKEN or
        STEPWELL_SETTING_INVALID.
        """
        return stacks.register_stack(name, trackers, set_active, _seconds(timeout))

    def create_secret(
        self, name: str, values: Mapping[str, str], *, timeout: Optional[float] = None
    ) -> Secret:
        """Adds a secret, whose values the daemon keeps in the system's keychain or its own vault.

        No answer and no error has a value in it. Raises STEPWELL_NAME_TAKEN, STEPWELL_SECRET_INVALID,
        STEPWELL_SETTING_INVALID for what is no text, or why values can't be kept now: STEPWELL_VAULT_LOCKED,
        STEPWELL_VAULT_DAMAGED, STEPWELL_KEYCHAIN_LOCKED or STEPWELL_KEYCHAIN_UNREACHABLE.
        """
        return stacks.create_secret(name, values, _seconds(timeout))


def _seconds(timeout: Optional[float]) -> float:
    return limits.CALL_SECONDS if timeout is None else timeout


def _metadata_of(tracking: steps_pb2.StepTracking) -> "dict[str, MetadataValue]":
    found = {
        "experiment_tracker_url": tracking.experiment_tracker_url,
        "mlflow_run_id": tracking.mlflow_run_id,
        "mlflow_experiment_id": tracking.mlflow_experiment_id,
    }
    return {key: MetadataValue(value) for key, value in found.items() if value}
