"""The environment variables that lead MLflow's own code to a step's run, by way of the daemon."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

TRACKING_URI = "MLFLOW_TRACKING_URI"
RUN_ID = "MLFLOW_RUN_ID"
_EXPERIMENT_NAME = "MLFLOW_EXPERIMENT_NAME"
# MLflow prints links to runs that have ended, with the address that opens the tracker.
_PRINTS_NOTHING = "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"
_NO_PROXY = ("NO_PROXY", "no_proxy")
_LOOPBACK = ("127.0.0.1", "localhost")
# What would lead MLflow's client past the daemon, or tell a step what the daemon alone is to know.
_FOREIGN = re.compile(r"(MLFLOW_(TRACKING|REGISTRY|EXPERIMENT|RUN)_\w+|MLFLOW_WORKSPACE|DATABRICKS_\w+)")

# Variables by name; None is one that is not there.
Variables = Mapping[str, Optional[str]]


@dataclass(frozen=True)
class Place:
    """Where MLflow's own code in a step logs to."""

    tracking_uri: str
    run_id: str
    experiment_name: str


def variables_at(place: Place, before: Mapping[str, str]) -> Variables:
    """What changes in an environment so that MLflow's client logs to that place and takes nothing else along.

    As ``stepwell run`` changes it. Runs that the step begins by itself are of its experiment.
    """
    known = before.get("no_proxy", before.get("NO_PROXY", "")).split(",")
    without = ",".join(dict.fromkeys(name.strip() for name in (*known, *_LOOPBACK) if name.strip()))
    return {
        **{name: None for name in before if _FOREIGN.fullmatch(name)},
        TRACKING_URI: place.tracking_uri,
        RUN_ID: place.run_id,
        _EXPERIMENT_NAME: place.experiment_name or None,
        _PRINTS_NOTHING: "true",
        **dict.fromkeys(_NO_PROXY, without),
    }


def variables_now() -> Variables:
    """What of this process's environment a step changes, or MLflow does in a step."""
    managed = (TRACKING_URI, RUN_ID, _EXPERIMENT_NAME, _PRINTS_NOTHING, *_NO_PROXY)
    foreign = (name for name in list(os.environ) if _FOREIGN.fullmatch(name))
    return {name: os.environ.get(name) for name in (*managed, *foreign)}


def put_back(variables: Variables) -> None:
    """Makes it what variables_now() found; what has come since goes."""
    apply({**dict.fromkeys(variables_now()), **variables})


def apply(variables: Variables) -> None:
    """Sets and removes variables of this process."""
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
