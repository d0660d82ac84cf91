"""Autologging, which is MLflow's own: it needs the package, and logs to the step's run inside of a step."""

import importlib.util
from typing import Any

from .errors import StepwellError
from .warning import warn


def autolog(**options: Any) -> None:
    """Switches on ``mlflow.autolog()`` with these options; without the package it says so, and nothing else.

    A step's end switches off again what was switched on inside of it.
    """
    if importlib.util.find_spec("mlflow") is None:
        sentence = (
            "autolog() is MLflow's, which is not installed (pip install mlflow): nothing logs by itself."
        )
        warn(StepwellError("STEPWELL_SETTING_INVALID", sentence, ""))
        return
    import mlflow  # type: ignore[import-not-found]

    mlflow.autolog(**options)
