"""A logger of Lightning, or of pytorch_lightning where that is installed in its place."""

from argparse import Namespace
from collections.abc import Mapping
from typing import Any, Optional, Union

from .hook_run import HookRun

try:
    from lightning.pytorch.loggers.logger import Logger, rank_zero_experiment
    from lightning.pytorch.utilities import rank_zero_only
except ImportError:
    from pytorch_lightning.loggers.logger import Logger, rank_zero_experiment
    from pytorch_lightning.utilities import rank_zero_only

_STATUSES = {"success": "FINISHED", "finished": "FINISHED", "failed": "FAILED"}


class StepwellLogger(Logger):  # type: ignore[misc]
    """Logs what Lightning logs: ``Trainer(logger=StepwellLogger(experiment_name="digits"))``.

    Metrics and hyperparameters have Lightning's own names; nested hyperparameters are ``a/b``. Of
    several processes the first one logs.

    Logs to the active run; where there is none it begins one, which ends with the training, and
    goes on with it for a test that follows. ``experiment_name``, ``run_name``, ``run_id`` and ``tags``
    are as in Lightning's MLFlowLogger, ``experiment_tracker`` as in start_run().
    """

    def __init__(
        self,
        experiment_name: str = "lightning_logs",
        run_name: Optional[str] = None,
        experiment_tracker: Any = None,
        run_id: Optional[str] = None,
        tags: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__()
        self._experiment_name = experiment_name
        self._hook = HookRun(
            run_name=run_name,
            experiment_name=experiment_name,
            experiment_tracker=experiment_tracker,
            run_id=run_id,
            tags=tags,
        )

    @property
    @rank_zero_experiment  # type: ignore[untyped-decorator]
    def experiment(self) -> Any:
        """The run; see stepwell.Run."""
        return self._hook.run

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self._experiment_name

    @property
    def version(self) -> Optional[str]:
        """The run's id, once there is a run."""
        return self._hook.run_id

    @rank_zero_only  # type: ignore[untyped-decorator]
    def log_hyperparams(self, params: Union[Mapping[str, Any], Namespace], *args: Any, **kwargs: Any) -> None:
        """See Lightning."""
        self._hook.log_params(vars(params) if isinstance(params, Namespace) else params)

    @rank_zero_only  # type: ignore[untyped-decorator]
    def log_metrics(self, metrics: Mapping[str, Any], step: Optional[int] = None) -> None:
        """See Lightning."""
        self._hook.log_metrics(metrics, step)

    @rank_zero_only  # type: ignore[untyped-decorator]
    def finalize(self, status: str) -> None:
        """See Lightning."""
        self._hook.end(_STATUSES.get(status, "FINISHED"))
