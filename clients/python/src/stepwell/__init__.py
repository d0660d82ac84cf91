"""Logs metrics, params and tags to the local Stepwell daemon, which delivers them to MLflow.

No call waits for a network: see start_run(), log_metric() and flush().
"""

from ._version import VERSION as __version__
from .errors import StepwellError
from .fluent import (
    active_run,
    end_run,
    flush,
    log_metric,
    log_metrics,
    log_param,
    log_params,
    log_series,
    set_tag,
    set_tags,
    start_run,
    stats,
)
from .run import Run
from .stats import Stats

__all__ = [
    "Run",
    "Stats",
    "StepwellError",
    "__version__",
    "active_run",
    "end_run",
    "flush",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "log_series",
    "set_tag",
    "set_tags",
    "start_run",
    "stats",
]
