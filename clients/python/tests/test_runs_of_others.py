"""Runs that another process began, or ended before."""

import subprocess
import sys
import time
import unittest

from steps_home import HEAD, StepsTest


class OfSomebodyElse(StepsTest):
    def test_a_program_under_stepwell_run_logs_to_its_run_and_may_have_children_of_it(self) -> None:
        text = (
            "stepwell.log_metric('m', 1.0)\n"
            "with stepwell.start_run(run_name='child', nested=True): stepwell.log_metric('c', 2.0)\n"
            "stepwell.log_metric('m', 2.0, step=1)\nstepwell.end_run()\nsys.exit(4)\n"
        )
        tracker = ("-e", "mlflow_experiment_tracker", "--experiment-name", "mine", "--run-name", "whole")
        arguments = ("run", *tracker, "--", sys.executable, "-c", HEAD + text)
        with self.assertRaisesRegex(AssertionError, "exited with 4"):
            self.stepwell(*arguments)
        found = self.rows(
            "SELECT r.name, status, count(*) FROM runs r JOIN metrics USING (run_uuid) GROUP BY 1 ORDER BY 1"
        )
        self.assertEqual(found, [("child", "FINISHED", 1), ("whole", "FAILED", 2)])
        parent = self.rows("SELECT value FROM tags WHERE key = 'mlflow.parentRunId'")
        self.assertEqual(parent, self.rows("SELECT run_uuid FROM runs WHERE name = 'whole'"))

    def test_a_run_that_another_process_goes_on_with_is_running_and_ends_again(self) -> None:
        first, _ = self.run_steps(
            "with stepwell.start_run(experiment_name='e') as run: pass\nprint(run.run_id)\n"
        )
        text = (
            "run = stepwell.start_run(run_id=sys.argv[1])\nstepwell.log_metric('m', 1.0); stepwell.flush()\n"
            "print(flush=True); sys.stdin.readline(); os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        command = [sys.executable, "-c", HEAD + text, first.strip()]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        child = subprocess.Popen(command, env=self.environment, text=True, **pipes)
        child.stdout.readline()
        self.assertEqual(self.statuses(), {"e": "RUNNING"})
        child.communicate("\n", timeout=300)
        deadline = time.monotonic() + 1200
        while self.statuses() != {"e": "KILLED"} and time.monotonic() < deadline:
            time.sleep(0.2)
        self.assertEqual(self.statuses(), {"e": "KILLED"})


if __name__ == "__main__":
    unittest.main()
