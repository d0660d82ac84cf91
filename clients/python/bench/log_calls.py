"""Measures log calls against the daemon of STEPWELL_HOME; prints one JSON object.

call_p50_us, call_p99_us: one log_metric call. calls_per_second: log_metric calls until the
last of them is acknowledged as on disk. series_points_per_second: the same for log_series
with NumPy arrays of 1,000 points.
"""

import json
import sys
import time

import stepwell

CALLS = 2_000_000
SERIES = 5_000
SERIES_POINTS = 1_000
SAMPLES = 200_000


def percentile(sorted_values: list, share: float) -> float:
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def measure_call() -> dict:
    clock = time.perf_counter_ns
    log_metric = stepwell.log_metric
    samples = []
    for step in range(SAMPLES):
        begin = clock()
        log_metric("call", 0.5, step)
        samples.append(clock() - begin)
    # What reading the clock twice takes is no part of the call.
    empty = sorted(-(clock() - clock()) for _ in range(10_000))
    samples.sort()
    overhead = percentile(empty, 0.5)
    return {
        "call_p50_us": (percentile(samples, 0.5) - overhead) / 1000,
        "call_p99_us": (percentile(samples, 0.99) - overhead) / 1000,
    }


def measure_calls(calls: int) -> float:
    log_metric = stepwell.log_metric
    begin = time.perf_counter()
    for step in range(calls):
        log_metric("loss", 0.5, step)
    stepwell.flush(120)
    return calls / (time.perf_counter() - begin)


def measure_series(count: int) -> float:
    import numpy

    steps = numpy.arange(SERIES_POINTS)
    values = numpy.random.default_rng(1).random(SERIES_POINTS)
    begin = time.perf_counter()
    for index in range(count):
        stepwell.log_series("series", steps + index * SERIES_POINTS, values)
    stepwell.flush(120)
    return count * SERIES_POINTS / (time.perf_counter() - begin)


def main() -> None:
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    with stepwell.start_run(experiment_name="bench"):
        stepwell.log_metric("warm", 0.0)
        stepwell.flush()
        result = measure_call()
        stepwell.flush()
        result["calls_per_second"] = measure_calls(int(CALLS * scale))
        result["series_points_per_second"] = measure_series(int(SERIES * scale))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
