"""The module functions: they log to the active run; see active.py for which one that is."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Optional

from . import active, parent_run
from .active import active_run, own_run
from .fan_out import AnyRun
from .notices import say
from .producer import current_producer, producer_if_any
from .start import start_run
from .stats import Stats

if TYPE_CHECKING:
    from .daemon_state import Drained


def end_run(status: str = "FINISHED") -> None:
    """Ends this thread's active run; one of another thread is left to it. Raises STEPWELL_STATUS_INVALID."""
    run = own_run()
    if run is not None:
        run.end_run(status)


def log_metric(
    key: str,
    value: float,
    step: Optional[int] = None,
    timestamp: Optional[int] = None,
    model_id: Optional[str] = None,
) -> None:
    """Logs one point to the active run, and starts one if there is none; see Run.log_metric()."""
    (active.top or _run()).log_metric(key, value, step, timestamp, model_id)


def log_metrics(
    metrics: Mapping[str, float],
    step: Optional[int] = None,
    timestamp: Optional[int] = None,
    model_id: Optional[str] = None,
) -> None:
    """Logs one point of each metric to the active run; see Run.log_metrics()."""
    _run().log_metrics(metrics, step, timestamp, model_id)


def log_series(
    key: str,
    steps: Any,
    values: Any,
    timestamps: Optional[Any] = None,
    model_id: Optional[str] = None,
) -> None:
    """Logs a point for each step and value to the active run; see Run.log_series()."""
    _run().log_series(key, steps, values, timestamps, model_id)


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


def log_artifact(local_path: "str | os.PathLike[str]", artifact_path: Optional[str] = None) -> None:
    """Logs a file or a folder as an artifact of the active run, and waits for it; see Run.log_artifact()."""
    _run().log_artifact(local_path, artifact_path)


def log_artifacts(local_dir: "str | os.PathLike[str]", artifact_path: Optional[str] = None) -> None:
    """Logs the files of a folder as artifacts of the active run; see Run.log_artifacts()."""
    _run().log_artifacts(local_dir, artifact_path)


def log_text(text: str, artifact_file: str) -> None:
    """Logs a text as an artifact of the active run; see Run.log_text()."""
    _run().log_text(text, artifact_file)


def log_dict(dictionary: Any, artifact_file: str) -> None:
    """Logs a dict or a list as an artifact of the active run; see Run.log_dict()."""
    _run().log_dict(dictionary, artifact_file)


def log_figure(figure: Any, artifact_file: str, *, save_kwargs: "Optional[dict[str, Any]]" = None) -> None:
    """Logs a figure as an artifact of the active run; see Run.log_figure()."""
    _run().log_figure(figure, artifact_file, save_kwargs=save_kwargs)


def log_image(
    image: Any,
    artifact_file: Optional[str] = None,
    key: Optional[str] = None,
    step: Optional[int] = None,
    timestamp: Optional[int] = None,
) -> None:
    """Logs an image as an artifact of the active run; see Run.log_image()."""
    _run().log_image(image, artifact_file, key, step, timestamp)


def log_table(data: Any, artifact_file: str) -> None:
    """Adds rows to a table among the active run's artifacts; see Run.log_table()."""
    _run().log_table(data, artifact_file)


def flush(timeout: Optional[float] = None) -> None:
    """Waits until all that this process logged so far is on the daemon's disk.

    ``timeout`` is in seconds; None is 60. Raises StepwellError: STEPWELL_FLUSH_TIMEOUT at the
    deadline, which gives nothing up, or the code of what ended the stream for good.
    """
    producer = producer_if_any()
    if producer is not None:
        producer.flush(timeout)


def drain(timeout: Optional[float] = None) -> "Drained":
    """Waits until the backends have confirmed all that this process logged so far: flush() and more.

    What is flushed outlives this process and a power cut, but not this machine's disk; what is drained is
    where it was to go. ``timeout`` is in seconds; None is 60, and a day is the most. At the deadline it
    answers what is not there yet, and the daemon goes on with it. Raises StepwellError as flush() does,
    STEPWELL_SETTING_INVALID, and STEPWELL_RUN_UNKNOWN where the home was replaced since.
    """
    producer = producer_if_any()
    if producer is not None:
        return producer.drain(timeout)
    from .daemon_state import Drained

    return Drained(True, (), 0)


def stats() -> Stats:
    """What became of the entries that this process logged."""
    return current_producer().stats()


def _run() -> AnyRun:
    """The active run; MLflow starts one when there is none, and so does this."""
    return active_run() or _begun()


def _begun() -> AnyRun:
    reason = parent_run.reason_for_none()
    run = start_run()
    if reason:
        remedy = "To log to another, give its id in STEPWELL_RUN_ID"
        say(f"this process logs to a run of its own: {reason}. {remedy}")
    return run
