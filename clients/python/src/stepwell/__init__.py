"""Logs metrics, params and tags to the local Stepwell daemon, which delivers them to MLflow.

No call waits for a network: see start_run(), log_metric() and flush().
"""

from ._version import VERSION as __version__
from .autolog import autolog
from .client import Client, PipelineRun, StepRun
from .errors import StepwellError
from .fan_out import FanOut
from .fluent import (
    active_run,
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
from .pipeline import Pipeline, Step, StepRetryConfig, pipeline, step
from .run import Run
from .settings import MLFlowExperimentTrackerSettings
from .stats import Stats

__all__ = [
    "Client",
    "FanOut",
    "MLFlowExperimentTrackerSettings",
    "Pipeline",
    "PipelineRun",
    "Run",
    "Stats",
    "Step",
    "StepRetryConfig",
    "StepRun",
    "StepwellError",
    "__version__",
    "active_run",
    "autolog",
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
