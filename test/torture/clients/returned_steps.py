"""Steps that are killed at any moment, one after the other, each forked from this process.

A step counts in memory that it shares with this process which of its log calls have returned. The task
is JSON in the first argument; for each step that is gone one line of JSON says what had returned.
"""

import json
import mmap
import os
import random
import signal
import sys
import threading
import time

import stepwell
from stepwell import process_end, producer, sender, spool_memory  # noqa: F401  (loaded once, not in each step)

THREADS_MAX = 3
SERIES_POINTS = 10
LIFE_SECONDS_MAX = 0.12
# Where a step's memory says that its run's start, and its end, returned.
STARTED, END_CALLED, ENDED = THREADS_MAX, THREADS_MAX + 1, THREADS_MAX + 2
CELLS = THREADS_MAX + 3


def note(ledger, cell, value):
    # One store. struct.pack_into writes zeros first, and a step that dies in between has a torn count.
    ledger[cell] = value


def log(run, thread, index):
    """The call of that number; what it logs follows from the two numbers."""
    kind = index % 50
    if kind == 17:
        run.set_tag(f"t{thread}/tag", index)
    elif kind == 29:
        run.log_param(f"t{thread}/p{index}", index)
    elif kind == 41:
        steps = range(index * SERIES_POINTS, (index + 1) * SERIES_POINTS)
        run.log_series(f"t{thread}/s", steps, [float(step) for step in steps])
    elif kind == 47:
        run.log_metrics({f"t{thread}/a": index * 0.5, f"t{thread}/b": index * 2.0}, step=index)
    else:
        run.log_metric(f"t{thread}/m", index * 0.5, step=index)


def work(run, ledger, thread, calls_max):
    for index in range(calls_max):
        log(run, thread, index)
        note(ledger, thread, index + 1)


def step(ledger, run_id, threads, ends):
    run = stepwell.start_run(run_id=run_id, experiment_name="returned", experiment_tracker="first")
    note(ledger, STARTED, 1)
    calls_max = 200 if ends else 10**9
    workers = [
        threading.Thread(target=work, args=(run, ledger, n, calls_max), daemon=True) for n in range(threads)
    ]
    for worker in workers:
        worker.start()
    if ends:
        for worker in workers:
            worker.join()
        note(ledger, END_CALLED, 1)
        run.end_run("FAILED")
        note(ledger, ENDED, 1)
    time.sleep(3600)


def main():
    task = json.loads(sys.argv[1])
    draw = random.Random(task["seed"])
    if not task["kept"]:
        # The control: what is logged dies with its process.
        producer.spool_memory = lambda *_: (spool_memory.HeapMemory(), None)
    for _ in range(task["kills"]):
        ledger = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("q")
        run_id = f"{draw.getrandbits(128):032x}"
        threads, ends = draw.randint(1, THREADS_MAX), draw.random() < 0.2
        pid = os.fork()
        if pid == 0:
            step(ledger, run_id, threads, ends)
        time.sleep(draw.random() * LIFE_SECONDS_MAX)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        calls = [ledger[thread] for thread in range(threads)]
        marks = {
            name: ledger[cell]
            for name, cell in (("started", STARTED), ("endCalled", END_CALLED), ("ended", ENDED))
        }
        print(json.dumps({"runId": run_id, "calls": calls, **marks}), flush=True)


main()
