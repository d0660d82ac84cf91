"""One of many programs that log at the same time: it says a line for each call, and logs until it is told to stop."""

import sys
import threading

import mlflow

name = sys.argv[1]
stop = threading.Event()


def wait_for_stop():
    sys.stdin.readline()
    stop.set()


mlflow.set_experiment("many")
with mlflow.start_run(run_name=name):
    mlflow.log_param("name", name)
    print("ready", flush=True)
    sys.stdin.readline()
    threading.Thread(target=wait_for_stop, daemon=True).start()
    step = 0
    while not stop.is_set():
        mlflow.log_metric("m", 2 * step, step=step)
        step += 1
        print("logged", flush=True)
    mlflow.log_text(name, "who.txt")
print("done", flush=True)
