"""What a step makes of an ``mlflow`` package in its process, and that it is afterwards as it was.

No daemon takes part, and the package is a fake one; the real one is in test/e2e/mlflow-in-steps.test.ts.
Numbers are rows of the parity list.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from fake_mlflow import write_mlflow

HEAD = """
import json, logging, os, sys, threading
from stepwell.mlflow_step import mlflow_in_step
from stepwell.step_environment import Place
logging.basicConfig(format="%(message)s")

def at(number): return Place(f"http://127.0.0.1:9/{number:024}", f"run-{number}", f"experiment {number}")

def light():
    # What MLflow's client does at a call.
    from mlflow.tracking._model_registry.utils import _get_active_spark_session
    from mlflow.tracking.request_header.registry import _request_header_provider_registry as registry
    from mlflow.utils.request_utils import _get_request_session
    looks = [each.in_context() for each in registry._registry[:1]]
    return [*looks, _get_active_spark_session(), type(_get_request_session(1, pid=2)).__name__]

def seen():
    fluent = mlflow.tracking.fluent
    return {
        "uri": mlflow.get_tracking_uri(), "experiment": fluent._active_experiment_id,
        "light": light(),
        "environ": dict(os.environ), "meta_path": list(map(repr, sys.meta_path)),
        "factory": repr(getattr(fluent._active_run_stack, "default_factory", None)),
        "active": [each.info.run_id for each in fluent._stack()],
    }
"""


def gateway(number: int) -> str:
    return f"http://127.0.0.1:9/{number:024}"


class MlflowTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="stepwell-test-")
        self.addCleanup(self.folder.cleanup)

    def run_lines(self, text: str, stack: str = "of threads", **more: str) -> "tuple[Any, str]":
        """What a program with the package prints, as JSON, and what it says on stderr."""
        write_mlflow(Path(self.folder.name), stack)
        path = os.pathsep.join((self.folder.name, os.environ["PYTHONPATH"]))
        environment = {**os.environ, "PYTHONPATH": path, **more}
        command = [sys.executable, "-c", HEAD + text]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout), done.stderr


class Environment(MlflowTest):
    def test_rows_65_66_what_the_caller_inherited_leads_no_step_elsewhere_and_comes_back(
        self,
    ) -> None:
        text = (
            "before, path = dict(os.environ), list(sys.meta_path)\n"
            "try:\n"
            "    with mlflow_in_step(at(1)):\n"
            "        inside = dict(os.environ)\n"
            "        os.environ.update(MLFLOW_EXPERIMENT_ID='7', NO_PROXY='of the step')\n"
            "        1 / 0\n"
            "except ZeroDivisionError: pass\n"
            "assert 'mlflow' not in sys.modules and path == sys.meta_path\n"
            "changed = {k: v for k, v in inside.items() if before.get(k) != v}\n"
            "print(json.dumps([before == dict(os.environ), changed, sorted({*before} - {*inside})]))\n"
        )
        inherited = {
            "MLFLOW_TRACKING_URI": "http://elsewhere",
            "MLFLOW_TRACKING_USERNAME": "u",
            "MLFLOW_TRACKING_PASSWORD": "p",
            "MLFLOW_RUN_ID": "theirs",
            "MLFLOW_EXPERIMENT_ID": "4711",
            "MLFLOW_REGISTRY_URI": "http://registry",
            "MLFLOW_WORKSPACE": "w",
            "DATABRICKS_TOKEN": "d",
            "no_proxy": "a, b",
        }
        (is_same, changed, gone), error = self.run_lines(text, **inherited)
        self.assertEqual((is_same, error), (True, ""))
        none = "a,b,127.0.0.1,localhost"
        self.assertEqual(
            changed,
            {
                "MLFLOW_TRACKING_URI": gateway(1),
                "MLFLOW_RUN_ID": "run-1",
                "MLFLOW_EXPERIMENT_NAME": "experiment 1",
                "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
                "NO_PROXY": none,
                "no_proxy": none,
            },
        )
        self.assertEqual(
            gone,
            [
                "DATABRICKS_TOKEN",
                "MLFLOW_EXPERIMENT_ID",
                "MLFLOW_REGISTRY_URI",
                "MLFLOW_TRACKING_PASSWORD",
                "MLFLOW_TRACKING_USERNAME",
                "MLFLOW_WORKSPACE",
            ],
        )

    def test_row_54_a_step_without_a_tracker_leaves_mlflow_alone(self) -> None:
        text = (
            "import mlflow\nbefore = seen()\n"
            "with mlflow_in_step(None): inside = seen()\n"
            "print(json.dumps([inside == before, before['active'], mlflow.notes.notes]))\n"
        )
        self.assertEqual(self.run_lines(text), ([True, [], []], ""))


class Package(MlflowTest):
    def test_row_58_103_the_steps_run_is_active_and_what_it_left_open_ends_as_it_does(self) -> None:
        text = (
            "import mlflow, socket\n"
            "server = socket.create_server(('127.0.0.1', 0))\n"
            "place = Place(f'http://127.0.0.1:{server.getsockname()[1]}/pass', 'run-1', 'e')\n"
            "mlflow.set_tracking_uri('http://theirs'); mlflow.tracking.fluent._active_experiment_id = '7'\n"
            "mlflow.start_run(); before = seen()\n"
            "try:\n"
            "    with mlflow_in_step(place):\n"
            "        assert mlflow.get_tracking_uri() == place.tracking_uri\n"
            "        mlflow.notes.notes.clear(); mlflow.log_metric('a', 1)\n"
            "        child = mlflow.start_run(nested=True).info.run_id; mlflow.log_metric('b', 1)\n"
            "        1 / 0\n"
            "except ZeroDivisionError: pass\n"
            "print(json.dumps([before == seen(), child, before['active'],"
            " [[*note[:3]] for note in mlflow.notes.notes]]))\n"
        )
        (is_same, child, active, notes), error = self.run_lines(text)
        self.assertEqual((is_same, error, active), (True, "", ["own-0"]))
        self.assertEqual(
            notes,
            [
                ["get_run", "run-1", notes[0][2]],
                ["log_metric", "run-1", "a"],
                ["log_metric", child, "b"],
                ["end_run", child, "FAILED"],
            ],
        )

    def test_row_104_a_step_may_end_its_run_and_what_it_begins_then_is_its_own(self) -> None:
        text = (
            "import mlflow\nbefore = seen()\n"
            "with mlflow_in_step(at(1)):\n"
            "    mlflow.end_run(); mlflow.log_metric('a', 1); mlflow.end_run()\n"
            "print(json.dumps([before == seen(), [note[:2] for note in mlflow.notes.notes]]))\n"
        )
        (is_same, notes), _ = self.run_lines(text)
        self.assertTrue(is_same)
        own = [["log_metric", "own-0"], ["end_run", "own-0"]]
        self.assertEqual(notes, [["get_run", "run-1"], ["end_run", "run-1"], *own])

    def test_a_step_asks_nothing_of_a_gateway_that_is_gone(self) -> None:
        text = (
            "import mlflow\nbefore = seen()\n"
            "with mlflow_in_step(at(1)): mlflow.start_run(nested=True)\n"
            "print(json.dumps([before == seen(), mlflow.notes.notes]))\n"
        )
        self.assertEqual(self.run_lines(text), ([True, []], ""))

    def test_row_101_what_a_step_switched_on_is_off_after_it_and_nothing_else(self) -> None:
        text = (
            "import mlflow\non = mlflow.tracking.fluent.AUTOLOGGING_INTEGRATIONS\n"
            "on['xgboost'] = {'disable': False}\n"
            "with mlflow_in_step(at(1)): mlflow.autolog(); mlflow.sklearn.autolog()\n"
            "first, mlflow.notes.notes[:] = [*mlflow.notes.notes], []\n"
            "with mlflow_in_step(at(1)): pass\n"
            "print(json.dumps([first, mlflow.notes.notes, on]))\n"
        )
        (first, second, on), error = self.run_lines(text)
        calls = [
            ["mlflow", False, False],
            ["sklearn", False, False],
            ["mlflow", True, True],
            ["sklearn", True, True],
        ]
        self.assertEqual(first, [["autolog", *call] for call in calls])
        self.assertEqual((second, error), ([], ""))
        self.assertEqual(on, {"mlflow": {}, "sklearn": {}, "xgboost": {"disable": False}})

    def test_autolog_is_mlflows_own(self) -> None:
        text = (
            "import mlflow, stepwell\nstepwell.autolog(disable=True)\nprint(json.dumps(mlflow.notes.notes))\n"
        )
        self.assertEqual(self.run_lines(text), ([["autolog", "mlflow", True, False]], ""))

    def test_versions_with_one_list_of_runs_for_all_threads_and_unknown_ones(self) -> None:
        text = (
            "with mlflow_in_step(at(1)):\n    import mlflow\n    active = mlflow.active_run\n"
            "    mlflow.log_metric('a', 1)\n"
            "with mlflow_in_step(at(2)): mlflow.log_metric('b', 1)\n"
            "print(json.dumps([note for note in mlflow.notes.notes if note[0] == 'log_metric']))\n"
        )
        logged = [["log_metric", f"run-{i + 1}", "ab"[i], gateway(i + 1)] for i in (0, 1)]
        self.assertEqual(self.run_lines(text, "of all"), (logged, ""))
        # The package itself can do nothing with it; the step can.
        unknown = "import mlflow\nfor i in (1, 2):\n    with mlflow_in_step(at(i)): pass\nprint(1)\n"
        done, error = self.run_lines(unknown, "unknown")
        self.assertEqual(done, 1)
        self.assertRegex(
            error, r"\ASTEPWELL_INTERNAL: MLflow's own code in steps may not log to their runs: .*\n\Z"
        )


class Imports(MlflowTest):
    def test_an_import_inside_of_steps_makes_the_run_of_each_active_in_its_thread(self) -> None:
        text = (
            "import time\n"
            "met, results = threading.Barrier(3), {}\n"
            "path = list(map(repr, sys.meta_path))\n"
            "def work(i):\n"
            "    with mlflow_in_step(at(i)):\n"
            "        met.wait(); import mlflow\n"
            "        met.wait(); mlflow.log_metric('a', 1)\n"
            "        child = mlflow.start_run(nested=True)\n"
            "        results[i] = [each.info.run_id for each in mlflow.tracking.fluent._stack()]\n"
            "        mlflow.end_run(); met.wait()\n"
            "threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]\n"
            "before = dict(os.environ)\n"
            "for each in threads: each.start()\n"
            "for each in threads: each.join()\n"
            "import mlflow\nafter = seen()\n"
            "with mlflow_in_step(at(7)):\n"
            "    with mlflow_in_step(at(8)): results['inner'] = seen()['active']\n"
            "    results['outer'] = [*seen()['active'], mlflow.get_tracking_uri()]\n"
            "print(json.dumps([results, before == after['environ'], path == after['meta_path'],"
            " after['active'], 'begin_stacks_with' in after['factory'], after == seen()]))\n"
        )
        (results, *rest), error = self.run_lines(text)
        self.assertEqual((rest, error), ([True, True, [], False, True], ""))
        own = {str(i): [f"run-{i}", "own-1"] for i in range(3)}
        outer = ["run-7", gateway(7)]
        self.assertEqual(results, {**own, "inner": ["run-7", "run-8"], "outer": outer})

    def test_the_steps_address_holds_until_its_last_parallel_step_ends(self) -> None:
        text = (
            "import mlflow\nbefore, uris = seen(), []\n"
            "began, left = threading.Event(), threading.Event()\n"
            "def other():\n"
            "    with mlflow_in_step(at(2)): began.set(); left.wait(60); look()\n"
            "def look(): uris.append(mlflow.get_tracking_uri())\n"
            "thread = threading.Thread(target=other)\n"
            "with mlflow_in_step(at(1)): thread.start(); began.wait(60); look()\n"
            "look(); left.set(); thread.join()\n"
            "print(json.dumps([uris, before == seen()]))\n"
        )
        uri = gateway(2)
        self.assertEqual(self.run_lines(text), ([[uri] * 3, True], ""))

    def test_a_package_that_cannot_be_imported_raises_what_it_raises_elsewhere(self) -> None:
        text = (
            "sys.path[:] = [each for each in sys.path if not os.path.isdir(os.path.join(each, 'mlflow'))]\n"
            "path = list(sys.meta_path)\n"
            "with mlflow_in_step(at(1)):\n"
            "    try: import mlflow\n    except ModuleNotFoundError as error: said = str(error)\n"
            "print(json.dumps([said, path == sys.meta_path]))\n"
        )
        self.assertEqual(self.run_lines(text), (["No module named 'mlflow'", True], ""))

    def test_a_forked_child_that_leaves_the_step_ends_none_of_its_parents_runs(self) -> None:
        text = (
            "import mlflow\n"
            "with mlflow_in_step(at(1)):\n"
            "    mlflow.start_run(nested=True)\n"
            "    child = os.fork()\n"
            "    if child: os.waitpid(child, 0); mlflow.end_run()\n"
            "if child == 0:\n    ended = [note for note in mlflow.notes.notes if note[0] == 'end_run']\n"
            "    os._exit(len(ended))\n"
            "print(json.dumps([note for note in mlflow.notes.notes if note[0] == 'end_run']))\n"
        )
        if hasattr(os, "fork"):
            self.assertEqual(self.run_lines(text), ([["end_run", "own-1", "FINISHED"]], ""))


if __name__ == "__main__":
    unittest.main()
