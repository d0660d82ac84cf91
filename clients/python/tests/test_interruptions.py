"""Log calls in signal handlers, in tasks, beside forks of the sending thread, and at the end."""

import unittest

from daemon_home import SharedHomeTest

HANDLER = """
import signal, sys, time, stepwell
def log(*_): stepwell.log_metric("handler", 1.0)
signal.signal(signal.SIGALRM, log)
# While the first call of the process loads what it needs, and makes its run.
signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))
stepwell.log_metric("main", 1.0)
while True:
    if not any(signal.getitimer(signal.ITIMER_REAL)): break
stepwell.log_metric("main", 2.0, step=1)
"""

DAEMON_THREAD = """
import threading, stepwell
run, logged = stepwell.start_run(run_name="whole"), threading.Event()
def work():
    step = 0
    while True:
        stepwell.log_metric("m", 1.0, step=step); step += 1; logged.set()
threading.Thread(target=work, daemon=True).start()
logged.wait(60)
"""

FORKS_ITSELF = """
import os, threading, stepwell
from stepwell.producer import current_producer
with stepwell.start_run():
    stepwell.log_metric("m", 1.0); stepwell.flush(60)
    producer, forked = current_producer(), threading.Event()
    def fork():
        # As gevent's subprocesses do, when the daemon is started.
        pid = os.fork()
        if pid == 0: os._exit(0)
        os.waitpid(pid, 0); forked.set()
    producer._loop.call_soon_threadsafe(fork)
    assert forked.wait(60)
    stepwell.log_metric("m", 2.0, step=1); stepwell.flush(20)
"""

TASKS = """
import asyncio, stepwell
async def own(number):
    with stepwell.start_run(f"task-{number}", active=False) as run:
        for step in range(3):
            run.log_metric("own", 1.0, step=step); await asyncio.sleep(0)
async def whole():
    with stepwell.start_run("whole"):
        await asyncio.gather(own(0), own(1), asyncio.to_thread(stepwell.log_metric, "thread", 1.0))
        try: stepwell.start_run()
        except stepwell.StepwellError as error: print(error.code)
asyncio.run(whole())
"""

GREENLETS = """
import gevent.monkey; gevent.monkey.patch_all()
import time, gevent, stepwell
def own(number):
    with stepwell.start_run(f"greenlet-{number}"):
        for step in range(3):
            stepwell.log_metric("own", float(number), step=step); time.sleep(0)
def shared():
    stepwell.log_metric("shared", 1.0)
with stepwell.start_run("whole"):
    gevent.joinall([gevent.spawn(own, 0), gevent.spawn(own, 1), gevent.spawn(shared)], raise_error=True)
stepwell.flush(60)
"""

ENDS_BY_SIGNAL = """
import os, signal, stepwell
def end(*_): stepwell.log_metric("last", 1.0); stepwell.end_run("KILLED")
signal.signal(signal.SIGUSR1, end)
stepwell.start_run()
os.kill(os.getpid(), signal.SIGUSR1)
assert stepwell.active_run() is None
"""


class Interruptions(SharedHomeTest):
    programs_are_quick = False

    def test_a_signal_handler_may_log_while_the_first_call_of_its_process_is_under_way(self) -> None:
        for seconds in ("0.005", "0.03", "0.08"):
            done = self.run_program(HANDLER.replace("sys.argv[1]", repr(seconds)), timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""), seconds)
        found = self.rows("SELECT key, count(*) FROM metrics GROUP BY 1 ORDER BY 1")
        self.assertEqual(found, [("handler", 3), ("main", 6)])

    def test_what_a_daemon_thread_logs_while_the_process_ends_is_of_the_processs_run(self) -> None:
        for _ in range(3):
            done = self.run_program(DAEMON_THREAD)
            self.assertEqual(done.returncode, 0, done.stderr)
        runs = self.rows("SELECT name, status, count(*) FROM runs GROUP BY 1, 2")
        self.assertEqual(runs, [("whole", "FINISHED", 3)])

    def test_tasks_share_their_threads_run_and_have_others_by_their_objects(self) -> None:
        done = self.run_program(TASKS)
        self.assertEqual((done.stdout, done.stderr), ("STEPWELL_RUN_ACTIVE\n", ""))
        found = self.rows("SELECT name, key, count(*) FROM runs JOIN metrics USING (run_uuid) GROUP BY 1, 2")
        self.assertEqual(found, [("task-0", "own", 3), ("task-1", "own", 3), ("whole", "thread", 1)])

    def test_greenlets_of_gevent_are_threads_and_a_daemon_is_started_from_one(self) -> None:
        self.stepwell("daemon", "stop")
        done = self.run_program(GREENLETS)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = self.rows("SELECT name, key, count(*) FROM runs JOIN metrics USING (run_uuid) GROUP BY 1, 2")
        greenlets = [(f"greenlet-{number}", "own", 3) for number in (0, 1)]
        self.assertEqual(found, [*greenlets, ("whole", "shared", 1)])

    def test_a_signal_handler_may_end_the_run(self) -> None:
        done = self.run_program(ENDS_BY_SIGNAL)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = self.rows("SELECT status, key FROM runs JOIN metrics USING (run_uuid)")
        self.assertEqual(found, [("KILLED", "last")])

    @unittest.skipUnless(hasattr(__import__("os"), "fork"), "the system has no fork")
    def test_a_sending_thread_that_forks_goes_on(self) -> None:
        done = self.run_program(FORKS_ITSELF)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.rows("SELECT count(*) FROM metrics"), [(2,)])


if __name__ == "__main__":
    unittest.main()
