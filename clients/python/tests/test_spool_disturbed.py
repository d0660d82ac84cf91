"""Log calls that are interrupted, overtaken or slow: all others arrive, and nobody waits for these."""

import unittest
from pathlib import Path

from daemon_home import DaemonTest

# A value that takes long to become a number, as one of a GPU may.
LATE = """
import threading, stepwell
class Late:
    def __init__(self): self.is_asked, self.is_ready = threading.Event(), threading.Event()
    def __float__(self):
        self.is_asked.set()
        self.is_ready.wait(300)
        return 2.0
late = Late()
def log_late(run):
    thread = threading.Thread(target=lambda: run.log_metric("m", late, step=1))
    thread.start()
    late.is_asked.wait()
    return thread
"""


class DisturbedTest(DaemonTest):
    def points(self, run_id: str, condition: str = "1") -> int:
        query = f"SELECT count(DISTINCT key || ' ' || step) FROM metrics WHERE run_uuid = ? AND {condition}"
        count: int = self.rows(query, run_id)[0][0]
        return count

    def test_a_value_that_is_slow_holds_back_no_other_and_comes_behind_them(self) -> None:
        self.with_tracker()
        text = f"""{LATE}
run = stepwell.start_run()
run.log_metric("m", 1.0, step=0)
stepwell.flush(120)
thread = log_late(run)
# One: as many as are looked for at once.
run.log_metric("m", 3.0, step=2)
stepwell.flush(60)
late.is_ready.set()
thread.join()
stepwell.flush(60)
print(run.run_id)
"""
        done = self.run_program(text)
        self.assertEqual(done.stderr, "")
        self.assertEqual(self.points(done.stdout.strip()), 3)

    def test_a_row_that_comes_after_its_run_was_forgotten_spoils_no_other(self) -> None:
        self.with_tracker()
        text = f"""{LATE}
from stepwell import producer
from stepwell.waiting import wait_for
run = stepwell.start_run()
for step in range(-3, 1): run.log_metric("m", 1.0, step=step)
thread = log_late(run)
run.end_run()
assert wait_for(lambda: not producer.current_producer().buffer.runs, 120)
stepwell.flush(60)
other = stepwell.start_run()
# Written, and not sent yet.
producer.current_producer().hold()
for step in range(14): other.log_metric("n", 1.0, step=step)
late.is_ready.set()
thread.join()
producer.current_producer().release()
stepwell.flush(60)
print(other.run_id)
"""
        done = self.run_program(text)
        self.assertEqual(done.stderr, "")
        self.assertEqual(self.points(done.stdout.strip()), 14)

    def test_a_value_that_is_none_keeps_nobody_awake_and_does_not_hold_up_the_end(self) -> None:
        text = """
import time, stepwell
from stepwell import producer
from stepwell.waiting import wait_for
run = stepwell.start_run()
run.log_metric("m", 1.0)
try: run.log_metric("m", "none")
except stepwell.StepwellError as error: print(error.code)
assert wait_for(lambda: not producer.current_producer().buffer.is_awake, 60)
run.end_run()
assert wait_for(lambda: not producer.current_producer().buffer.runs, 60)
"""
        done = self.run_program(text)
        self.assertEqual((done.stdout, done.stderr), ("STEPWELL_VALUE_INVALID\n", ""))

    def test_an_interrupt_at_any_line_costs_no_call_that_returned(self) -> None:
        self.with_tracker()
        # But for those of alone(): between them the interpreter looks for no signal.
        text = """
import os, sys, stepwell
from stepwell import spool
FILES = {"run.py", "run_buffer.py", "column.py", "chunk.py", "records.py", "buffer.py", "spool.py"}
class Interrupt(KeyboardInterrupt): pass
def interrupted(call, line):
    seen = 0
    def trace(frame, event, _):
        folder, name = os.path.split(frame.f_code.co_filename)
        if name not in FILES or not folder.endswith("stepwell") or frame.f_code is spool.Spool.alone.__code__:
            return None
        def trace_line(frame, event, _):
            nonlocal seen
            if event == "line":
                seen += 1
                if seen == line: raise Interrupt
            return trace_line
        return trace_line
    sys.settrace(trace)
    try: call()
    except Interrupt: return True
    finally: sys.settrace(None)
    return False
run = stepwell.start_run()
points = tags = interrupts = 0
for repeat in range(16):
    line, went_on = 0, True
    while went_on:
        line += 1
        number, went_on = 1_000 * repeat + line, False
        for kind, call in (
            ("point", lambda: run.log_metric("m", 1.0, step=number)),
            ("point", lambda: run.log_metric(f"new/{number}", 1.0)),
            ("point", lambda: run.log_series("s", [number], [1.0])),
            ("tag", lambda: run.set_tag(f"t{number}", "set")),
        ):
            if interrupted(call, line):
                went_on, interrupts = True, interrupts + 1
                # What was in the midst of it comes again.
                call()
            points += kind == "point"
            tags += kind == "tag"
stepwell.flush(120)
print(run.run_id, points, tags, interrupts)
"""
        done = self.run_program(text)
        self.assertEqual(done.stderr, "")
        run_id, points, tags, interrupts = done.stdout.split()
        self.assertGreater(int(interrupts), 1_000)
        self.assertEqual(self.points(run_id), int(points))
        query = "SELECT count(*) FROM tags WHERE run_uuid = ? AND value = 'set'"
        self.assertEqual(self.rows(query, run_id), [(int(tags),)])

    def test_a_call_that_the_end_of_its_run_overtakes_logs_nothing_behind_it(self) -> None:
        text = """
import threading, stepwell
from stepwell.column import Column
run, grow = stepwell.start_run(), Column.grow
ending = threading.Thread(target=run.end_run)
def grow_late(*arguments):
    if not ending.ident:
        ending.start()
        ending.join(0.5)
    return grow(*arguments)
Column.grow = grow_late
try:
    run.log_metric("m", 1.0)
    ending.join()
    run.log_metric("m", 2.0, step=1)
except stepwell.StepwellError as error: print(error.code)
stepwell.flush(60)
print(stepwell.stats().acknowledged)
"""
        done = self.run_program(text)
        self.assertEqual((done.stdout, done.stderr), ("STEPWELL_RUN_ENDED\n1\n", ""))

    def test_a_handler_of_log_lines_may_log_while_another_thread_finds_the_buffer_full(self) -> None:
        text = """
import logging, threading, stepwell
run = stepwell.start_run()
is_emitting, is_dropping = threading.Event(), threading.Event()
class Counting(logging.Handler):
    def emit(self, record):
        is_emitting.set()
        if record.name == "program":
            is_dropping.wait(60)
            run.set_tag("lines", 1)
logging.getLogger().addHandler(Counting())
speaking = threading.Thread(target=lambda: logging.getLogger("program").warning("a line"), daemon=True)
speaking.start()
is_emitting.wait()
full = run._buffer.buffer.drop
def drop(entries):
    is_dropping.set()
    # So that the other one comes to where it needs what this thread has.
    speaking.join(0.5)
    full(entries)
run._buffer.buffer.drop = drop
for step in range(10_000):
    if is_dropping.is_set(): break
    run.log_metric("m", 1.0, step=step)
speaking.join(30)
print(speaking.is_alive())
"""
        settings = {"STEPWELL_AUTOSTART": "0", "STEPWELL_BUFFER_BYTES": "20000", "STEPWELL_EXIT_TIMEOUT": "0"}
        done = self.run_program(text, **settings)
        self.assertRegex(done.stderr, "In all [1-9][0-9]* entries and 0 whole runs were dropped")
        self.assertEqual(done.stdout, "False\n")

    def test_thousands_of_long_keys_find_room(self) -> None:
        text = """
import stepwell
run = stepwell.start_run()
for number in range(5_000): run.log_metric(f"{number:04}" + "k" * 246, 1.0)
print(stepwell.stats().dropped)
"""
        done = self.run_program(text, STEPWELL_AUTOSTART="0", STEPWELL_EXIT_TIMEOUT="0.1")
        self.assertEqual(done.stdout, "0\n")

    def test_threads_that_log_while_the_process_ends_lose_what_is_said_to_be_dropped_alone(self) -> None:
        self.with_tracker()
        text = """
import atexit, os, threading
from stepwell import process_end
returned, is_over = [0, 0], False
def work(thread):
    step = 0
    while not is_over:
        run.log_metric(f"k{thread}", 1.0, step=step)
        step += 1
        returned[thread] = step
threads = [threading.Thread(target=work, args=(thread,), daemon=True) for thread in range(2)]
# Behind the client's own end.
@atexit.register
def say():
    global is_over
    is_over = True
    for thread in threads: thread.join()
    os.write(1, f"{run.run_id} {sum(returned)} {stepwell.stats().dropped}".encode())
import stepwell
run = stepwell.start_run(active=False)
for thread in threads: thread.start()
while min(returned) < 1_000: pass
# Not ended: what comes behind an end is refused, and not dropped.
process_end._open_runs.clear()
"""
        done = self.run_program(text)
        run_id, returned, dropped = done.stdout.split()
        self.assertRegex(done.stderr, r"In all \d+ entries and 0 whole runs were dropped")
        # Each thread may have been in the midst of one call when the buffer was closed.
        self.assertIn(int(returned) - self.points(run_id) - int(dropped), range(3))
        self.assertEqual(list((Path(self.home) / "client-spools").glob("*")), [])

    def test_a_process_that_can_open_no_file_for_a_while_sends_all_behind_it(self) -> None:
        self.with_tracker()
        text = """
import os, resource, stepwell
from stepwell import producer
from stepwell.waiting import wait_for
run = stepwell.start_run()
run.log_metric("m", 0.0)
stepwell.flush(60)
# As around a fork.
producer.current_producer().hold()
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
held = []
try:
    while True: held.append(os.open("/dev/null", os.O_RDONLY))
except OSError: pass
producer.current_producer().release()
for step in range(1, 20): run.log_metric("m", 1.0, step=step)
for each in held: os.close(each)
print(wait_for(lambda: stepwell.stats().acknowledged == 20, 120))
"""
        done = self.run_program(text)
        self.assertEqual((done.stdout, done.stderr), ("True\n", ""))


if __name__ == "__main__":
    unittest.main()
