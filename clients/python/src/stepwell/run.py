"""A run: what log calls are made on."""

import os
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import checks, series, wire
from .artifact_calls import ArtifactCalls
from .buffer import now_ms
from .errors import StepwellError
from .identity import user_name
from .producer import current_producer
from .program import source_name
from .run_buffer import Beginning, RunBuffer
from .run_place import RunPlace

if TYPE_CHECKING:
    from .artifact_store import ArtifactStore

_STATUSES = ("FINISHED", "FAILED", "KILLED")
# Exit codes of a program that a signal ended: SIGINT, SIGTERM.
_KILLED_EXIT_CODES = (130, 143)

_getpid = os.getpid
_time_ns = time.time_ns


class Run(ArtifactCalls):
    """One MLflow run, made by start_run(). Its methods may be called from any thread.

    No method but those for artifacts waits for the network. As a context manager it ends the
    run: FINISHED, FAILED after an exception, KILLED after KeyboardInterrupt. A forked child that
    leaves the block leaves the run alone: it is its parent's.
    """

    _beginning: Beginning = "begins"

    def __init__(
        self,
        run_id: str,
        run_name: str = "",
        experiment_name: str = "",
        trackers: Sequence[str] = (),
        parent_run_id: str = "",
        goes_on: bool = False,
        tracking_uri: str = "",
    ) -> None:
        self.run_id = run_id
        self.run_name = run_name
        self.experiment_name = experiment_name
        self.trackers = tuple(trackers)
        self.owner_pid = _getpid()
        self._given_uri = tracking_uri
        self._place = RunPlace(run_id)
        # Its name as people were told of it; None where they were told nothing.
        self.told_name: Optional[str] = None
        # Called when this process has ended the run.
        self.when_ended: Callable[[], object] = _nobody
        self._start = self._start_part(parent_run_id)
        self._beginning: Beginning = "goes on" if goes_on else self._beginning
        self._params: dict[str, str] = {}
        self._attach()
        self._buffer.buffer.nudge()

    @property
    def mlflow_tracking_uri(self) -> str:
        """The address at which MLflow's own code finds the run's tracker, by way of the daemon.

        It is for this process and those that it starts, and holds no credential. In a step MLflow has it
        already, with several trackers that of the first: ``MlflowClient(run.mlflow_tracking_uri)`` goes to a
        run's own. Asks the daemon once where the run was not begun by a step; raises StepwellError where
        that can't be.
        """
        return self._artifacts[0].tracking_uri()

    @property
    def backend_run_id(self) -> Optional[str]:
        """The run's id at its tracker, which a server gives; None until it is known."""
        told = self._place.known()
        return None if told is None else told.backend_run_id

    @property
    def url(self) -> Optional[str]:
        """The run's page where its tracker has one, else the address of its store; None until it is known."""
        told = self._place.known()
        return None if told is None else told.url

    def __reduce__(self) -> Any:
        """What is pickled or copied attaches to the run by its id: this object ends it."""
        return _attached, (self.run_id, self.run_name, self.experiment_name, self.trackers)

    def log_metric(
        self,
        key: str,
        value: float,
        step: Optional[int] = None,
        timestamp: Optional[int] = None,
        model_id: Optional[str] = None,
    ) -> None:
        """Logs one point.

        ``step`` is a whole number, 0 for None; ``timestamp`` is in milliseconds since 1970 UTC,
        now for None; ``model_id`` is MLflow's id of the logged model that the point measures.
        Raises StepwellError with STEPWELL_KEY_INVALID, STEPWELL_TEXT_MALFORMED,
        STEPWELL_VALUE_INVALID, STEPWELL_STEP_INVALID, STEPWELL_TIMESTAMP_INVALID,
        STEPWELL_MODEL_ID_INVALID or STEPWELL_RUN_ENDED; nothing is logged then.
        """
        if timestamp is None and model_id is None and self._here[0]:
            try:
                writer = self._fast[key]
                put, places, mark = writer
                place = next(places)
            except Exception:
                # The key is not known to be good.
                pass
            else:
                try:
                    put(place, 0 if step is None else step, _time_ns() // 1_000_000, value, mark)
                    return
                except BaseException as error:
                    self._buffer.give_up(key, writer, place)
                    # There is no place left, or a number is none: the slow way says which.
                    if not isinstance(error, Exception):
                        raise
        row = self._row(key, value, step, now_ms() if timestamp is None else timestamp)
        self._append([(key, row)], model_id)

    def log_metrics(
        self,
        metrics: Mapping[str, float],
        step: Optional[int] = None,
        timestamp: Optional[int] = None,
        model_id: Optional[str] = None,
    ) -> None:
        """Logs one point of each metric, all of one time. Raises as log_metric(); nothing is logged then."""
        checks.check_mapping("The metrics argument", metrics)
        at = now_ms() if timestamp is None else timestamp
        self._append([(key, self._row(key, value, step, at)) for key, value in metrics.items()], model_id)

    def log_series(
        self,
        key: str,
        steps: Any,
        values: Any,
        timestamps: Optional[Any] = None,
        model_id: Optional[str] = None,
    ) -> None:
        """Logs a point for each step and value: the fastest way to log many.

        Takes NumPy arrays, buffers or any sequences, and copies them. Points whose value is
        masked are left out. ``timestamps`` are in milliseconds since 1970 UTC; None is now for
        all. Raises as log_metric(), and STEPWELL_COLUMN_UNEVEN when the lengths differ; nothing
        is logged then.
        """
        checks.check_key(key)
        model = checks.checked_model_id(model_id)
        steps, values, timestamps = series.without_masked(steps, values, timestamps)
        step_column = series.step_column(steps)
        value_column = series.value_column(values)
        count = len(value_column) // 8
        if timestamps is None:
            timestamp_column = series.constant_column(now_ms(), count)
        else:
            timestamp_column = series.timestamp_column(timestamps)
        if not len(step_column) == len(value_column) == len(timestamp_column):
            lengths = (
                f"{len(step_column) // 8} steps, {count} values, {len(timestamp_column) // 8} timestamps"
            )
            raise StepwellError("STEPWELL_COLUMN_UNEVEN", f"The series {key!r} has {lengths}.")
        if count > 0:
            self._attach().add_series(key, (step_column, timestamp_column, value_column), model)

    def log_param(self, key: str, value: Any) -> Any:
        """Logs a param as ``str(value)``, and returns the value as it is.

        Raises StepwellError with STEPWELL_KEY_INVALID, STEPWELL_VALUE_TOO_LONG,
        STEPWELL_TEXT_MALFORMED, STEPWELL_RUN_ENDED, or STEPWELL_PARAM_CHANGED when this process
        has logged another value; nothing is logged then.
        """
        self.log_params({key: value})
        return value

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Logs several params, all or none. Raises as log_param()."""
        checks.check_mapping("The params argument", params)
        texts = {}
        for key, value in params.items():
            checks.check_key(key)
            texts[key] = checks.param_text(key, value)
            if self._params.get(key, texts[key]) != texts[key]:
                sentence = f"The param {key!r} is {self._params[key]!r:.80} already."
                raise StepwellError("STEPWELL_PARAM_CHANGED", sentence)
        buffer = self._attach()
        for key, text in texts.items():
            self._params[key] = text
            buffer.add_param(key, text)

    def set_tag(self, key: str, value: Any) -> None:
        """Sets a tag to ``str(value)``; a later value replaces it.

        Raises StepwellError with STEPWELL_KEY_INVALID, STEPWELL_VALUE_TOO_LONG,
        STEPWELL_TEXT_MALFORMED or STEPWELL_RUN_ENDED; nothing is set then.
        """
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Sets several tags, all or none. Raises as set_tag()."""
        checks.check_mapping("The tags argument", tags)
        for key in tags:
            checks.check_key(key)
        texts = [(key, checks.tag_text(key, value)) for key, value in tags.items()]
        buffer = self._attach()
        for key, text in texts:
            buffer.add_tag(key, text)

    def end_run(self, status: str = "FINISHED") -> None:
        """Ends the run; a second call does nothing, and so does a forked child's.

        Raises STEPWELL_STATUS_INVALID.
        """
        if status not in _STATUSES:
            raise StepwellError("STEPWELL_STATUS_INVALID", f"{status!r} is no status that ends a run.")
        if not self.has_ended:
            self._end(status)
            self.when_ended()

    @property
    def has_ended(self) -> bool:
        """Whether this process has ended the run."""
        return self._buffer.has_ended

    def flush(self, timeout: Optional[float] = None) -> None:
        """Waits until all that this process logged so far is on the daemon's disk; see stepwell.flush()."""
        current_producer().flush(timeout)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(run_id={self.run_id!r})"

    def _tagged_runs(self) -> "Sequence[Run]":
        return (self,)

    @cached_property
    def _artifacts(self) -> "Sequence[ArtifactStore]":
        # It loads much that a run without artifacts does without.
        from .artifact_store import artifact_stores

        return artifact_stores(self.run_id, self._given_uri, self.trackers)

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        if self.owner_pid == _getpid():
            self.end_run(status_after(kind, error))

    def _start_part(self, parent_run_id: str) -> Optional[bytes]:
        return wire.run_start_part(
            experiment_name=self.experiment_name,
            run_name=self.run_name,
            trackers=self.trackers,
            start_time_ms=now_ms(),
            user=user_name(),
            source_name=source_name(),
            parent_run_id=parent_run_id,
        )

    def _end(self, status: str) -> None:
        buffer = self._attach()
        if self.owner_pid == _getpid() and self.told_name is not None:
            current_producer().tell_of(self.run_id, self.told_name, status)
        buffer.end(self._end_part(status))

    def _end_part(self, status: str) -> bytes:
        return wire.run_end_part(status, now_ms())

    def _row(self, key: str, value: Any, step: Any, timestamp: Any) -> "tuple[int, int, float]":
        if type(key) is not str or not self._buffer.knows(key):
            checks.check_key(key)
        return checks.metric_step(step), checks.metric_timestamp(timestamp), checks.metric_value(value)

    def _append(self, rows: "list[tuple[str, tuple[int, int, float]]]", model_id: Optional[str]) -> None:
        model = checks.checked_model_id(model_id)
        buffer = self._attach()
        for key, row in rows:
            buffer.add_row(key, row, model)

    def _attach(self) -> RunBuffer:
        """The run's buffer in this process, which a forked child has not yet."""
        producer = current_producer()
        buffer: Optional[RunBuffer] = getattr(self, "_buffer", None)
        if buffer is None or buffer.buffer is not producer.buffer:
            # A forked child neither begins nor ends what is its parent's.
            beginning = self._beginning if self.owner_pid == _getpid() else "attached"
            buffer = producer.buffer.open_run(self.run_id, self._start, beginning)
            self._buffer = buffer
            self._fast = buffer.fast
            self._here = producer.buffer.here
        elif self.has_ended:
            raise StepwellError("STEPWELL_RUN_ENDED", f"The run {self.run_id} has ended.")
        return buffer


class AttachedRun(Run):
    """A run that somebody else began and will end: a step, or ``stepwell run``.

    Several objects may be attached to one run, as in threads; the end of one is no other's. One
    whose experiment is known can be begun again where a home that was wiped knows it no more.
    """

    _beginning: Beginning = "attached"
    _has_left = False

    @property
    def has_ended(self) -> bool:
        """Whether this object logs to the run no more."""
        return self._has_left or self._buffer.has_ended

    def _start_part(self, parent_run_id: str) -> Optional[bytes]:
        return super()._start_part(parent_run_id) if self.experiment_name else None

    def _end(self, status: str) -> None:
        self._attach().leave(wire.run_end_part(status, now_ms()))
        self._has_left = True
        self._fast = {}


def _attached(run_id: str, run_name: str, experiment_name: str, trackers: Sequence[str]) -> AttachedRun:
    from .process_end import send_at_end

    send_at_end()
    return AttachedRun(run_id, run_name, experiment_name, trackers)


def _nobody() -> None:
    pass


def status_after(kind: Optional[type[BaseException]], error: Optional[BaseException]) -> str:
    """The status of a run whose program ended in this way."""
    if kind is None:
        return "FINISHED"
    if issubclass(kind, KeyboardInterrupt):
        return "KILLED"
    if isinstance(error, SystemExit):
        if error.code in _KILLED_EXIT_CODES:
            return "KILLED"
        return "FINISHED" if error.code in (None, 0) else "FAILED"
    return "FAILED"
