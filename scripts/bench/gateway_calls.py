"""MLflow's own client, call by call: gateway_calls.py URI CALLS. Prints one JSON object of milliseconds."""

import json
import os
import sys
import time

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

from mlflow import MlflowClient  # noqa: E402

client = MlflowClient(sys.argv[1])
run_id = client.create_run("1").info.run_id
times = []
for step in range(int(sys.argv[2])):
    begin = time.perf_counter()
    client.log_metric(run_id, "loss", 0.5, step=step)
    times.append((time.perf_counter() - begin) * 1000)
times.sort()
print(json.dumps({"p50": times[len(times) // 2], "p10": times[len(times) // 10]}))
