"""Real MLflow's client on a database that Stepwell writes: commands on stdin, answers on stdout, each a line of JSON.

Numbers are given as text, so that neither JSON nor JavaScript rounds them.
"""

import json
import sys
import traceback

from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking import MlflowClient


def read(client, run_id):
    """All of a run: what MLflow says of it, and every point of every metric."""
    run = client.get_run(run_id)
    history = {key: [point(m) for m in client.get_metric_history(run_id, key)] for key in run.data.metrics}
    return {
        "experiment": client.get_experiment(run.info.experiment_id).name,
        "name": run.info.run_name,
        "status": run.info.status,
        "start": run.info.start_time,
        "end": run.info.end_time,
        "artifacts": run.info.artifact_uri,
        "params": run.data.params,
        "tags": run.data.tags,
        "latest": {key: repr(float(value)) for key, value in run.data.metrics.items()},
        "history": history,
    }


def point(metric):
    return [str(metric.step), str(metric.timestamp), repr(float(metric.value))]


def write(client, run_id):
    """What a user's own program logs to the same run, and to one of its own."""
    client.log_metric(run_id, "theirs", 1.5, timestamp=5, step=2)
    metrics = [Metric("shared", float(step), 7, step) for step in range(50)]
    client.log_batch(run_id, metrics=metrics, params=[Param("their", "p")], tags=[RunTag("their", "t")])
    client.log_batch(run_id, metrics=metrics)
    own = client.create_run(client.get_run(run_id).info.experiment_id)
    client.log_metric(own.info.run_id, "loss", 0.25)
    client.set_terminated(own.info.run_id)
    return {"own": own.info.run_id}


def end(client, run_id, status):
    client.set_terminated(run_id, status)
    return {}


def find(client, name="digits"):
    """How a user finds a run: by its experiment's name."""
    experiment = client.get_experiment_by_name(name)
    runs = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"])
    names = [e.name for e in client.search_experiments()]
    return {"runs": [run.info.run_id for run in runs], "experiments": names}


def make_experiment(client, name, place):
    return {"experiment": client.create_experiment(name, artifact_location=place)}


def artifacts(client, run_id):
    """All files among a run's artifacts, with their sizes."""

    def below(path):
        for each in client.list_artifacts(run_id, path):
            yield from below(each.path) if each.is_dir else [(each.path, each.file_size)]

    return {"artifacts": dict(below(None))}


def make_model(client, run_id):
    """A logged model of the run, as mlflow.log_model() makes one."""
    experiment_id = client.get_run(run_id).info.experiment_id
    return {"model": client.create_logged_model(experiment_id, source_run_id=run_id).model_id}


def model_metrics(client, model_id):
    """Every point that measures the model, by key and step."""
    metrics = sorted(client.get_logged_model(model_id).metrics or [], key=lambda m: (m.key, m.step))
    return {"metrics": [[m.key, *point(m), m.run_id] for m in metrics]}


COMMANDS = {
    "artifacts": artifacts,
    "read": read,
    "write": write,
    "end": end,
    "find": find,
    "make-experiment": make_experiment,
    "make-model": make_model,
    "model-metrics": model_metrics,
}

if __name__ == "__main__":
    clients = {}
    for line in sys.stdin:
        uri, command, *arguments = json.loads(line)
        try:
            client = clients.get(uri) or clients.setdefault(uri, MlflowClient(uri))
            answer = COMMANDS[command](client, *arguments)
        except Exception:
            # Other tests use this process, too.
            answer = {"failed": traceback.format_exc()}
        print(json.dumps(answer), flush=True)
