"""mlflow.log_metric as programs call it: gateway_calls.py CALLS. Prints one JSON object of milliseconds."""

import json
import os
import sys
import time

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import mlflow  # noqa: E402

calls = int(sys.argv[1])
times = []
with mlflow.start_run():
    for step in range(10):
        mlflow.log_metric("loss", 0.5, step=step)
    cpu = time.process_time()
    for step in range(calls):
        begin = time.perf_counter()
        mlflow.log_metric("loss", 0.5, step=step)
        times.append((time.perf_counter() - begin) * 1000)
    cpu = time.process_time() - cpu
times.sort()
print(json.dumps({"p50": times[len(times) // 2], "cpu": cpu / calls * 1000}))
