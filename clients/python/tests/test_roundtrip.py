"""What is logged arrives in MLflow's store as it was given."""

import json
import math
import sqlite3
import unittest

from daemon_home import SharedHomeTest

PROGRAM = """
import stepwell, numpy
with stepwell.start_run(run_name="whole", experiment_name="round trip", tags={"note": "köln"}) as run:
    stepwell.log_params({"lr": 0.1, "layers": [1, 2]})
    stepwell.log_metric("loss", 0.5, step=3, timestamp=1700000000000)
    stepwell.log_metrics({"nan": float("nan"), "inf": float("inf"), "minus": -math.inf}, step=-7)
    stepwell.log_metric("edge", 1, step=2**63 - 1, timestamp=5)
    stepwell.log_metric("edge", numpy.float32(2), step=-(2**63), timestamp=5)
    stepwell.log_series("array", numpy.arange(2500), numpy.linspace(0, 1, 2500), numpy.full(2500, 9))
    stepwell.log_series("list", [1, 2], [0.25, 0.75], [4, 5])
    stepwell.set_tag("note", "bonn")
stepwell.flush()
print(run.run_id, stepwell.stats().acknowledged)
"""

# As MLflow 3 makes them, as far as a point needs them.
MODEL_TABLES = """
CREATE TABLE logged_models (model_id VARCHAR(36) NOT NULL PRIMARY KEY);
CREATE TABLE logged_model_metrics (
  model_id VARCHAR(36) NOT NULL, metric_name VARCHAR(500) NOT NULL, metric_timestamp_ms BIGINT NOT NULL,
  metric_step BIGINT NOT NULL, metric_value FLOAT, experiment_id INTEGER NOT NULL,
  run_id VARCHAR(32) NOT NULL, dataset_uuid VARCHAR(36),
  dataset_name VARCHAR(500), dataset_digest VARCHAR(36),
  PRIMARY KEY (model_id, metric_name, metric_timestamp_ms, metric_step, run_id)
);
INSERT INTO logged_models VALUES ('m-1');
"""


class RoundTrip(SharedHomeTest):
    def test_every_kind_of_entry_arrives_as_it_was_given(self) -> None:
        done = self.run_program("import math\n" + PROGRAM)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        run_id, acknowledged = done.stdout.split()
        self.assertEqual(int(acknowledged), 2 + 1 + 3 + 2 + 2500 + 2 + 2)
        points = self.rows(
            "SELECT key, step, timestamp, value, is_nan FROM metrics WHERE run_uuid = ?", run_id
        )
        self.assertEqual(len(points), 2508)
        self.assertIn(("loss", 3, 1700000000000, 0.5, 0), points)
        self.assertIn(("edge", 2**63 - 1, 5, 1.0, 0), points)
        self.assertIn(("edge", -(2**63), 5, 2.0, 0), points)
        self.assertIn(("list", 2, 5, 0.75, 0), points)
        by_key = {key: (step, value, is_nan) for key, step, _, value, is_nan in points}
        self.assertEqual(by_key["nan"], (-7, 0.0, 1))
        self.assertTrue(math.isinf(by_key["inf"][1]) or by_key["inf"][1] > 1e308)
        self.assertLess(by_key["minus"][1], -1e308)
        array = sorted((step, value) for key, step, _, value, _ in points if key == "array")
        self.assertEqual(array[-1], (2499, 1.0))
        self.assertEqual([step for step, _ in array], list(range(2500)))
        params = dict(self.rows("SELECT key, value FROM params WHERE run_uuid = ?", run_id))
        self.assertEqual(params, {"lr": "0.1", "layers": "[1, 2]"})
        tags = dict(self.rows("SELECT key, value FROM tags WHERE run_uuid = ?", run_id))
        self.assertEqual((tags["note"], tags["mlflow.runName"]), ("bonn", "whole"))
        self.assertEqual(self.rows("SELECT status FROM runs WHERE run_uuid = ?", run_id), [("FINISHED",)])

    def test_points_of_a_model_reach_the_model_also_when_it_is_made_late(self) -> None:
        done = self.run_program(
            "import stepwell\n"
            "with stepwell.start_run() as run:\n"
            "    stepwell.log_metric('auc', 0.5, step=1)\n"
            "    stepwell.log_metric('auc', 0.75, step=2, timestamp=7, model_id='m-1')\n"
            "    stepwell.log_metrics({'auc': 0.8, 'f1': 0.9}, step=3, timestamp=8, model_id='m-1')\n"
            "    stepwell.log_series('auc', [4, 5], [0.85, 0.9], [9, 9], model_id='m-1')\n"
            "stepwell.flush(); print(run.run_id)\n"
        )
        run_id = done.stdout.strip()
        self.stepwell("flush", "--timeout=200", check=False)
        letters = json.loads(self.stepwell("dead-letter", "list", "-o", "json"))
        self.assertEqual({letter["code"] for letter in letters}, {"STEPWELL_MODEL_UNKNOWN"})
        self.assertEqual(len(letters), 5)
        shown = json.loads(self.stepwell("dead-letter", "show", str(letters[0]["number"]), "-o", "json"))
        self.assertEqual(shown["points"][0]["model_id"], "m-1")
        with sqlite3.connect(self.database_path) as database:
            database.executescript(MODEL_TABLES)
        database.close()
        self.stepwell("dead-letter", "retry", "--all")
        found = self.rows(
            "SELECT metric_name, metric_step, metric_timestamp_ms, metric_value FROM logged_model_metrics"
            " WHERE model_id = 'm-1' AND run_id = ? ORDER BY metric_step, metric_name",
            run_id,
        )
        at_three = [("auc", 3, 8, 0.8), ("f1", 3, 8, 0.9)]
        self.assertEqual(found, [("auc", 2, 7, 0.75), *at_three, ("auc", 4, 9, 0.85), ("auc", 5, 9, 0.9)])
        self.assertEqual(self.rows("SELECT count(*) FROM metrics WHERE run_uuid = ?", run_id), [(6,)])

    def test_a_batch_with_what_the_daemon_refuses_arrives_without_it(self) -> None:
        done = self.run_program(
            "import stepwell\n"
            "run = stepwell.start_run()\n"
            "stepwell.log_param('lr', 1); stepwell.end_run(); stepwell.flush()\n"
            "with stepwell.start_run(run_id=run.run_id):\n"
            "    stepwell.log_param('lr', 2); stepwell.log_metric('loss', 1.0)\n"
            "stepwell.flush(); print(run.run_id, stepwell.stats().rejected)\n"
        )
        run_id, rejected = done.stdout.split()
        self.assertEqual(rejected, "1")
        self.assertRegex(done.stderr, "STEPWELL_PARAM_CHANGED: 'lr' was refused")
        self.assertEqual(self.rows("SELECT value FROM params WHERE run_uuid = ?", run_id), [("1",)])
        self.assertEqual(self.rows("SELECT count(*) FROM metrics WHERE run_uuid = ?", run_id), [(1,)])


if __name__ == "__main__":
    unittest.main()
