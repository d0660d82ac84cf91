"""Whether the daemon logs metrics of the system to a run, and how often: a tag says it.

MLflow's own variables ask for it where the program says nothing.
"""

import os
import re
from collections.abc import Mapping
from typing import Any, Optional

from .errors import StepwellError

SYSTEM_METRICS_TAG = "stepwell.system_metrics"
# Seconds between two points unless something else is said, and the least and the most.
_SECONDS = 10
_SECONDS_MIN = 1
_SECONDS_MAX = 3_600


def system_metrics_tag(
    system_metrics: Any, environment: "Optional[Mapping[str, str]]" = None
) -> Optional[str]:
    """The tag's value: of True, False or seconds, or else of MLflow's variables; None says nothing.

    Raises StepwellError with STEPWELL_SETTING_INVALID.
    """
    environment = os.environ if environment is None else environment
    if system_metrics is None:
        seconds = _asked_by(environment)
    elif system_metrics is True:
        seconds = _SECONDS
    elif system_metrics is False:
        return "off"
    else:
        seconds = _checked(system_metrics)
    if seconds is None:
        return None
    node = re.sub(r"[^A-Za-z0-9_\-.: ]", "_", environment.get("MLFLOW_SYSTEM_METRICS_NODE_ID", ""))[:100]
    return f"{seconds:g} on {node}" if node else f"{seconds:g}"


def _checked(system_metrics: Any) -> float:
    is_number = isinstance(system_metrics, (int, float))
    if is_number and _SECONDS_MIN <= system_metrics <= _SECONDS_MAX:
        return float(system_metrics)
    raise StepwellError(
        "STEPWELL_SETTING_INVALID",
        f"system_metrics is True, False or seconds from {_SECONDS_MIN} to {_SECONDS_MAX}, "
        f"not {system_metrics!r:.80}.",
    )


def _asked_by(environment: "Mapping[str, str]") -> Optional[float]:
    if environment.get("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "").lower() not in ("true", "1"):
        return None
    # MLflow logs the mean of so many samples; the daemon logs as often as that would.
    interval = _number(environment.get("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL")) or _SECONDS
    samples = _number(environment.get("MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING")) or 1
    return min(max(interval * samples, _SECONDS_MIN), _SECONDS_MAX)


def _number(text: Optional[str]) -> Optional[float]:
    try:
        return float(text or "")
    except ValueError:
        return None
