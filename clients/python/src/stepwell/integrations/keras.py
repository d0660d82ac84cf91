"""A callback of Keras 3, whatever its backend."""

from collections.abc import Mapping
from typing import Any, Optional

import keras

from .hook_run import HookRun


class StepwellCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Logs what Keras measures: ``model.fit(..., callbacks=[StepwellCallback()])``, also in ``evaluate``.

    Metrics have Keras' own names; of an epoch their step is the epoch, of a batch the number of
    batches so far, below ``batch/``. What is evaluated outside of a training is below ``test/``.
    The optimizer's name and learning rate and the numbers of epochs and batches are params.

    Logs to the active run; where there is none it begins one, which ends with the training.
    Arguments of start_run() (``run_name``, ``experiment_name``, ``experiment_tracker``, ``run_id``,
    ``tags``) are for that one. ``log_every_epoch`` and ``log_every_n_steps`` are as in MLflow's callback.
    """

    def __init__(
        self, *, log_every_epoch: bool = True, log_every_n_steps: Optional[int] = None, **of_run: Any
    ) -> None:
        super().__init__()
        self._hook = HookRun(**of_run)
        self._log_every_epoch = log_every_epoch
        self._log_every_n_steps = log_every_n_steps
        self._batches = 0
        self._is_training = False

    def on_train_begin(self, logs: Optional[Mapping[str, Any]] = None) -> None:
        """See Keras."""
        self._is_training = True
        optimizer = getattr(self.model, "optimizer", None)
        params = {name: self.params.get(name) for name in ("epochs", "steps")}
        if optimizer is not None:
            params["optimizer"] = optimizer.name
            params["learning_rate"] = float(optimizer.learning_rate)
        self._hook.log_params({name: value for name, value in params.items() if value is not None})

    def on_train_batch_end(self, batch: int, logs: Optional[Mapping[str, Any]] = None) -> None:
        """See Keras."""
        self._batches += 1
        if self._log_every_n_steps and self._batches % self._log_every_n_steps == 0:
            metrics = {f"batch/{key}": value for key, value in (logs or {}).items()}
            self._hook.log_metrics(metrics, self._batches)

    def on_epoch_end(self, epoch: int, logs: Optional[Mapping[str, Any]] = None) -> None:
        """See Keras."""
        if self._log_every_epoch:
            self._hook.log_metrics(logs or {}, epoch)

    def on_test_end(self, logs: Optional[Mapping[str, Any]] = None) -> None:
        """See Keras."""
        # In a training the epoch's metrics hold them.
        if not self._is_training:
            self._hook.log_metrics({f"test/{key}": value for key, value in (logs or {}).items()}, None)
            self._hook.end("FINISHED")

    def on_train_end(self, logs: Optional[Mapping[str, Any]] = None) -> None:
        """See Keras."""
        self._is_training = False
        self._hook.end("FINISHED")
