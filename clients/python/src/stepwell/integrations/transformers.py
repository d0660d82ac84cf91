"""A callback of Hugging Face's Trainer."""

from collections.abc import Mapping
from typing import Any, Optional

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .hook_run import HookRun


class StepwellCallback(TrainerCallback):  # type: ignore[misc]
    """Logs what the Trainer logs: ``Trainer(..., callbacks=[StepwellCallback()])``.

    Metrics have the Trainer's own names, and the global step; its arguments and the model's config
    are params. Of several processes the first one logs. Give the Trainer ``report_to="none"`` if MLflow's own
    callback is not to log as well.

    Logs to the active run; where there is none it begins one, which ends with the training.
    Arguments of start_run() (``run_name``, ``experiment_name``, ``experiment_tracker``, ``run_id``,
    ``tags``) are for that one.
    """

    def __init__(self, **of_run: Any) -> None:
        self._hook = HookRun(**of_run)

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: Any = None,
        **kwargs: Any,
    ) -> None:
        """See Transformers."""
        if state.is_world_process_zero:
            config = getattr(model, "config", None)
            self._hook.log_params({**(config.to_dict() if config is not None else {}), **args.to_dict()})

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Optional[Mapping[str, Any]] = None,
        **kwargs: Any,
    ) -> None:
        """See Transformers."""
        if state.is_world_process_zero:
            self._hook.log_metrics(logs or {}, state.global_step)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """See Transformers."""
        if state.is_world_process_zero:
            self._hook.end("FINISHED")
