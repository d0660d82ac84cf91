"""The ``mlflow`` package of this process: what of it a step changes, and how that is undone.

Never imports it. Nothing here asks a network, or waits, but where that is said. Versions differ in what is
private to MLflow (2.2.1 to 3.17 are known): without it the variables of the environment lead MLflow to the
step's run, as they lead any program.
"""

import contextlib
import sys
import threading
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from stepwell_mlflow.light_client import follow, follow_mlflow

from . import limits
from .waiting import wait_for

# Threads of MLflow that log what is logged asynchronously.
_ASYNC_THREADS = ("MLflowAsync", "MLflowBatchLogging", "MLflowArtifactsLogging")


@dataclass(frozen=True)
class PackageState:
    """What a step changes of the package. A package that was not imported is as one that just was."""

    tracking_uri: Optional[str] = None
    experiment_id: Optional[str] = None
    # Autologging integrations that are switched on.
    autologging: "frozenset[str]" = field(default_factory=frozenset)


class MlflowPackage:
    """The package, once it is imported."""

    def __init__(self) -> None:
        self.fluent: Any = sys.modules["mlflow.tracking.fluent"]
        self._service: Any = sys.modules["mlflow.tracking._tracking_service.utils"]
        self._autologging: Any = sys.modules.get("mlflow.utils.autologging_utils")

    def state(self) -> PackageState:
        """What it is now."""
        return PackageState(
            tracking_uri=getattr(self._service, "_tracking_uri", None),
            experiment_id=getattr(self.fluent, "_active_experiment_id", None),
            autologging=self._autologging_on(),
        )

    def lead_to(self, tracking_uri: str, is_at_databricks: bool) -> None:
        """Lets MLflow speak to that server; which experiment it was to log to is forgotten."""
        self._service.set_tracking_uri(tracking_uri)
        self.fluent._active_experiment_id = None
        follow(tracking_uri, is_at_databricks)

    def put_back(self, state: PackageState) -> None:
        """Makes it what it was, but for autologging."""
        self._service.set_tracking_uri(state.tracking_uri)
        self.fluent._active_experiment_id = state.experiment_id
        follow_mlflow()

    def autolog_off(self, before: "frozenset[str]") -> None:
        """Switches off, without a word, the integrations that were not on before."""
        on = self._autologging_on() - before
        # The general one goes first: it would switch on others as they are imported.
        for name in sorted(on, key=lambda name: name != "mlflow"):
            module = sys.modules.get("mlflow" if name == "mlflow" else f"mlflow.{name}")
            with contextlib.suppress(Exception):
                if module is not None:
                    module.autolog(disable=True, silent=True)
            # As if nobody had ever called it: one that was configured is not switched on by mlflow.autolog().
            self._autologging.AUTOLOGGING_INTEGRATIONS[name] = {}

    def runs(self) -> "list[Any]":
        """The active runs of this thread, the innermost last; of all threads in versions before 2.18."""
        stack = self.fluent._active_run_stack
        found: list[Any] = stack.get() if hasattr(stack, "get") else stack
        return found

    def begin_stacks_with(self, runs: Callable[[], "list[Any]"]) -> Callable[[], None]:
        """Lets threads that MLflow has not seen begin with these runs; answers what undoes that."""
        stack = self.fluent._active_run_stack
        if not hasattr(stack, "default_factory"):
            stack.extend(runs())
            return _nothing
        before = stack.default_factory
        stack.default_factory = lambda: [*before(), *runs()]

        def undo() -> None:
            stack.default_factory = before

        return undo

    def run_object(self, run_id: str, tracking_uri: str) -> Any:
        """The run as MLflow's active runs are; it is asked for when somebody looks at it."""
        client: Any = sys.modules["mlflow.tracking"]
        base: Any = self.fluent.ActiveRun

        class StepRun(base):  # type: ignore[misc]
            def __init__(self) -> None:
                pass

            def __getattr__(self, name: str) -> Any:
                if name.startswith("__"):
                    raise AttributeError(name)
                run = client.MlflowClient(tracking_uri=tracking_uri).get_run(run_id)
                vars(self).update(vars(run))
                if name in vars(self):
                    return vars(self)[name]
                raise AttributeError(name)

        return StepRun()

    def flush(self) -> None:
        """Waits for what was logged asynchronously, for a bounded time."""
        names = [thread.name for thread in threading.enumerate()]
        flush = getattr(self.fluent, "flush_async_logging", None)
        if flush is None or not any(name.startswith(_ASYNC_THREADS) for name in names):
            return
        thread = threading.Thread(target=flush, name="stepwell-mlflow-flush", daemon=True)
        thread.start()
        wait_for(lambda: not thread.is_alive(), limits.STEP_FLUSH_SECONDS)

    def _autologging_on(self) -> "frozenset[str]":
        integrations: dict[str, Any] = getattr(self._autologging, "AUTOLOGGING_INTEGRATIONS", {})
        return frozenset(
            name for name, config in integrations.items() if config and not config.get("disable", True)
        )


def mlflow_package() -> Optional[MlflowPackage]:
    """The package; None where it is not imported, or is another one of that name."""
    try:
        return MlflowPackage()
    except KeyError:
        return None


def _nothing() -> None:
    pass
