"""What of MLflow's client is lighter before a gateway, and that it is as it was anywhere else.

The package is a fake one; the real one is in test/e2e/gateway.test.ts.
"""

import subprocess
import sys
import unittest

from test_mlflow_in_steps import MlflowTest

HEAVY, LIGHT = [True, "a session", "Session"], [False, None, "LightSession"]


class LightClient(MlflowTest):
    def test_mlflows_client_is_light_in_a_step_unless_the_program_runs_at_databricks(self) -> None:
        text = (
            "import mlflow\n"
            "with mlflow_in_step(at(1)):\n    with mlflow_in_step(at(2)): inside = light()\n"
            "print(json.dumps([inside, light()]))\n"
        )
        self.assertEqual(self.run_lines(text), ([LIGHT, HEAVY], ""))
        self.assertEqual(self.run_lines(text, DATABRICKS_RUNTIME_VERSION="16.4")[0], [HEAVY, HEAVY])

    def test_mlflows_client_is_light_before_a_gateway_in_a_program_that_nobody_changed(self) -> None:
        text = (
            "import mlflow\nfrom stepwell_mlflow import GatewayFollower\n"
            "follower, found = GatewayFollower(), []\n"
            "def to(uri):\n"
            "    mlflow.set_tracking_uri(uri)\n"
            "    assert not follower.in_context() and follower.request_headers() == {}\n"
            "    found.append(light())\n"
            "for uri in (None, 'http://127.0.0.1:9', at(1).tracking_uri, 'http://elsewhere'): to(uri)\n"
            "mlflow.set_tracking_uri(None); os.environ['MLFLOW_TRACKING_URI'] = at(2).tracking_uri\n"
            "assert not follower.in_context()\nfound.append(light())\n"
            "with mlflow_in_step(at(3)): found.append(light())\n"
            "found.append(light()); follower.in_context(); found.append(light())\n"
            "sys.modules['pyspark'] = sys; found.append(light())\n"
            "print(json.dumps(found))\n"
        )
        with_spark = [False, "a session", "LightSession"]
        expected = [HEAVY, HEAVY, LIGHT, HEAVY, LIGHT, LIGHT, HEAVY, LIGHT, with_spark]
        self.assertEqual(self.run_lines(text), (expected, ""))

    def test_what_another_package_replaced_and_what_a_version_has_not_is_left_alone(self) -> None:
        text = (
            "import mlflow, mlflow.utils.request_utils as sessions\n"
            "import mlflow.tracking.request_header.registry as headers\n"
            "registry = headers._request_header_provider_registry\n"
            "from stepwell_mlflow import GatewayFollower\nfollower = GatewayFollower()\n"
            "mlflow.set_tracking_uri(at(1).tracking_uri); follower.in_context()\n"
            "def theirs(*some, **more): return 7\n"
            "sessions._get_request_session = theirs\n"
            "mlflow.set_tracking_uri(None); follower.in_context()\n"
            "kept = sessions._get_request_session is theirs\n"
            "del sessions._get_request_session, type(registry._registry[0]).in_context\n"
            "mlflow.set_tracking_uri(at(1).tracking_uri); follower.in_context()\n"
            "registry._registry = None\n"
            "mlflow.set_tracking_uri(None); follower.in_context()\n"
            "mlflow.set_tracking_uri(at(1).tracking_uri); follower.in_context()\n"
            "print(json.dumps([kept, hasattr(sessions, '_get_request_session')]))\n"
        )
        self.assertEqual(self.run_lines(text), ([True, False], ""))

    def test_a_module_of_databricks_that_was_made_in_the_process_is_no_error(self) -> None:
        text = (
            "import mlflow, types\nfrom stepwell_mlflow import GatewayFollower\n"
            "sys.modules['dbruntime'] = types.ModuleType('dbruntime')\n"
            "mlflow.set_tracking_uri(at(1).tracking_uri); GatewayFollower().in_context()\n"
            "print(json.dumps(light()))\n"
        )
        self.assertEqual(self.run_lines(text), (HEAVY, ""))

    def test_what_mlflow_loads_of_stepwell_brings_no_other_package_along(self) -> None:
        text = (
            "import sys; before = {*sys.modules}; import stepwell_mlflow\n"
            "print(*sorted(name for name in {*sys.modules} - before if '.' not in name))\n"
        )
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=300)
        known = sys.stdlib_module_names if sys.version_info >= (3, 10) else {*done.stdout.split()}
        self.assertEqual({*done.stdout.split()} - known - {"stepwell_mlflow"}, set(), done.stderr)


if __name__ == "__main__":
    unittest.main()
