"""MLflow's own short runs, for the figures beside ours: short_runs.py URI SECONDS. Prints one JSON object."""

import json
import sys
import time

from mlflow import MlflowClient

client = MlflowClient(sys.argv[1])
experiment = client.create_experiment("sweep")
runs = 0
begin = time.perf_counter()
while time.perf_counter() - begin < float(sys.argv[2]):
    run_id = client.create_run(experiment).info.run_id
    client.log_param(run_id, "learning_rate", 0.1)
    client.log_metric(run_id, "loss", 0.5, step=0)
    client.set_terminated(run_id)
    runs += 1
print(json.dumps({"per_second": runs / (time.perf_counter() - begin)}))
