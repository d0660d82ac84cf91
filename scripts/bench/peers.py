"""MLflow's own logging, for the figures beside ours. Prints one JSON object.

peers.py server URI SECONDS: log_metric, its asynchronous mode and log_batch against a server.
peers.py store URI SECONDS: log_metric in this process on a database.
"""

import json
import sys
import time

from mlflow import MlflowClient
from mlflow.entities import Metric


def timed(call, seconds):
    latencies = []
    failures = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        try:
            call(len(latencies))
        except Exception:
            failures += 1
        latencies.append((time.perf_counter() - begin) * 1000)
    return sorted(latencies), failures


def main():
    kind, uri, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    client = MlflowClient(uri)
    experiments = client.search_experiments(filter_string="name = 'peers'")
    experiment = experiments[0].experiment_id if experiments else client.create_experiment("peers")
    run_id = client.create_run(experiment).info.run_id
    latencies, failures = timed(lambda step: client.log_metric(run_id, "loss", 0.5, step=step), seconds)
    result = {
        "sync_ms_p50": latencies[len(latencies) // 2],
        "sync_ms_p99": latencies[int(len(latencies) * 0.99)],
        "sync_per_second": len(latencies) / seconds,
        "failures": failures,
    }
    if kind == "server":
        begin = time.perf_counter()
        operations = [client.log_metric(run_id, "a", 0.5, step=step, synchronous=False) for step in range(200)]
        called = time.perf_counter() - begin
        for operation in operations:
            operation.wait()
        result["async_call_ms"] = called * 1000 / 200
        result["async_per_second"] = 200 / (time.perf_counter() - begin)
    begin, points = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        now = int(time.time() * 1000)
        client.log_batch(run_id, [Metric(f"m{index % 20}", 0.5, now, points + index) for index in range(1000)])
        points += 1000
    result["batch_per_second"] = points / (time.perf_counter() - begin)
    print(json.dumps(result))


main()
