"""What the daemon knows of stacks and pipelines, in ZenML's words."""

import os
import time
from typing import Any, Callable, NamedTuple, Optional

from . import limits
from .calls import call_daemon
from .errors import StepwellError
from .run_place import ask_place
from .v1 import stacks_pb2, steps_pb2, types_pb2


class Component(NamedTuple):
    """A part of a stack."""

    id: str
    name: str
    flavor: str


class Stack(NamedTuple):
    """A named set of components."""

    id: str
    name: str
    # The first is the default.
    experiment_trackers: "tuple[Component, ...]"
    artifact_store: Component
    orchestrator: Component

    @property
    def experiment_tracker(self) -> Optional[Component]:
        """The default experiment tracker, or None."""
        return self.experiment_trackers[0] if self.experiment_trackers else None


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
        self.status = _status_name(message.status)
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
        return _status_name(self._message().status)

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
    """Asks the home's daemon, which it starts where there is none. Raises StepwellError."""

    @property
    def active_stack(self) -> Stack:
        """The active stack."""
        request = stacks_pb2.GetStackRequest()
        response = call_daemon(os.environ, "StacksService/GetStack", request, stacks_pb2.GetStackResponse)
        stack = response.stack
        trackers = tuple(_component_of(each) for each in stack.experiment_trackers)
        store, orchestrator = _component_of(stack.artifact_store), _component_of(stack.orchestrator)
        return Stack(stack.id, stack.name, trackers, store, orchestrator)

    def get_pipeline(self, name: str) -> PipelineInfo:
        """A pipeline by its name. Raises STEPWELL_PIPELINE_UNKNOWN."""
        request = steps_pb2.GetPipelineRequest(name=name)
        response = call_daemon(os.environ, "StepsService/GetPipeline", request, steps_pb2.GetPipelineResponse)
        run = response.last_run
        return PipelineInfo(name, PipelineRun(run.pipeline_run_id, run.pipeline_name, run.run_name))


def _component_of(message: Any) -> Component:
    return Component(message.id, message.name, message.flavor)


def _metadata_of(tracking: steps_pb2.StepTracking) -> "dict[str, MetadataValue]":
    found = {
        "experiment_tracker_url": tracking.experiment_tracker_url,
        "mlflow_run_id": tracking.mlflow_run_id,
        "mlflow_experiment_id": tracking.mlflow_experiment_id,
    }
    return {key: MetadataValue(value) for key, value in found.items() if value}


def _status_name(status: int) -> str:
    return types_pb2.RunStatus.Name(status)[len("RUN_STATUS_") :]
