"""Logs a point about every half millisecond until it is killed; the file in argv[2] says how far it came.

The first point is flushed, so that the step is connected while it logs.
"""

import mmap
import struct
import sys
import time

import stepwell

key, path = sys.argv[1:]
with open(path, "wb") as file:
    file.write(bytes(16))
with open(path, "r+b") as file:
    logged = mmap.mmap(file.fileno(), 16)
with stepwell.start_run() as run:
    step = 0
    while True:
        at_ms = time.monotonic_ns() / 1e6
        run.log_metric(key, at_ms, step=step)
        if step == 0:
            stepwell.flush()
        logged[:] = struct.pack("<qd", step, at_ms)
        step += 1
        time.sleep(0.0005)
