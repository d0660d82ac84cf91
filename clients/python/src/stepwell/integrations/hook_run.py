"""The run that a hook of a training framework logs to. A hook never fails the training that it watches."""

from collections.abc import Iterator, Mapping
from typing import Any, Callable, Optional

from ..active import active_run, own_run
from ..errors import StepwellError
from ..fan_out import AnyRun
from ..limits import REJECTION_WARNINGS_MAX
from ..start import start_run
from ..warning import warn

# How deep params may be nested.
_DEPTH_MAX = 16


class HookRun:
    """The active run, else one that the hook begins, makes the active one, and ends.

    One that it has ended it goes on with: a framework may train, end, and then test.
    """

    def __init__(self, **of_run: Any) -> None:
        """``of_run``: start_run()'s arguments for a run that is begun."""
        self._of_run = of_run
        self._run: Optional[AnyRun] = None
        self._is_ours = False
        self._said: set[tuple[str, str]] = set()

    @property
    def run(self) -> AnyRun:
        """The run, begun now if it is not yet. Raises what start_run() raises."""
        before = self._run
        if before is not None and not before.has_ended:
            return before
        of_run, found = self._of_run, None
        if before is not None and self._is_ours:
            of_run = {"run_id": before.run_id}
        elif of_run.get("run_id") is None:
            found = active_run()
        self._is_ours = found is None
        self._run = found if found is not None else start_run(**of_run, active=own_run() is None)
        return self._run

    @property
    def run_id(self) -> Optional[str]:
        """Its id, once there is a run."""
        return None if self._run is None else self._run.run_id

    def log_metrics(self, metrics: Mapping[str, Any], step: Optional[int]) -> None:
        """Logs those that are numbers, and says once what is refused."""
        for key, value in metrics.items():
            if isinstance(value, (str, bytes, Mapping)) or value is None:
                continue
            self._try(str(key), lambda key=str(key), value=value: self.run.log_metric(key, value, step))

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Logs params, those of a mapping in a mapping below its key, and says what is refused."""
        for key, value in _flat(params, "", 0):
            self._try(key, lambda key=key, value=value: self.run.log_param(key, value))

    def end(self, status: str) -> None:
        """Ends the run if the hook began it."""
        if self._run is not None and self._is_ours and not self._run.has_ended:
            self._run.end_run(status)

    def _try(self, key: str, log: Callable[[], object]) -> None:
        try:
            log()
        except StepwellError as error:
            if (error.code, key) not in self._said and len(self._said) < REJECTION_WARNINGS_MAX:
                self._said.add((error.code, key))
                warn(error)


def _flat(params: Mapping[Any, Any], above: str, depth: int) -> "Iterator[tuple[str, Any]]":
    for key, value in params.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping) and value and depth < _DEPTH_MAX:
            yield from _flat(value, f"{path}/", depth + 1)
        else:
            yield path, value
