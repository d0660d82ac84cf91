"""A step's runs end as it does, whatever ends it or is out of reach; numbers are rows of the parity list."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest

from steps_home import HEAD, StepsTest


class Ends(StepsTest):
    def test_row_102_an_exception_fails_the_run_and_reaches_the_caller(self) -> None:
        text = "@step(experiment_tracker=True)\ndef bad():\n    stepwell.log_metric('m', 1.0); 1 / 0\nbad()\n"
        _, error = self.run_steps(text, 1)
        self.assertRegex(error, "ZeroDivisionError")
        self.assertEqual(self.statuses(), {"bad": "FAILED"})

    def test_sys_exit_decides_by_its_code(self) -> None:
        exits = "@step(experiment_tracker=True)\ndef {name}():\n    sys.exit({code})\n{name}()\n"
        self.run_steps(exits.format(name="one", code=1), 1)
        self.run_steps(exits.format(name="none", code=0), 0)
        self.run_steps(exits.format(name="killed", code=143), 143)
        self.assertEqual(self.statuses(), {"one": "FAILED", "none": "FINISHED", "killed": "KILLED"})

    def test_row_109_sigterm_and_sigint_end_the_run_as_killed_with_all_that_was_logged(self) -> None:
        text = (
            "@step(experiment_tracker=True)\ndef {name}():\n"
            "    for i in range(1000): stepwell.log_metric('m', i, step=i)\n"
            "    os.kill(os.getpid(), signal.{number}); time.sleep(60)\n{name}()\n"
        )
        self.run_steps(text.format(name="term", number="SIGTERM"), 143)
        done = self.run_program(HEAD + text.format(name="int", number="SIGINT"))
        self.assertIn(done.returncode, (1, 130, -signal.SIGINT))
        self.assertEqual(self.statuses(), {"term": "KILLED", "int": "KILLED"})
        self.assertEqual(self.rows("SELECT count(*) FROM metrics"), [(2000,)])
        reasons = self.rows("SELECT count(*) FROM tags WHERE key = 'stepwell.end_reason'")
        self.assertEqual(reasons, [(0,)])

    def test_row_64_105_a_step_has_no_credential_in_its_environment_which_is_as_it_was_afterwards(
        self,
    ) -> None:
        text = (
            "os.environ.update(MLFLOW_TRACKING_TOKEN='t', MLFLOW_RUN_ID='r', NO_PROXY='x')\n"
            "os.environ['DATABRICKS_TOKEN'] = 'd'\n"
            "seen, before = [], dict(os.environ)\n"
            "@step(experiment_tracker=True)\ndef looks():\n    seen.append(dict(os.environ))\n"
            "    os.environ['MLFLOW_EXPERIMENT_ID'] = '7'\n    return stepwell.active_run().run_id\n"
            "@step\ndef none():\n    return dict(os.environ)\n"
            "ids = [looks(), looks()]\n"
            "print(before == none() == dict(os.environ), json.dumps([ids, before, *seen]))\n"
        )
        same, printed = self.run_steps(text)[0].split(" ", 1)
        ids, before, *seen = json.loads(printed)
        self.assertEqual(same, "True")
        for run_id, each in zip(ids, seen):
            changed = {
                name: each.get(name) for name in {*before, *each} if before.get(name) != each.get(name)
            }
            self.assertRegex(changed.pop("MLFLOW_TRACKING_URI"), r"^http://127\.0\.0\.1:[0-9]+/[\w-]{20,}$")
            none = "x,127.0.0.1,localhost"
            self.assertEqual(
                changed,
                {
                    "MLFLOW_RUN_ID": run_id,
                    "MLFLOW_EXPERIMENT_NAME": "looks",
                    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
                    **dict.fromkeys(("NO_PROXY", "no_proxy"), none),
                    **dict.fromkeys(("MLFLOW_TRACKING_TOKEN", "DATABRICKS_TOKEN")),
                },
            )

    def test_row_104_a_run_that_user_code_ended_is_no_error_and_ends_with_its_step(self) -> None:
        text = "@step(experiment_tracker=True)\ndef ends():\n    stepwell.end_run()\nends()\n"
        self.assertEqual(self.run_steps(text), ("", ""))
        self.assertEqual(self.statuses(), {"ends": "FINISHED"})

    def test_row_103_runs_that_a_step_left_open_end_as_the_step_does(self) -> None:
        text = (
            "@step(experiment_tracker=True)\ndef {name}():\n"
            "    stepwell.start_run(run_name='outer', nested=True)\n"
            "    stepwell.start_run(run_name='inner', nested=True)\n"
            "    stepwell.log_metric('m', 1.0)\n    {way}\n"
            "try: {name}()\nexcept ValueError: pass\n"
            "stepwell.start_run(run_name='after', experiment_name='after')\nstepwell.flush()\n"
            "print(flush=True); sys.stdin.readline()\n"
        )
        for name, way, status in (("good", "pass", "FINISHED"), ("bad", "raise ValueError()", "FAILED")):
            command = [sys.executable, "-c", HEAD + text.format(name=name, way=way)]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            child = subprocess.Popen(command, env=self.environment, text=True, **pipes)
            child.stdout.readline()
            # The process still lives.
            found = self.rows(
                "SELECT r.name, status FROM runs r JOIN experiments e USING (experiment_id)"
                " WHERE e.name = ? AND r.name IN ('outer', 'inner') ORDER BY r.name",
                name,
            )
            child.communicate("\n", timeout=300)
            self.assertEqual(found, [("inner", status), ("outer", status)])
        self.assertEqual(self.rows("SELECT DISTINCT status FROM runs WHERE name = 'after'"), [("FINISHED",)])

    def test_row_108_a_later_step_does_not_hide_that_one_failed(self) -> None:
        text = (
            "@step(experiment_tracker=True)\ndef bad():\n    1 / 0\n"
            "@step(experiment_tracker=True)\ndef good():\n    stepwell.log_metric('m', 1.0)\n"
            "@pipeline\ndef goes_on():\n"
            "    try: bad()\n    except ZeroDivisionError: pass\n    good()\n"
            "print(goes_on().status)\n"
        )
        self.assertEqual(self.run_steps(text)[0], "FAILED\n")
        self.assertEqual(self.statuses(), {"goes_on": "FAILED"})

    def test_row_110_sigkill_ends_the_run_as_killed_also_while_a_forked_child_lives(self) -> None:
        text = (
            "@step(experiment_tracker=True)\ndef dies():\n"
            "    stepwell.log_metric('m', 1.0); stepwell.flush()\n"
            "    child = os.fork()\n"
            "    if child == 0:\n        os.close(1); os.close(2); time.sleep(1500); os._exit(0)\n"
            "    print(child, flush=True)\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\ndies()\n"
        )
        child = int(self.run_steps(text, -signal.SIGKILL)[0])
        try:
            deadline = time.monotonic() + 1200
            while self.statuses() != {"dies": "KILLED"} and time.monotonic() < deadline:
                time.sleep(0.2)
            os.kill(child, 0)
        finally:
            os.kill(child, signal.SIGKILL)
        self.assertEqual(self.statuses(), {"dies": "KILLED"})
        self.assertEqual(self.rows("SELECT count(*) FROM metrics"), [(1,)])
        reason = self.rows("SELECT value FROM tags WHERE key = 'stepwell.end_reason'")
        self.assertRegex(reason[0][0], "^The process [0-9]+ is gone")

    def test_a_forked_child_that_leaves_the_step_ends_nothing(self) -> None:
        text = (
            "@step(experiment_tracker=True)\ndef forks():\n"
            "    if os.fork() == 0:\n        stepwell.log_metric('child', 1.0); sys.exit(1)\n"
            "    _, status = os.wait(); assert os.waitstatus_to_exitcode(status) == 1\n"
            "    stepwell.log_metric('parent', 1.0)\nforks()\n"
        )
        self.run_steps(text)
        self.assertEqual(self.statuses(), {"forks": "FINISHED"})
        keys = self.rows("SELECT key FROM metrics ORDER BY key")
        self.assertEqual(keys, [("child",), ("parent",)])


class Trouble(StepsTest):
    def test_row_107_a_daemon_that_is_killed_in_mid_step_fails_nothing(self) -> None:
        text = (
            "@step(experiment_tracker=True)\ndef lasts():\n"
            "    for i in range(3000):\n"
            "        stepwell.log_metric('m', i, step=i)\n"
            "        if i in (1000, 2000):\n"
            "            print(i, flush=True); sys.stdin.readline()\n"
            "    return 'kept'\nprint(lasts())\n"
        )
        command = [sys.executable, "-c", HEAD + text]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        child = subprocess.Popen(command, env=self.environment, text=True, **pipes)
        for _ in range(2):
            child.stdout.readline()
            self.kill_daemon()
            child.stdin.write("\n")
            child.stdin.flush()
        out, error = child.communicate(timeout=600)
        self.assertEqual((child.returncode, out, error), (0, "kept\n", ""))
        self.assertEqual(self.statuses(), {"lasts": "FINISHED"})
        self.assertEqual(self.rows("SELECT count(*) FROM metrics"), [(3000,)])

    def test_a_daemon_that_never_answers_fails_no_step_and_its_result_is_kept(self) -> None:
        text = (
            "from stepwell import limits\nlimits.CALL_SECONDS = 1.0\n"
            "import stepwell.calls\nstepwell.calls.call_daemon.__defaults__ = (1.0,)\n"
            "@step(experiment_tracker='mlflow_experiment_tracker')\ndef alone():\n"
            "    stepwell.log_metric('m', 1.0)\n    return 'kept'\nprint(alone())\n"
        )
        out, error = self.run_steps(
            text, STEPWELL_ENDPOINT="unix:/nowhere/daemon.sock", STEPWELL_EXIT_TIMEOUT="0.2"
        )
        self.assertEqual(out, "kept\n")
        self.assertRegex(error, "STEPWELL_DAEMON_UNREACHABLE")

    def test_what_a_step_logged_while_the_daemon_could_not_be_told_of_it_arrives_later(self) -> None:
        text = (
            "import stepwell.calls\nstepwell.calls.call_daemon.__defaults__ = (0.3,)\n"
            "os.environ['STEPWELL_AUTOSTART'] = '0'\n"
            "@step(experiment_tracker='mlflow_experiment_tracker')\ndef late():\n"
            "    stepwell.log_metric('m', 1.0)\n    return 1\n"
            "late()\nprint(flush=True); sys.stdin.readline()\nstepwell.flush(60)\n"
        )
        self.stepwell("daemon", "stop")
        command = [sys.executable, "-c", HEAD + text]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        child = subprocess.Popen(command, env=self.environment, text=True, **pipes)
        child.stdout.readline()
        self.stepwell("daemon", "start")
        child.communicate("\n", timeout=600)
        self.assertEqual(child.returncode, 0)
        self.assertEqual(self.statuses(), {"late": "FINISHED"})


if __name__ == "__main__":
    unittest.main()
