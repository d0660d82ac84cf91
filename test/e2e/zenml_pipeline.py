"""A ZenML 0.98 pipeline whose tracker is at an address: by hand, because ZenML takes 37 CPU seconds a run.

In an environment with `zenml[local]==0.98.0 mlflow==3.17.2`, run it once with a server's address and once with the
gateway's (`stepwell env`), each with an experiment of its own:

    python test/e2e/zenml_pipeline.py ADDRESS EXPERIMENT

`stepwell flush`, and both experiments have the same in the store: framework_programs.py shows all of one.
"""

import json
import os
import sys
import tempfile

os.environ.update(ZENML_CONFIG_PATH=tempfile.mkdtemp(), ZENML_ANALYTICS_OPT_IN="false", AUTO_OPEN_DASHBOARD="false")

import mlflow  # noqa: E402
import numpy as np  # noqa: E402
from sklearn.linear_model import LinearRegression  # noqa: E402
from zenml import pipeline, step  # noqa: E402
from zenml.client import Client  # noqa: E402
from zenml.enums import StackComponentType  # noqa: E402
from zenml.integrations.mlflow.flavors.mlflow_experiment_tracker_flavor import (  # noqa: E402
    MLFlowExperimentTrackerSettings,
)

uri, experiment = sys.argv[1:]
client = Client()
tracker = StackComponentType.EXPERIMENT_TRACKER
# ZenML asks for credentials with a server; nobody looks at these.
configuration = {"tracking_uri": uri, "tracking_username": "any", "tracking_password": "any"}
client.create_stack_component("tracker", "mlflow", tracker, configuration)
others = {StackComponentType.ORCHESTRATOR: "default", StackComponentType.ARTIFACT_STORE: "default"}
client.create_stack("tracked", {**others, tracker: "tracker"})
client.activate_stack("tracked")
settings = MLFlowExperimentTrackerSettings(experiment_name=experiment, nested=True, tags={"key": "value"})
tracked = {"experiment_tracker": "tracker", "settings": {"experiment_tracker": settings}}


@step(**tracked)
def train() -> float:
    mlflow.sklearn.autolog(log_models=False, silent=True)
    x = np.arange(40.0).reshape(20, 2)
    LinearRegression().fit(x, x[:, 0])
    for number in range(10):
        mlflow.log_metric("loss", 1 / (number + 1), step=number)
    mlflow.log_param("lr", 0.1)
    mlflow.log_text("hello", "notes/a.txt")
    mlflow.log_table({"q": ["a"]}, "t.json")
    mlflow.log_table({"q": ["b"]}, "t.json")
    return 0.5


@step(**tracked)
def evaluate(loss: float) -> float:
    mlflow.log_metric("evaluated", loss)
    return loss


@pipeline(enable_cache=False)
def seed():
    evaluate(train())


seed.with_options(run_name="the run")()
run = client.get_pipeline("seed").last_run
print(json.dumps({"status": str(run.status), "metadata": {name: sorted(of.run_metadata) for name, of in run.steps.items()}}))
