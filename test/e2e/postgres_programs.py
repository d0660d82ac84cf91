"""A program as people write it, with MLflow alone, for a tracker that is a database; and what it asks that nobody answers.

Lines of JSON come in: {"uri": ..., "experiment": ...}; each is answered by a line of JSON.
"""

import json
import os
import sys
import time
import warnings

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
# MLflow looks for other packages with its first request.
sys.path[:0] = sys.argv[1:]
warnings.filterwarnings("ignore")

import mlflow  # noqa: E402
import numpy  # noqa: E402


def train(experiment):
    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name="fluent") as run:
        mlflow.log_params({"layers": 3, "name": "größe"})
        for step in range(20):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"acc": 0.5, "odd": float("nan"), "far": float("inf")}, step=7)
        mlflow.set_tags({"a": 1, "b": "two"})
        mlflow.delete_tag("a")
        with mlflow.start_run(nested=True, run_name="child") as child:
            mlflow.log_metric("m", 1)
        own = mlflow.get_run(run.info.run_id)
        seen = [own.data.metrics["loss"], own.data.params["layers"], own.data.tags.get("b")]
    return {"run": run.info.run_id, "child": child.info.run_id, "seen": seen}


def ask(experiment):
    """What nobody answers: how it ends, and after how long."""
    questions = {
        "run": lambda: mlflow.get_run("0" * 32),
        "artifact": lambda: mlflow.log_text("hello", "hello.txt"),
        "dataset": lambda: mlflow.log_input(mlflow.data.from_numpy(numpy.zeros(3))),
        "versions": lambda: mlflow.MlflowClient().search_registered_models(),
    }
    answers = {}
    mlflow.set_experiment(experiment)
    with mlflow.start_run():
        for name, question in questions.items():
            began = time.monotonic()
            try:
                question()
                answers[name] = "answered"
            except Exception as error:
                answers[name] = str(error)
            answers[name + " s"] = time.monotonic() - began
    return answers


for line in sys.stdin:
    task = json.loads(line)
    mlflow.set_tracking_uri(task["uri"])
    try:
        said = {"result": {**train(task["experiment"]), "answers": ask(task["experiment"])}}
    except Exception as error:
        said = {"error": repr(error)}
    print(json.dumps(said), flush=True)
