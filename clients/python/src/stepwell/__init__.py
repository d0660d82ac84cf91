"""Logs metrics, params and tags to the local Stepwell daemon, which delivers them to MLflow.

No call waits for a network: see start_run(), log_metric() and flush().
"""

import importlib
from typing import TYPE_CHECKING, Any

from ._version import VERSION as __version__
from .errors import StepwellError
from .fan_out import FanOut
from .fluent import (
    active_run,
    drain,
    end_run,
    flush,
    log_artifact,
    log_artifacts,
    log_dict,
    log_figure,
    log_image,
    log_metric,
    log_metrics,
    log_param,
    log_params,
    log_series,
    log_table,
    log_text,
    set_tag,
    set_tags,
    start_run,
    stats,
)
from .run import Run
from .stats import Stats

if TYPE_CHECKING:
    from .autologging import autolog
    from .client import Client, PipelineRun, StepRun
    from .daemon_state import Delivery, Drained, Lane, RunState, State
    from .pipelines import Pipeline, Step, StepRetryConfig, pipeline, step
    from .settings import MLFlowExperimentTrackerSettings
    from .stacks import Component, Secret, Stack

# Loaded when it is first asked for: what most programs do without takes as long to load as the rest.
_LATER = {
    "Client": "client",
    "Component": "stacks",
    "Delivery": "daemon_state",
    "Drained": "daemon_state",
    "Lane": "daemon_state",
    "MLFlowExperimentTrackerSettings": "settings",
    "Pipeline": "pipelines",
    "PipelineRun": "client",
    "RunState": "daemon_state",
    "Secret": "stacks",
    "Stack": "stacks",
    "State": "daemon_state",
    "Step": "pipelines",
    "StepRetryConfig": "pipelines",
    "StepRun": "client",
    "autolog": "autologging",
    "pipeline": "pipelines",
    "step": "pipelines",
}

__all__ = [
    "Client",
    "Component",
    "Delivery",
    "Drained",
    "FanOut",
    "Lane",
    "MLFlowExperimentTrackerSettings",
    "Pipeline",
    "PipelineRun",
    "Run",
    "RunState",
    "Secret",
    "Stack",
    "State",
    "Stats",
    "Step",
    "StepRetryConfig",
    "StepRun",
    "StepwellError",
    "__version__",
    "active_run",
    "autolog",
    "drain",
    "end_run",
    "flush",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_image",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "log_series",
    "log_table",
    "log_text",
    "pipeline",
    "set_tag",
    "set_tags",
    "start_run",
    "stats",
    "step",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        value = getattr(importlib.import_module(f".{_LATER[name]}", __name__), name)
        globals()[name] = value
        return value
    from .mlflow_names import missing

    raise missing(name)


def __dir__() -> "list[str]":
    """Public names only: what this package is made of is in it, too."""
    return sorted(__all__)
