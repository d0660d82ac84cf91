"""The module functions: they log to the active run, which all threads of the process share."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Optional, Union

from . import checks
from .errors import StepwellError
from .limits import TAG_VALUE_CODE_POINTS_MAX
from .process_end import end_with_process
from .producer import current_producer, producer_if_any
from .run import Run
from .stats import Stats

# Runs that were started and not ended, the innermost last; replaced as a whole, never changed.
_stack: "tuple[Run, ...]" = ()
_top: Optional[Run] = None


def start_run(
    run_name: Optional[str] = None,
    experiment_name: Optional[str] = None,
    experiment_tracker: Union[str, Sequence[str], None] = None,
    run_id: Optional[str] = None,
    *,
    tags: Optional[Mapping[str, Any]] = None,
    nested: bool = False,
    active: bool = True,
) -> Run:
    """Starts a run, or goes on with the one that has ``run_id``, and makes it the active one.

    Returns at once: the id is made here. Use it as a context manager, or end it with
    end_run(). ``experiment_tracker`` is a name or a list of names; None is the active stack's.
    ``nested=True`` starts a run inside the active one, as its child. ``active=False`` leaves
    the active run alone: for threads that each have a run of their own.

    Raises StepwellError with STEPWELL_RUN_ACTIVE when a run is active already,
    STEPWELL_RUN_ID_INVALID, STEPWELL_EXPERIMENT_INVALID, STEPWELL_VALUE_TOO_LONG,
    STEPWELL_VALUE_INVALID, STEPWELL_TEXT_MALFORMED or, for a tag, what set_tag() raises.
    """
    parent = active_run()
    if active and parent is not None and not nested:
        sentence = f"The run {parent.run_id} is active."
        raise StepwellError("STEPWELL_RUN_ACTIVE", sentence)
    if run_id is not None:
        checks.check_run_id(run_id)
    run = Run(
        uuid.uuid4().hex if run_id is None else run_id,
        ""
        if run_name is None
        else checks.checked_text("The run's name", run_name, TAG_VALUE_CODE_POINTS_MAX),
        checks.checked_experiment_name(experiment_name),
        _trackers(experiment_tracker),
    )
    end_with_process(run)
    if nested and parent is not None:
        run.set_tag("mlflow.parentRunId", parent.run_id)
    if tags is not None:
        run.set_tags(tags)
    if active:
        _set_stack((*_stack, run))
    return run


def active_run() -> Optional[Run]:
    """The run that the module functions log to, or None."""
    while _top is not None and _top.has_ended:
        _set_stack(_stack[:-1])
    return _top


def end_run(status: str = "FINISHED") -> None:
    """Ends the active run, if there is one. Raises STEPWELL_STATUS_INVALID."""
    run = active_run()
    if run is not None:
        run.end_run(status)
        active_run()


def log_metric(key: str, value: float, step: Optional[int] = None, timestamp: Optional[int] = None) -> None:
    """Logs one point to the active run, and starts one if there is none; see Run.log_metric()."""
    (_top or _run()).log_metric(key, value, step, timestamp)


def log_metrics(
    metrics: Mapping[str, float], step: Optional[int] = None, timestamp: Optional[int] = None
) -> None:
    """Logs one point of each metric to the active run; see Run.log_metrics()."""
    _run().log_metrics(metrics, step, timestamp)


def log_series(key: str, steps: Any, values: Any, timestamps: Optional[Any] = None) -> None:
    """Logs a point for each step and value to the active run; see Run.log_series()."""
    _run().log_series(key, steps, values, timestamps)


def log_param(key: str, value: Any) -> Any:
    """Logs a param to the active run and returns the value; see Run.log_param()."""
    return _run().log_param(key, value)


def log_params(params: Mapping[str, Any]) -> None:
    """Logs several params to the active run; see Run.log_params()."""
    _run().log_params(params)


def set_tag(key: str, value: Any) -> None:
    """Sets a tag of the active run; see Run.set_tag()."""
    _run().set_tag(key, value)


def set_tags(tags: Mapping[str, Any]) -> None:
    """Sets several tags of the active run; see Run.set_tags()."""
    _run().set_tags(tags)


def flush(timeout: Optional[float] = None) -> None:
    """Waits until all that this process logged so far is on the daemon's disk.

    ``timeout`` is in seconds; None is 60. Raises StepwellError: STEPWELL_FLUSH_TIMEOUT at the
    deadline, which gives nothing up, or the code of what ended the stream for good.
    """
    producer = producer_if_any()
    if producer is not None:
        producer.flush(timeout)


def stats() -> Stats:
    """What became of the entries that this process logged."""
    return current_producer().stats()


def _run() -> Run:
    """The active run; MLflow starts one when there is none, and so does this."""
    return active_run() or start_run()


def _set_stack(stack: "tuple[Run, ...]") -> None:
    global _stack, _top
    _stack = stack
    _top = stack[-1] if stack else None


def _trackers(given: Union[str, Sequence[str], None]) -> list[str]:
    names = [] if given is None else [given] if isinstance(given, str) else list(given)
    return [
        checks.checked_text("The experiment tracker's name", name, TAG_VALUE_CODE_POINTS_MAX)
        for name in names
    ]
