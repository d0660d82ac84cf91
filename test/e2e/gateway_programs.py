"""Programs as people write them, with MLflow alone, and a look at what they left in a store.

Lines of JSON come in: {"do": NAME, "uri": ..., "experiment": ...}; each is answered by a line of JSON.
"""

import json
import os
import sys
import time
import warnings

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
warnings.filterwarnings("ignore")

import mlflow  # noqa: E402
from mlflow.entities import Metric, Param, RunTag  # noqa: E402


def fluent(experiment, pause):
    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name="fluent", description="what it is") as run:
        mlflow.log_param("rate", 0.1)
        mlflow.log_params({"layers": 3, "name": "größe", "long": "x" * 5000})
        for step in range(20):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        pause()
        mlflow.log_metrics({"acc": 0.5, "odd": float("nan"), "far": float("inf")}, step=7)
        mlflow.log_metric("loss", 9.0, step=5)
        mlflow.set_tag("k", "v")
        mlflow.set_tags({"a": 1, "b": "two"})
        mlflow.delete_tag("a")
        mlflow.log_text("hello", "notes/hello.txt")
        mlflow.log_dict({"a": [1, 2]}, "d.json")
        mlflow.log_table({"q": ["one"], "n": [1]}, "t.json")
        mlflow.log_table({"q": ["two"], "n": [2]}, "t.json")
        with mlflow.start_run(nested=True, run_name="child"):
            mlflow.log_metric("m", 1)
        seen = mlflow.get_run(run.info.run_id)
        own = [seen.data.metrics["loss"], seen.data.params["rate"], seen.data.tags.get("a"), seen.info.status]
    return {"own": own, "after": mlflow.get_run(run.info.run_id).info.status}


def client(experiment, pause):
    client = mlflow.MlflowClient()
    found = client.get_experiment_by_name(experiment)
    experiment_id = found.experiment_id if found else client.create_experiment(experiment)
    run = client.create_run(experiment_id, run_name="client", tags={"made": "by hand"}, start_time=1_700_000_000_000)
    run_id = run.info.run_id
    now = 1_700_000_000_123
    metrics = [Metric(f"m{i % 3}", i, now + i, i - 5) for i in range(500)]
    client.log_batch(run_id, metrics, [Param("p", "1")], [RunTag("t", "2")])
    pause()
    client.log_batch(run_id, [], [Param("q", "")], [RunTag("t", "3")])
    client.log_param(run_id, "p", "1")
    try:
        client.log_param(run_id, "p", "2")
        refused = None
    except mlflow.MlflowException as error:
        refused = error.error_code
    try:
        client.log_metric(run_id, "bad\nkey", 1)
        bad = None
    except mlflow.MlflowException as error:
        bad = error.error_code
    client.update_run(run_id, name="renamed")
    client.set_terminated(run_id, "FAILED", 1_700_000_009_000)
    return {"refused": refused, "bad": bad, "status": client.get_run(run_id).info.status}


def crash(experiment, pause):
    mlflow.set_experiment(experiment)
    try:
        with mlflow.start_run(run_name="crash"):
            mlflow.log_metric("x", 1)
            pause()
            raise RuntimeError("of a test")
    except RuntimeError:
        pass
    return {}


def asynchronous(experiment, pause):
    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name="async"):
        futures = [mlflow.log_metric("a", i, step=i, synchronous=False) for i in range(30)]
        pause()
        for future in futures:
            future.wait()
    return {}


def autolog(experiment, pause):
    import numpy as np
    from sklearn.linear_model import LinearRegression

    mlflow.set_experiment(experiment)
    mlflow.sklearn.autolog(log_datasets=True, silent=True)
    with mlflow.start_run(run_name="autolog"):
        pause()
        x = np.arange(20.0).reshape(-1, 1)
        LinearRegression().fit(x, x[:, 0])
        model_id = mlflow.last_logged_model().model_id
    mlflow.sklearn.autolog(disable=True)
    loaded = mlflow.sklearn.load_model(f"models:/{model_id}")
    return {"predicts": round(float(loaded.predict([[3.0]])[0]), 6)}


PROGRAMS = {each.__name__: each for each in (fluent, client, crash, asynchronous, autolog)}
#: What differs from run to run, or tells who made it.
OWN_TAGS = {"mlflow.log-model.history", "mlflow.loggedArtifacts", "mlflow.source.git.commit"}


def shown(experiment):
    """All that a store has of an experiment, without what differs from one run of a program to the next."""
    client = mlflow.MlflowClient()
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return {}
    runs = client.search_runs([found.experiment_id], max_results=1000)
    names = {run.info.run_id: run.info.run_name for run in runs}
    return {run.info.run_name: run_shown(client, run, names) for run in runs}


def run_shown(client, run, names):
    run_id = run.info.run_id
    tags = {
        key: names.get(value, value)
        for key, value in run.data.tags.items()
        if key not in OWN_TAGS and not key.startswith("stepwell")
    }
    history = {
        key: [[each.step, repr(each.value)] for each in client.get_metric_history(run_id, key)]
        for key in run.data.metrics
    }
    return {
        "status": run.info.status,
        "user": run.info.user_id,
        "ended": run.info.end_time is not None,
        "params": dict(run.data.params),
        "tags": tags,
        "latest": {key: repr(value) for key, value in run.data.metrics.items()},
        "history": {key: sorted(points) for key, points in history.items()},
        "artifacts": sorted(files(client, run_id, "")),
        "inputs": len(run.inputs.dataset_inputs) if run.inputs else 0,
        "models": len(run.outputs.model_outputs) if run.outputs else 0,
        "table": table(client, run_id),
    }


def files(client, run_id, path):
    for each in client.list_artifacts(run_id, path):
        if each.is_dir:
            yield from files(client, run_id, each.path)
        else:
            yield each.path


def table(client, run_id):
    if not any(each.path == "t.json" for each in client.list_artifacts(run_id)):
        return None
    with open(client.download_artifacts(run_id, "t.json")) as file:
        return json.load(file)


def answer(task):
    mlflow.set_tracking_uri(task["uri"])
    if task["do"] == "show":
        return shown(task["experiment"])

    def pause():
        # Whoever started this does something to the server meanwhile.
        if task.get("pauses"):
            print(json.dumps({"paused": True}), flush=True)
            sys.stdin.readline()

    begin = time.monotonic()
    result = PROGRAMS[task["do"]](task["experiment"], pause)
    return {"result": result, "seconds": time.monotonic() - begin}


real = sys.stdout
for line in sys.stdin:
    try:
        said = answer(json.loads(line))
    except Exception as error:  # noqa: BLE001
        said = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(said), file=real, flush=True)
