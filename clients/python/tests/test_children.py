"""Processes that a program with an active run starts: they log to that run, unless they begin one."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

from daemon_home import DaemonTest

POOLS = """
import multiprocessing, subprocess, sys, stepwell

METHODS = ("fork", "forkserver", "spawn")

def work(key):
    stepwell.log_metric(key, 1.0)

def idle(_):
    pass

if __name__ == "__main__":
    contexts = [multiprocessing.get_context(method) for method in METHODS]
    # Before there is any run.
    pools = [context.Pool(1) for context in contexts]
    for pool in pools: pool.map(idle, [0])
    for number in range(2):
        with stepwell.start_run(run_name=f"run-{number}"):
            for method, context, pool in zip(METHODS, contexts, pools):
                pool.map(work, [f"pool/{method}"])
                if number == 0:
                    child = context.Process(target=work, args=(f"process/{method}",))
                    child.start(); child.join()
                    assert child.exitcode == 0, method
            if number == 0:
                subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
            stepwell.log_metric("parent", 1.0)
    for pool in pools: pool.close(); pool.join()
"""

LOKY = """
import joblib, stepwell

def work(key):
    stepwell.log_metric(key, 1.0)

if __name__ == "__main__":
    with joblib.Parallel(2) as pool:
        # The workers are older than the runs, and serve both.
        pool(joblib.delayed(abs)(each) for each in range(2))
        for number in range(2):
            with stepwell.start_run(run_name=f"run-{number}"):
                pool(joblib.delayed(work)(f"job/{each}") for each in range(4))
"""

OWN = """
import stepwell
stepwell.log_metric("before", 1.0)
stepwell.end_run()
with stepwell.start_run(run_name="own"):
    stepwell.log_metric("inner", 1.0)
stepwell.active_run().end_run()
stepwell.log_metric("after", 1.0)
"""

FORKED = """
import os, stepwell
with stepwell.start_run(run_name="parents") as run:
    if os.fork() == 0:
        try:
            with stepwell.start_run(run_name="childs"): stepwell.log_metric("inner", 1.0)
            stepwell.end_run(); run.end_run("FAILED")
            stepwell.flush(60)
        finally:
            os._exit(0)
    assert os.wait()[1] == 0
    stepwell.log_metric("parent", 1.0)
"""

# Prints which run a child logs to.
ACTIVE = "import stepwell; run = stepwell.active_run(); print(run and run.run_id)"
LOGS = "import stepwell; stepwell.log_metric('m', 1.0); print('logged')"

HOLDS = """
with stepwell.start_run() as run: print(run.run_id); child()
"""
IN_THREAD = """
def work():
    with stepwell.start_run() as run: print(run.run_id); child()
thread = threading.Thread(target=work); thread.start(); thread.join()
"""
STARTS = """
import json, os, subprocess, sys, threading, stepwell
def child():
    environment = {**os.environ, **json.loads(sys.argv[2])}
    subprocess.run([sys.executable, "-c", sys.argv[1]], env=environment)
"""
WAITS = """
import os, stepwell, sys
with stepwell.start_run() as run:
    print(run.run_id, os.environ["STEPWELL_PARENT"], flush=True)
    sys.stdin.read()
"""


class Children(DaemonTest):
    def in_child(self, parent: str, child: str, **more: str) -> "tuple[str, str, str]":
        """What the parent prints, its child, and what the child says on stderr. No daemon is asked."""
        offline = {"STEPWELL_AUTOSTART": "0", "STEPWELL_EXIT_TIMEOUT": "0"}
        command = [sys.executable, "-u", "-c", STARTS + parent, child, json.dumps(more)]
        done = subprocess.run(
            command, env={**self.environment, **offline}, capture_output=True, text=True, timeout=300
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        of_parent, of_child = done.stdout.splitlines()
        return of_parent, of_child, done.stderr

    def test_children_of_all_kinds_log_to_their_parents_run_also_workers_that_are_older_or_outlive_it(
        self,
    ) -> None:
        # Children that are spawned load the program again.
        program = Path(self.home) / "pools.py"
        program.write_text(POOLS)
        command = [sys.executable, str(program), OWN]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=600)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = self.rows("SELECT r.name, key FROM metrics JOIN runs r USING (run_uuid) ORDER BY 1, 2")
        methods = ("fork", "forkserver", "spawn")
        pools = [f"pool/{method}" for method in methods]
        processes = [f"process/{method}" for method in methods]
        expected = {
            "own": ["inner"],
            "run-0": ["after", "before", "parent", *pools, *processes],
            "run-1": ["parent", *pools],
        }
        self.assertEqual(found, [(name, key) for name, keys in expected.items() for key in sorted(keys)])
        # The child's own run is below its parent's, and neither the child nor its run ended that.
        parents = "SELECT name, value FROM tags JOIN runs USING (run_uuid) WHERE key = 'mlflow.parentRunId'"
        ((run_id,),) = self.rows("SELECT run_uuid FROM runs WHERE name = 'run-0'")
        self.assertEqual(self.rows(parents), [("own", run_id)])
        self.assertEqual(self.rows("SELECT status, count(*) FROM runs GROUP BY 1"), [("FINISHED", 3)])

    def test_joblibs_workers_log_to_the_run_that_their_parent_has_active(self) -> None:
        program = Path(self.home) / "loky.py"
        program.write_text(LOKY)
        command = [sys.executable, str(program)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=600)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = self.rows("SELECT r.name, key FROM metrics JOIN runs r USING (run_uuid) ORDER BY 1, 2")
        keys = [f"job/{number}" for number in range(4)]
        self.assertEqual(found, [(f"run-{number}", key) for number in range(2) for key in keys])

    @unittest.skipUnless(hasattr(os, "fork"), "the system has no fork")
    def test_a_forked_child_has_a_run_of_its_own_if_it_begins_one_and_ends_no_other(self) -> None:
        done = self.run_program(FORKED)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = self.rows("SELECT name, status, key FROM runs JOIN metrics USING (run_uuid) ORDER BY 1")
        self.assertEqual(found, [("childs", "FINISHED", "inner"), ("parents", "FINISHED", "parent")])

    def test_a_child_of_another_home_and_one_that_was_given_a_run_are_none_of_the_parents(self) -> None:
        of_parent, of_child, said = self.in_child(HOLDS, ACTIVE)
        self.assertEqual(of_child, of_parent, said)
        for more in (
            {"STEPWELL_HOME": f"{self.home}/another"},
            {"STEPWELL_RUN_ID": "1" * 32},
            {"STEPWELL_PARENT": ""},
        ):
            self.assertEqual(self.in_child(HOLDS, ACTIVE, **more)[1], "None", more)

    def test_a_process_says_why_it_logs_to_a_run_of_its_own_where_its_parents_is_expected(self) -> None:
        own = "stepwell: this process logs to a run of its own: "
        said = self.in_child(IN_THREAD, LOGS)[2]
        self.assertIn(own + "threads or tasks of the process above have a run each", said)
        # Its process is gone, its number is another's, or it is in another pid namespace.
        for path in ("/proc/4194305/fd/3", "/proc/self/fd/0", self.home):
            said = self.in_child(HOLDS, LOGS, STEPWELL_PARENT=f"{'0' * 32}@{path}")[2]
            self.assertIn(own + "the process above that STEPWELL_PARENT names can't be seen from here", said)

    def test_what_a_killed_program_left_running_begins_runs_of_its_own(self) -> None:
        command = [sys.executable, "-c", WAITS]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, env=self.environment, text=True, **pipes) as parent:
            run_id, address = parent.stdout.readline().split()
            self.assertEqual(self.run_program(ACTIVE, STEPWELL_PARENT=address).stdout, f"{run_id}\n")
            parent.kill()
            parent.wait()
            self.assertEqual(self.run_program(ACTIVE, STEPWELL_PARENT=address).stdout, "None\n")


if __name__ == "__main__":
    unittest.main()
