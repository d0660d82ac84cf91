"""Steps and pipelines as the seed writes them; numbers are rows of the parity list."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest

from daemon_home import DaemonTest

# The seed's examples, imports and calls of the mlflow package aside.
SEED = """
import stepwell
from stepwell import Client, MLFlowExperimentTrackerSettings, pipeline, step

experiment_tracker = Client().active_stack.experiment_tracker

@step
def load() -> int:
    return 3

@step(experiment_tracker="mlflow_experiment_tracker")
def tf_trainer(data):
    stepwell.log_param("data", data)
    stepwell.log_metric("loss", 0.5, step=1)
    return data * 2

mlflow_settings = MLFlowExperimentTrackerSettings(nested=True, tags={"key": "value"})

@step(experiment_tracker=experiment_tracker.name, settings={"experiment_tracker.mlflow": mlflow_settings})
def step_one(data):
    stepwell.log_metric("one", float(data))
    return data + 1

@pipeline
def digits():
    return step_one(tf_trainer(load()))

run = digits()
client = Client()
last_run = client.get_pipeline("digits").last_run
trainer_step = last_run.get_step("tf_trainer")
tracking_url = trainer_step.run_metadata["experiment_tracker_url"].value
import json
print(json.dumps({
    "result": run.result, "url": tracking_url, "id": trainer_step.run_metadata["mlflow_run_id"],
    "child": last_run.get_step("step_one").run_metadata["mlflow_run_id"].value,
    "status": [last_run.status, trainer_step.status], "name": last_run.name,
}))
"""

HEAD = """
import json, os, signal, sys, time, stepwell
from stepwell import Client, MLFlowExperimentTrackerSettings, pipeline, step
"""


class StepsTest(DaemonTest):
    def setUp(self) -> None:
        super().setUp()
        name = "mlflow_experiment_tracker"
        self.stepwell("experiment-tracker", "register", name, "--flavor=mlflow")
        self.stepwell("stack", "register", "custom_stack", "-e", name, "--set")

    def run_steps(self, text: str, code: int = 0, **more: str) -> "tuple[str, str]":
        done = self.run_program(HEAD + text, **more)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout, done.stderr

    def statuses(self) -> "dict[str, str]":
        return dict(self.rows("SELECT e.name, r.status FROM runs r JOIN experiments e USING (experiment_id)"))


class Seed(StepsTest):
    def test_row_55_the_seeds_step_client_settings_and_metadata_examples_run_here_as_written(self) -> None:
        done = self.run_program(SEED)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = json.loads(done.stdout)
        self.assertEqual(found["result"], 7)
        self.assertEqual(found["status"], ["FINISHED", "FINISHED"])
        self.assertEqual(found["url"], f"sqlite:///{self.home}/artifact_stores/default/mlflow.db")
        runs = self.rows("SELECT run_uuid, name, status FROM runs ORDER BY name DESC")
        self.assertEqual(
            runs, [(found["child"], "step_one", "FINISHED"), (found["id"], found["name"], "FINISHED")]
        )
        metrics = self.rows("SELECT run_uuid, key, value FROM metrics ORDER BY key")
        self.assertEqual(metrics, [(found["id"], "loss", 0.5), (found["child"], "one", 6.0)])
        tag = "SELECT value FROM tags WHERE run_uuid = ? AND key = ?"
        for run_id in (found["child"], found["id"]):
            self.assertEqual(self.rows(tag, run_id, "key"), [("value",)])
        self.assertEqual(self.rows(tag, found["child"], "mlflow.parentRunId"), [(found["id"],)])
        experiments = self.rows("SELECT DISTINCT e.name FROM runs JOIN experiments e USING (experiment_id)")
        self.assertEqual(experiments, [("digits",)])


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

    def test_row_64_105_a_step_changes_nothing_of_its_process_environment(self) -> None:
        text = (
            "seen = []\nbefore = dict(os.environ)\n"
            "@step(experiment_tracker=True)\ndef looks():\n    seen.append(dict(os.environ))\n"
            "looks()\nprint([before == each for each in (*seen, dict(os.environ))])\n"
        )
        self.assertEqual(self.run_steps(text), ("[True, True]\n", ""))

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
            child.communicate("\n", timeout=60)
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
            "    if child == 0:\n        time.sleep(60); os._exit(0)\n"
            "    print(child, flush=True)\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\ndies()\n"
        )
        child = int(self.run_steps(text, -signal.SIGKILL)[0])
        try:
            deadline = time.monotonic() + 60
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
        out, error = child.communicate(timeout=120)
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
        child.communicate("\n", timeout=120)
        self.assertEqual(child.returncode, 0)
        self.assertEqual(self.statuses(), {"late": "FINISHED"})


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
        child.communicate("\n", timeout=60)
        deadline = time.monotonic() + 60
        while self.statuses() != {"e": "KILLED"} and time.monotonic() < deadline:
            time.sleep(0.2)
        self.assertEqual(self.statuses(), {"e": "KILLED"})


class Refusals(StepsTest):
    def refused(self, text: str) -> str:
        out, _ = self.run_steps(
            "try:\n"
            + "".join(f"    {line}\n" for line in text.splitlines())
            + "except stepwell.StepwellError as error:\n    print(error)\n"
        )
        return out

    def test_row_50_a_tracker_that_is_not_attached_is_refused_before_the_step_runs(self) -> None:
        text = "@step(experiment_tracker='mlflow_tracker')\ndef s():\n    print('ran')\ns()"
        self.assertRegex(
            self.refused(text),
            "^STEPWELL_TRACKER_UNKNOWN: .*'?mlflow_tracker'?.*it has: mlflow_experiment_tracker",
        )
        # It left nothing behind.
        self.assertRegex(self.refused("Client().get_pipeline('s')"), "^STEPWELL_PIPELINE_UNKNOWN")

    def test_rows_93_94_95_settings_that_are_wrong_are_refused_with_a_hint(self) -> None:
        made = "@step(experiment_tracker=True, settings={%s})\ndef s():\n    print('ran')\ns()"
        for settings, expected in {
            "'experiment_tracker': {'experiment': 'e'}": "'experiment'. Did you mean 'experiment_name'",
            "'experiment_tracker.mlflow': {'nested': 'maybe'}": "nested is True or False",
            "'experiment_tracker.mlflow': {'tags': 'a=b'}": "tags is a dictionary",
            "'experiment-tracker': {}": "'experiment_tracker', 'experiment_tracker.FLAVOR'",
            "'experiment_tracker': 7": "neither a dictionary nor settings",
        }.items():
            self.assertRegex(self.refused(made % settings), f"^STEPWELL_SETTING_INVALID: .*{expected}")

    def test_names_and_values_that_nothing_could_take_are_refused_at_the_decorator(self) -> None:
        made = "@%s\ndef s():\n    pass\nprint('decorated')"
        settings = "step(experiment_tracker=True, settings={'experiment_tracker': %s})"
        for decorator, code in {
            settings % "{'experiment_name': 'x' * 501}": "STEPWELL_EXPERIMENT_INVALID",
            settings % "{'tags': {'a' * 251: 1}}": "STEPWELL_KEY_INVALID",
            settings % "{'tags': {'a': 'x' * 8001}}": "STEPWELL_VALUE_TOO_LONG",
            settings % "{'tags': {'a': '\\ud800'}}": "STEPWELL_TEXT_MALFORMED",
            settings % "{1: 2}": "STEPWELL_SETTING_INVALID",
            "step(settings={'experiment_tracker:\\ud800': {}})": "STEPWELL_TEXT_MALFORMED",
            "step(experiment_tracker='\\ud800')": "STEPWELL_TEXT_MALFORMED",
            "step(name='x' * 501)": "STEPWELL_VALUE_TOO_LONG",
            "step(name=7)": "STEPWELL_VALUE_INVALID",
            "pipeline(name='\\ud800')": "STEPWELL_TEXT_MALFORMED",
        }.items():
            with self.subTest(decorator):
                self.assertRegex(self.refused(made % decorator), f"^{code}: ")

    def test_rows_91_92_settings_of_a_tracker_that_is_not_attached_are_ignored_with_a_warning(self) -> None:
        text = (
            "@step(experiment_tracker=True, settings={'experiment_tracker:other': {'nested': True},\n"
            "    'experiment_tracker.mlflow': {'tags': {'none': None, 'yes': True}}})\n"
            "def s():\n    return 1\ns()\n"
        )
        _, error = self.run_steps(text)
        self.assertRegex(error, "experiment_tracker:other.*ignored")
        tags = dict(self.rows("SELECT key, value FROM tags WHERE key IN ('none', 'yes', 'stepwell')"))
        self.assertEqual((tags["yes"], sorted(tags)), ("True", ["stepwell", "yes"]))


class Pipelines(StepsTest):
    def test_rows_49_82_a_step_without_a_tracker_has_none_and_a_retry_uses_its_child_again(self) -> None:
        text = (
            "tries = []\n"
            "@step\ndef plain():\n    return stepwell.active_run()\n"
            "@step(experiment_tracker=True, settings={'experiment_tracker': {'nested': True}},\n"
            "    retry=stepwell.StepRetryConfig(max_retries=2))\n"
            "def flaky():\n    tries.append(stepwell.active_run().run_id)\n    assert len(tries) == 3\n"
            "@pipeline\ndef p():\n    flaky()\n    flaky()\n    return plain()\n"
            "run = p()\nprint(json.dumps([run.result, tries, list(run.steps), run.status]))\n"
        )
        result, tries, names, status = json.loads(
            self.run_steps(text.replace("assert len(tries) == 3", "assert len(tries) >= 3"))[0]
        )
        self.assertEqual((result, names, status), (None, ["flaky", "flaky_2", "plain"], "FINISHED"))
        self.assertEqual((len(set(tries[:3])), len(set(tries))), (1, 2))
        found = self.rows("SELECT name, status FROM runs WHERE name LIKE 'flaky%' ORDER BY name")
        self.assertEqual(found, [("flaky", "FINISHED"), ("flaky_2", "FINISHED")])

    def test_rows_51_52_true_logs_to_all_trackers_and_steps_in_threads_keep_apart(self) -> None:
        other = f"{self.home}/other.db"
        self.stepwell(
            "experiment-tracker", "register", "other", "--flavor=mlflow", f"--tracking_uri=sqlite:///{other}"
        )
        self.stepwell("stack", "update", "custom_stack", "-e", "mlflow_experiment_tracker", "-e", "other")
        text = (
            "from concurrent.futures import ThreadPoolExecutor\n"
            "@step(experiment_tracker=True)\ndef work(index):\n"
            "    for i in range(100):\n        stepwell.log_metric('m', index, step=i); time.sleep(0.001)\n"
            "    stepwell.log_param('index', index)\n"
            "def run(index):\n    work.with_options(name=f'w{index}')(index)\n"
            "with ThreadPoolExecutor(8) as pool: list(pool.map(run, range(8)))\n"
        )
        self.run_steps(text)
        import sqlite3

        self.stepwell("flush")
        for path in (f"{self.home}/artifact_stores/default/mlflow.db", other):
            with sqlite3.connect(path) as database:
                found = database.execute(
                    "SELECT e.name, p.value, count(*), min(m.value), max(m.value) FROM runs r"
                    " JOIN experiments e USING (experiment_id) JOIN params p USING (run_uuid)"
                    " JOIN metrics m USING (run_uuid) GROUP BY r.run_uuid ORDER BY e.name"
                ).fetchall()
            database.close()
            self.assertEqual(found, [(f"w{i}", str(i), 100, float(i), float(i)) for i in range(8)])


if __name__ == "__main__":
    unittest.main()
