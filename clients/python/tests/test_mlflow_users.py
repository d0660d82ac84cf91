"""What people who come from MLflow or ZenML type, and what is done to run objects there."""

import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

import stepwell
from daemon_home import DaemonTest
from stepwell.client import MetadataValue, StepRun
from stepwell.mlflow_names import missing
from stepwell.told_run import ToldRun
from stepwell.v1 import steps_pb2

SPAWNED = """
import copy, multiprocessing, pickle, stepwell

def work(run, step):
    run.log_metric("loss", float(step), step=step)

if __name__ == "__main__":
    run = stepwell.start_run("one", experiment_name="e", tags={"a": "b"})
    assert run.backend_run_id in (None, run.run_id)
    child = multiprocessing.get_context("spawn").Process(target=work, args=(run, 1))
    child.start(); child.join()
    assert child.exitcode == 0
    twins = (copy.deepcopy({"run": run})["run"], copy.copy(run), pickle.loads(pickle.dumps(run)))
    for step, same in enumerate(twins):
        assert (same.run_id, same.run_name, same.experiment_name) == (run.run_id, "one", "e")
        work(same, step + 2)
        same.end_run()
    assert not run.has_ended
    run.log_metric("loss", 5.0, step=5)
    several = stepwell.start_run("two", experiment_tracker=["default"], nested=True)
    pickle.loads(pickle.dumps(several)).set_tag("t", "1")
    pickle.loads(pickle.dumps(stepwell.FanOut([run, several]))).set_tag("both", "2")
    several.end_run()
    stepwell.flush()
    print(run.backend_run_id, run.url, several.backend_run_id == several.run_id)
    run.end_run()
"""


class Names(unittest.TestCase):
    def test_the_namespace_holds_what_is_public_and_all_of_that_is_there(self) -> None:
        self.assertEqual(dir(stepwell), sorted(stepwell.__all__))
        for name in stepwell.__all__:
            self.assertFalse(getattr(stepwell, name) is None, name)
        self.assertEqual([name for name in dir(stepwell) if name.startswith("_")], ["__version__"])
        # What takes long to load is left to those who use it.
        names = {"asyncio", "grpclib", "ssl", "mlflow", "stepwell.client", "stepwell.stacks"}
        late = f"import sys, stepwell; print({names} & sys.modules.keys())"
        done = subprocess.run([sys.executable, "-c", late], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, "set()\n")

    def test_a_name_of_mlflows_says_what_works_and_any_other_is_a_plain_error(self) -> None:
        for name in ("set_experiment", "log_input", "search_runs", "sklearn", "MlflowClient"):
            with self.assertRaises(AttributeError) as caught:
                getattr(stepwell, name)
            told = str(caught.exception)
            for part in (name, "MLflow's", "stepwell run --", "MLFLOW_TRACKING_URI", "stepwell env"):
                self.assertIn(part, told)
        self.assertIn("start_run(experiment_name=...)", str(missing("set_experiment")))
        plain = "^module 'stepwell' has no attribute 'set_experimant'$"
        with self.assertRaisesRegex(AttributeError, plain):
            stepwell.set_experimant  # type: ignore[attr-defined]  # noqa: B018
        self.assertFalse(hasattr(stepwell, "set_experiment"))

    def test_the_settings_are_where_zenml_has_them(self) -> None:
        from stepwell.integrations.mlflow.flavors.mlflow_experiment_tracker_flavor import (
            MLFlowExperimentTrackerSettings,
        )

        self.assertIs(MLFlowExperimentTrackerSettings, stepwell.MLFlowExperimentTrackerSettings)


class Links(unittest.TestCase):
    def asked(self, is_moving: bool) -> "tuple[str, int]":
        """The link of a step whose server gives its id at the third look, and how often was looked."""
        step_id, looks = "b" * 32, 0

        def again() -> steps_pb2.PipelineRun:
            nonlocal looks
            looks += 1
            known = {"mlflow_run_id": "r", "experiment_tracker_url": "http://h/#/experiments/1/runs/r"}
            tracking = steps_pb2.StepTracking(tracker="t", run_id="a" * 32, **known if looks == 3 else {})
            return steps_pb2.PipelineRun(steps=[steps_pb2.StepRun(step_run_id=step_id, trackings=[tracking])])

        first = steps_pb2.StepTracking(tracker="t", run_id="a" * 32, experiment_tracker_url="http://h")
        told = ToldRun("", is_moving, "", "http://h")
        with mock.patch("stepwell.client.ask_place", lambda _: told):
            step = StepRun(steps_pb2.StepRun(step_run_id=step_id, trackings=[first]), again)
            return step.run_metadata.get("experiment_tracker_url", MetadataValue("")).value, looks

    def test_a_link_that_is_asked_for_before_the_server_answered_is_waited_for_while_it_may_come(
        self,
    ) -> None:
        self.assertEqual(self.asked(is_moving=True), ("http://h/#/experiments/1/runs/r", 3))
        # Something stands in the way: nobody waits for it, and it is looked for at the next call.
        self.assertEqual(self.asked(is_moving=False)[1], 1)


class Objects(DaemonTest):
    def test_a_run_that_is_pickled_or_copied_attaches_by_its_id_and_knows_its_page(self) -> None:
        program = Path(self.home) / "train.py"
        program.write_text(SPAWNED)
        done = subprocess.run(
            [sys.executable, str(program)], env=self.environment, capture_output=True, text=True, timeout=120
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        run_id, url, is_known = done.stdout.split()
        self.assertEqual(is_known, "True")
        self.assertTrue(url.startswith("sqlite:////"), url)
        found = self.rows("SELECT name, status, run_uuid FROM runs ORDER BY name")
        self.assertEqual([row[:2] for row in found], [("one", "FINISHED"), ("two", "FINISHED")])
        self.assertEqual(found[0][2], run_id)
        tags = "SELECT r.name, t.key, t.value FROM tags t JOIN runs r ON t.run_uuid = r.run_uuid"
        wanted = [("one", "both", "2"), ("two", "both", "2"), ("two", "t", "1")]
        self.assertEqual(self.rows(f"{tags} WHERE t.key IN ('t', 'both') ORDER BY 1, 2"), wanted)
        self.assertEqual(self.rows("SELECT step FROM metrics ORDER BY step"), [(1,), (2,), (3,), (4,), (5,)])
