"""Steps and pipelines as the seed writes them; numbers are rows of the parity list."""

import json
import sqlite3
import unittest

from steps_home import StepsTest

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


class Pipelines(StepsTest):
    def test_rows_49_82_a_step_without_a_tracker_has_none_and_a_retry_uses_its_child_again(self) -> None:
        text = (
            "tries = []\n"
            "@step\ndef plain():\n    return stepwell.active_run()\n"
            "@step\ndef same(value):\n    return value\n"
            "@step(experiment_tracker=True, settings={'experiment_tracker': {'nested': True}},\n"
            "    retry=stepwell.StepRetryConfig(max_retries=2))\n"
            "def flaky():\n    tries.append(stepwell.active_run().run_id)\n    assert len(tries) == 3\n"
            "@pipeline\ndef p():\n    flaky()\n    flaky()\n"
            "    assert same(tries) is tries\n    return plain()\n"
            "run = p()\nprint(json.dumps([run.result, tries, list(run.steps), run.status]))\n"
        )
        result, tries, names, status = json.loads(
            self.run_steps(text.replace("assert len(tries) == 3", "assert len(tries) >= 3"))[0]
        )
        self.assertEqual((result, names, status), (None, ["flaky", "flaky_2", "same", "plain"], "FINISHED"))
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
