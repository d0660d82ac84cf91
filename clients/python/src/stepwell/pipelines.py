"""Steps and pipelines as ZenML writes them; they run in the process that calls them, in order."""

import contextvars
import functools
import inspect
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Callable, Optional, TypeVar, Union

from . import checks
from .client import PipelineRun
from .errors import StepwellError
from .limits import EXPERIMENT_NAME_CODE_POINTS_MAX, TAG_VALUE_CODE_POINTS_MAX
from .settings import settings_messages
from .step_run import StepCall, step_run
from .v1 import steps_pb2

_Function = Callable[..., Any]
_Value = TypeVar("_Value")
_Settings = Optional[Mapping[str, Any]]
_Messages = tuple[steps_pb2.TrackerSettings, ...]


@dataclass(frozen=True)
class StepRetryConfig:
    """How often a failing step is tried again, and how long to wait before, in seconds."""

    max_retries: int = 1
    delay: float = 0
    backoff: float = 1


class _PipelineContext:
    """A pipeline run under way."""

    def __init__(self, name: str, run_name: Optional[str], settings: _Messages) -> None:
        self.run_id = uuid.uuid4().hex
        self.name = name
        self.run_name = run_name or f"{name}-{datetime.now():%Y_%m_%d-%H_%M_%S_%f}"
        self.settings = settings
        self._invocations: dict[str, int] = {}
        self._lock = threading.Lock()

    def invocation_id(self, step_name: str) -> str:
        """The step's name, with a number from its second call on."""
        with self._lock:
            count = self._invocations[step_name] = self._invocations.get(step_name, 0) + 1
        return step_name if count == 1 else f"{step_name}_{count}"


# The pipeline run that this context belongs to. A pipeline's threads and tasks see it in copies of its
# context; each is in a step of its own or in none.
_context: "contextvars.ContextVar[Optional[_PipelineContext]]" = contextvars.ContextVar(
    "stepwell_pipeline", default=None
)
_is_in_step: "contextvars.ContextVar[bool]" = contextvars.ContextVar("stepwell_is_in_step", default=False)


@dataclass(eq=False)
class Step:
    """A function that runs as a step; made by @step."""

    function: _Function
    name: str
    trackers: "tuple[str, ...]"
    all_trackers: bool
    settings: _Messages
    retry: Optional[StepRetryConfig]

    def __post_init__(self) -> None:
        _check("step", self.name, self.function)
        functools.update_wrapper(self, self.function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the step and answers what its function does.

        Outside of a pipeline it is a pipeline of its own; inside of another step only a function.
        """
        context = _context.get()
        if _is_in_step.get():
            return self.function(*args, **kwargs)
        if context is not None:
            return self._run(context, args, kwargs)
        context = _PipelineContext(self.name, None, ())
        with _set(_context, context):
            return self._run(context, args, kwargs)

    def with_options(self, **options: Any) -> "Step":
        """The same step with other options of @step."""
        return replace(self, **_step_options(options))

    def _run(self, context: _PipelineContext, args: Any, kwargs: Any) -> Any:
        call = StepCall(
            pipeline_run_id=context.run_id,
            pipeline_name=context.name,
            pipeline_run_name=context.run_name,
            step_name=self.name,
            invocation_id=context.invocation_id(self.name),
            trackers=self.trackers,
            all_trackers=self.all_trackers,
            pipeline_settings=context.settings,
            step_settings=self.settings,
        )
        retry = self.retry or StepRetryConfig(max_retries=0)
        for attempt in range(retry.max_retries + 1):
            try:
                with step_run(call), _set(_is_in_step, True):
                    return self.function(*args, **kwargs)
            except Exception:
                if attempt == retry.max_retries:
                    raise
                time.sleep(retry.delay * retry.backoff**attempt)
        raise AssertionError("a step was tried no times")


@dataclass(eq=False)
class Pipeline:
    """A function that calls steps; made by @pipeline."""

    function: _Function
    name: str
    settings: _Messages
    run_name: Optional[str]

    def __post_init__(self) -> None:
        _check("pipeline", self.name, self.function)
        if self.run_name is not None:
            checks.checked_text("The run's name", self.run_name, TAG_VALUE_CODE_POINTS_MAX)
        functools.update_wrapper(self, self.function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> PipelineRun:
        """Runs the pipeline and answers its run, with the function's own answer as ``result``."""
        context = _PipelineContext(self.name, self.run_name, self.settings)
        # Also where a step calls it, its steps are steps.
        with _set(_context, context), _set(_is_in_step, False):
            result = self.function(*args, **kwargs)
        return PipelineRun(context.run_id, context.name, context.run_name, result)

    def with_options(self, **options: Any) -> "Pipeline":
        """The same pipeline with another ``run_name`` or other options of @pipeline."""
        return replace(self, **_pipeline_options(options))


def step(
    _function: Optional[_Function] = None,
    *,
    name: Optional[str] = None,
    experiment_tracker: Union[str, bool, None] = None,
    settings: _Settings = None,
    retry: Optional[StepRetryConfig] = None,
    enable_cache: Optional[bool] = None,
) -> Any:
    """Makes a function a step.

    ``experiment_tracker`` is the name of a tracker of the active stack, or True for all of them;
    without it log calls start a run of their own. ``settings`` are keyed ``experiment_tracker.mlflow``,
    ``experiment_tracker`` or ``experiment_tracker:NAME``. ``enable_cache`` is accepted; nothing is
    cached. Raises StepwellError with STEPWELL_SETTING_INVALID, or what the settings' values raise.
    """
    options = _step_options({"experiment_tracker": experiment_tracker, "settings": settings, "retry": retry})

    def decorate(function: _Function) -> Step:
        return Step(function, name or function.__name__, **options)

    return decorate if _function is None else decorate(_function)


def pipeline(
    _function: Optional[_Function] = None,
    *,
    name: Optional[str] = None,
    settings: _Settings = None,
    enable_cache: Optional[bool] = None,
) -> Any:
    """Makes a function that calls steps a pipeline. Its settings hold for all of its steps.

    Raises StepwellError with STEPWELL_SETTING_INVALID.
    """
    options = _pipeline_options({"settings": settings})

    def decorate(function: _Function) -> Pipeline:
        return Pipeline(function, name or function.__name__, run_name=None, **options)

    return decorate if _function is None else decorate(_function)


@contextmanager
def _set(variable: "contextvars.ContextVar[_Value]", value: _Value) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def _check(kind: str, name: str, function: _Function) -> None:
    """Where it is decorated, so that nothing has run when it is refused."""
    # A pipeline's name, or that of a step outside of one, is its experiment's.
    checks.checked_text(f"The {kind}'s name", name, EXPERIMENT_NAME_CODE_POINTS_MAX)
    # What is answered before its work is done would end as FINISHED whatever becomes of it.
    kinds = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    if any(is_of_kind(function) for is_of_kind in kinds):
        sentence = f"The {kind} {name!r} is a coroutine or a generator, and has to be a plain function: "
        raise StepwellError(
            "STEPWELL_SETTING_INVALID", f"{sentence}steps may run at once by asyncio.to_thread."
        )


def _step_options(options: "dict[str, Any]") -> "dict[str, Any]":
    made = dict(options)
    made.pop("enable_cache", None)
    if "settings" in made:
        made["settings"] = tuple(settings_messages(made["settings"]))
    if "experiment_tracker" in made:
        tracker = made.pop("experiment_tracker")
        if not isinstance(tracker, (str, bool, type(None))):
            sentence = f"experiment_tracker is the name of a tracker, True or None, not {tracker!r:.80}."
            raise StepwellError("STEPWELL_SETTING_INVALID", sentence)
        made["all_trackers"] = tracker is True
        names = (tracker,) if isinstance(tracker, str) and tracker else ()
        for name in names:
            checks.checked_text("The experiment tracker's name", name, TAG_VALUE_CODE_POINTS_MAX)
        made["trackers"] = names
    return made


def _pipeline_options(options: "dict[str, Any]") -> "dict[str, Any]":
    made = dict(options)
    made.pop("enable_cache", None)
    if "settings" in made:
        made["settings"] = tuple(settings_messages(made["settings"]))
    return made
