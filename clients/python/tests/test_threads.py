"""Which run a thread logs to: the one that it began, else the process's."""

import json
import sys
import unittest

from steps_home import HEAD, StepsTest

AT_ONCE = """
import threading
THREADS, ROUNDS, POINTS = 24, 5, 20
barrier = threading.Barrier(THREADS)
runs, errors = {}, []
def work(index):
    try:
        for turn in range(ROUNDS):
            barrier.wait(60)
            with stepwell.start_run(run_name=f"{index}-{turn}") as run:
                runs[run.run_id] = index
                for step in range(POINTS): stepwell.log_metric("mine", float(index), step=step)
                stepwell.log_param("index", index)
                stepwell.log_series("mine", range(POINTS, 2 * POINTS), [float(index)] * POINTS)
    except BaseException as error:
        errors.append(repr(error)); barrier.abort()
sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=work, args=(index,)) for index in range(THREADS)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
print(json.dumps([errors, runs]))
"""

ROLES = """
import threading
def in_thread(function):
    made = []
    thread = threading.Thread(target=lambda: made.append(function())); thread.start(); thread.join()
    return made[0]
active = lambda: stepwell.active_run().run_id
def begins():
    with stepwell.start_run() as run:
        # Also of threads that it starts, which begin none.
        return run.run_id, active(), in_thread(active)
def child():
    with stepwell.start_run(nested=True) as run:
        return run.run_id, active()
seen = {}
with stepwell.start_run() as mine:
    seen["main"] = mine.run_id
    seen["began none"] = in_thread(active)
    seen["began one"] = in_thread(begins)
    seen["nested"] = in_thread(child)
    in_thread(stepwell.end_run)
    seen["after another's end_run"] = active()
    opened, done = threading.Event(), threading.Event()
    def holds():
        run = stepwell.start_run(); opened.set(); done.wait(60); run.end_run(); return run
    thread = threading.Thread(target=holds); thread.start(); opened.wait(60)
    for step in range(100): stepwell.log_metric("beside", 1.0, step=step)
    done.set(); thread.join()
seen["none"] = in_thread(stepwell.active_run) is None
print(json.dumps(seen))
"""

IN_STEP = """
import contextvars, threading
copied = lambda: contextvars.copy_context().run
@step(experiment_tracker=True)
def whole():
    barrier = threading.Barrier(9)
    runs = {}
    def work(index):
        barrier.wait(60)
        with stepwell.start_run(nested=True) as run:
            runs[run.run_id] = index
            barrier.wait(60)
            for step in range(100): stepwell.log_metric("mine", float(index), step=step)
            barrier.wait(60)
    threads = [threading.Thread(target=copied(), args=(work, index)) for index in range(8)]
    [thread.start() for thread in threads]
    barrier.wait(60); barrier.wait(60)
    for step in range(100): stepwell.log_metric("mine", -1.0, step=step)
    barrier.wait(60)
    [thread.join() for thread in threads]
    runs[stepwell.active_run().run_id] = -1
    return runs
print(json.dumps(whole()))
"""

ATTACHED = """
import threading
first, second = threading.Event(), threading.Event()
def leaves():
    with stepwell.start_run(): stepwell.log_metric("leaves", 1.0)
    first.set()
def stays():
    with stepwell.start_run():
        second.set(); first.wait(60); stepwell.log_metric("stays", 1.0)
threads = [threading.Thread(target=stays), threading.Thread(target=leaves)]
threads[0].start(); second.wait(60); threads[1].start()
[thread.join() for thread in threads]
stepwell.log_metric("main", 1.0)
"""

FORK = """
import threading
def child_of_a_thread():
    with stepwell.start_run() as run:
        pid = os.fork()
        if pid == 0:
            stepwell.log_metric("child", 1.0)
            threading.Thread(target=lambda: stepwell.log_metric("its thread", 1.0)).start()
            for thread in threading.enumerate():
                if thread is not threading.current_thread() and not thread.daemon: thread.join()
            stepwell.flush(60); os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        print(run.run_id, flush=True)
with stepwell.start_run():
    threads = [threading.Thread(target=child_of_a_thread) for _ in range(4)]
    [thread.start() for thread in threads]; [thread.join() for thread in threads]
"""


class Threads(StepsTest):
    def of_runs(self) -> "dict[str, set[float]]":
        found: dict[str, set[float]] = {}
        for run_id, value in self.rows("SELECT DISTINCT run_uuid, value FROM metrics"):
            found.setdefault(run_id, set()).add(value)
        return found

    def test_threads_that_start_runs_at_once_have_each_its_own(self) -> None:
        errors, runs = json.loads(self.run_steps(AT_ONCE)[0])
        self.assertEqual((errors, len(runs)), ([], 24 * 5))
        self.assertEqual(self.of_runs(), {run_id: {float(index)} for run_id, index in runs.items()})
        self.assertEqual(self.rows("SELECT count(*) FROM metrics"), [(24 * 5 * 40,)])
        self.assertEqual(
            dict(self.rows("SELECT run_uuid, value FROM params")), {k: str(v) for k, v in runs.items()}
        )
        self.assertEqual(self.rows("SELECT status, count(*) FROM runs GROUP BY 1"), [("FINISHED", 24 * 5)])

    def test_a_thread_that_began_no_run_logs_to_the_processs_and_one_that_did_to_its_own(self) -> None:
        seen = json.loads(self.run_steps(ROLES)[0])
        mine = seen["main"]
        own, active, of_its_thread = seen["began one"]
        self.assertEqual(seen["began none"], mine)
        self.assertNotEqual(own, mine)
        self.assertEqual((active, of_its_thread), (own, mine))
        self.assertEqual(seen["nested"][0], seen["nested"][1])
        parent = "SELECT value FROM tags WHERE run_uuid = ? AND key = 'mlflow.parentRunId'"
        self.assertEqual(self.rows(parent, seen["nested"][0]), [(mine,)])
        self.assertEqual(seen["after another's end_run"], mine)
        self.assertIs(seen["none"], True)
        self.assertEqual(self.rows("SELECT run_uuid, count(*) FROM metrics GROUP BY 1"), [(mine, 100)])

    def test_threads_of_a_step_that_start_runs_at_once_have_each_its_own_and_the_step_its_own(self) -> None:
        runs = json.loads(self.run_steps(IN_STEP)[0])
        self.assertEqual(len(runs), 9)
        self.assertEqual(self.of_runs(), {run_id: {float(index)} for run_id, index in runs.items()})
        self.assertEqual(self.rows("SELECT count(*) FROM metrics"), [(9 * 100,)])

    def test_threads_under_stepwell_run_share_its_run_and_the_end_of_one_is_no_others(self) -> None:

        arguments = ("run", "-e", "mlflow_experiment_tracker", "--run-name", "r", "--", sys.executable, "-c")
        self.stepwell(*arguments, HEAD + ATTACHED)
        keys = self.rows("SELECT key FROM metrics JOIN runs USING (run_uuid) WHERE name = 'r' ORDER BY 1")
        self.assertEqual(keys, [("leaves",), ("main",), ("stays",)])

    def test_a_child_that_a_thread_forks_goes_on_with_the_threads_run(self) -> None:
        runs = self.run_steps(FORK)[0].split()
        found = self.rows("SELECT run_uuid, key FROM metrics ORDER BY 1, 2")
        self.assertEqual(found, sorted((run_id, key) for run_id in runs for key in ("child", "its thread")))


if __name__ == "__main__":
    unittest.main()
