"""One step's runs at several trackers, as one."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Callable, Optional, Union

from .artifact_calls import ArtifactCalls
from .buffer import now_ms
from .producer import current_producer
from .run import Run


class FanOut(ArtifactCalls):
    """Several runs as one: each log call goes to all of them, with one timestamp.

    ``run_id`` and ``mlflow_tracking_uri`` are the first one's; ``runs`` are all.
    Its methods are those of Run.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = tuple(runs)

    def __repr__(self) -> str:
        return f"FanOut(runs={list(self.runs)!r})"

    def _tagged_runs(self) -> Sequence[Run]:
        return self.runs

    @property
    def run_id(self) -> str:
        return self.runs[0].run_id

    @property
    def mlflow_tracking_uri(self) -> str:
        """See Run.mlflow_tracking_uri."""
        return self.runs[0].mlflow_tracking_uri

    @property
    def owner_pid(self) -> int:
        """The process that made them."""
        return self.runs[0].owner_pid

    @property
    def backend_run_id(self) -> Optional[str]:
        """See Run.backend_run_id."""
        return self.runs[0].backend_run_id

    @property
    def url(self) -> Optional[str]:
        """See Run.url."""
        return self.runs[0].url

    @property
    def has_ended(self) -> bool:
        """Whether this process has ended all of them."""
        return all(run.has_ended for run in self.runs)

    @property
    def when_ended(self) -> Callable[[], object]:
        """Called when this process has ended one of them."""
        return self.runs[0].when_ended

    @when_ended.setter
    def when_ended(self, callback: Callable[[], object]) -> None:
        for run in self.runs:
            run.when_ended = callback

    def log_metric(
        self,
        key: str,
        value: float,
        step: Optional[int] = None,
        timestamp: Optional[int] = None,
        model_id: Optional[str] = None,
    ) -> None:
        """See Run.log_metric()."""
        at = now_ms() if timestamp is None else timestamp
        for run in self.runs:
            run.log_metric(key, value, step, at, model_id)

    def log_metrics(
        self,
        metrics: Mapping[str, float],
        step: Optional[int] = None,
        timestamp: Optional[int] = None,
        model_id: Optional[str] = None,
    ) -> None:
        """See Run.log_metrics()."""
        at = now_ms() if timestamp is None else timestamp
        for run in self.runs:
            run.log_metrics(metrics, step, at, model_id)

    def log_series(
        self,
        key: str,
        steps: Any,
        values: Any,
        timestamps: Optional[Any] = None,
        model_id: Optional[str] = None,
    ) -> None:
        """See Run.log_series()."""
        at = [now_ms()] * len(values) if timestamps is None else timestamps
        for run in self.runs:
            run.log_series(key, steps, values, at, model_id)

    def log_param(self, key: str, value: Any) -> Any:
        """See Run.log_param()."""
        self.log_params({key: value})
        return value

    def log_params(self, params: Mapping[str, Any]) -> None:
        """See Run.log_params()."""
        for run in self.runs:
            run.log_params(params)

    def set_tag(self, key: str, value: Any) -> None:
        """See Run.set_tag()."""
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """See Run.set_tags()."""
        for run in self.runs:
            run.set_tags(tags)

    def end_run(self, status: str = "FINISHED") -> None:
        """See Run.end_run()."""
        for run in self.runs:
            run.end_run(status)

    def flush(self, timeout: Optional[float] = None) -> None:
        """See Run.flush()."""
        current_producer().flush(timeout)

    def __enter__(self) -> "FanOut":
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        for run in self.runs:
            run.__exit__(kind, error, traceback)


AnyRun = Union[Run, FanOut]
