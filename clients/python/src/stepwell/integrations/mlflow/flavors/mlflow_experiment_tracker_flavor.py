"""The settings of MLflow trackers, at the place where ZenML has them."""

from ....settings import MLFlowExperimentTrackerSettings

__all__ = ["MLFlowExperimentTrackerSettings"]
