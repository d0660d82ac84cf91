"""A client process on the Python client; what driver.ts does, in Python.

Keeps two runs going, writes what it is about to log into its ledger before the call, and what a
flush has confirmed after it. The task is JSON in the first argument; SIGTERM ends all well.
"""

import json
import math
import os
import random
import signal
import sys
import time
import uuid
from array import array

if "TORTURE_CLOCK" in os.environ:
    # Before the client is loaded, as a clock of the machine is there before it.
    import moved_clock

import stepwell

KEYS = 4
TAG = "progress"
RUN_POINTS_MAX = 20_000
SERIES_POINTS_MAX = 1_000
SINGLE_POINTS_MAX = 60
FIRST_BASE_MS = 1_700_000_000_000
BASE_STEP_MS = 20_000
FLUSH_WAIT_S = 20
DESTINATIONS = (["first"], ["first"], ["second"], ["first", "second"])

_is_stopping = False


class OpenRun:
    def __init__(self, number, trackers):
        self.number = number
        self.run_id = uuid.uuid4().hex
        self.base_ms = FIRST_BASE_MS + number * BASE_STEP_MS
        self.trackers = trackers
        self.counts = [0] * KEYS
        self.points = self.params = self.tags = 0
        self.run = None

    def value(self, key, index):
        special = {7: math.nan, 8: math.inf, 9: -math.inf}.get(index % 1009)
        if special is not None:
            return special
        seed = int(self.run_id[:8], 16) + key * 7919
        return ((index * 1103515245 + seed) & 0xFFFFFFFF) / 1000


class Driver:
    def __init__(self, task):
        self.rate = task["pointsPerSecond"]
        self.random = random.Random(task["seed"])
        self.ledger = os.open(task["ledger"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.lines = self.begun = self.logged = 0
        self.runs = []

    def work(self):
        begun = time.monotonic()
        while not _is_stopping:
            while len(self.runs) < 2:
                self.begin()
            for _ in range(self.random.randint(1, 6)):
                self.log(self.random.choice(self.runs))
            for run in [each for each in self.runs if each.points > RUN_POINTS_MAX]:
                self.end(run)
            self.settle()
            ahead = self.logged / self.rate - (time.monotonic() - begun)
            time.sleep(max(0.0, min(ahead, 1.0)))
        for run in list(self.runs):
            self.end(run)
        while not self.settle():
            pass
        stats = stepwell.stats()
        if stats.rejected + stats.dropped > 0:
            raise SystemExit(f"{stats.rejected} entries were rejected, {stats.dropped} dropped")

    def write(self, *fields):
        os.write(self.ledger, (" ".join(map(str, fields)) + "\n").encode())
        self.lines += 1

    def begin(self):
        run = OpenRun(self.begun, self.random.choice(DESTINATIONS))
        self.begun += 1
        self.write("R", run.number, run.run_id, run.base_ms, ",".join(run.trackers))
        run.run = stepwell.start_run(run_id=run.run_id, experiment_tracker=run.trackers, active=False)
        self.runs.append(run)

    def log(self, run):
        draw = self.random.random()
        if draw < 0.6:
            key, first, last = self.extend(run, self.random.randint(1, SERIES_POINTS_MAX))
            run.run.log_series(
                f"metric/{key}",
                array("q", range(first - 5, last - 5)),
                array("d", [run.value(key, index) for index in range(first, last)]),
                array("q", range(run.base_ms + first, run.base_ms + last)),
            )
        elif draw < 0.9:
            key, first, last = self.extend(run, self.random.randint(1, SINGLE_POINTS_MAX))
            for index in range(first, last):
                at = {"step": index - 5, "timestamp": run.base_ms + index}
                run.run.log_metric(f"metric/{key}", run.value(key, index), **at)
        elif draw < 0.95:
            run.params += 1
            self.write("P", run.number, run.params)
            param = run.params - 1
            run.run.log_param(f"param {param}", f"value {param} of {run.run_id}")
        else:
            run.tags += 1
            self.write("T", run.number, run.tags)
            run.run.set_tag(TAG, str(run.tags))

    def extend(self, run, count):
        key = self.random.randrange(KEYS)
        first = run.counts[key]
        run.counts[key] = first + count
        self.write("M", run.number, key, first + count)
        run.points += count
        self.logged += count
        return key, first, first + count

    def end(self, run):
        status = self.random.choice(("FINISHED", "FAILED"))
        self.write("E", run.number, status)
        run.run.end_run(status)
        self.runs.remove(run)

    def settle(self):
        through = self.lines
        try:
            stepwell.flush(FLUSH_WAIT_S)
        except stepwell.StepwellError as error:
            # The daemon is away for long; the client goes on and will be confirmed later.
            if error.code == "STEPWELL_FLUSH_TIMEOUT":
                return False
            raise
        self.write("A", through)
        return True


def _stop(*_):
    global _is_stopping
    _is_stopping = True


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    Driver(json.loads(sys.argv[1])).work()
