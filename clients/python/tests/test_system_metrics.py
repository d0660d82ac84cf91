"""Metrics of the system, which the daemon logs: how a program asks for them, and what it may do meanwhile."""

import unittest

from steps_home import StepsTest
from stepwell.errors import StepwellError
from stepwell.system_metrics import system_metrics_tag

ASKED = "SELECT value FROM tags WHERE key = 'stepwell.system_metrics'"


class Tags(unittest.TestCase):
    def test_what_is_asked_for_is_seconds_off_or_nothing(self) -> None:
        on = {"MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": "True"}
        every = {**on, "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL": "2", "MLFLOW_SYSTEM_METRICS_NODE_ID": "n/0"}
        samples = {**on, "MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING": "6"}
        for asked, environment, tag in (
            (None, {}, None),
            (None, {"MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": "false"}, None),
            (None, on, "10"),
            (None, every, "2 on n_0"),
            (None, samples, "60"),
            (None, {**on, "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL": "0.01"}, "1"),
            (True, {}, "10"),
            (False, on, "off"),
            (2.5, {}, "2.5"),
        ):
            self.assertEqual(system_metrics_tag(asked, environment), tag, (asked, environment))
        for wrong in (0, 0.5, 3601, "10", float("nan")):
            with self.assertRaisesRegex(StepwellError, "STEPWELL_SETTING_INVALID: .*from 1 to 3600"):
                system_metrics_tag(wrong, {})


class Programs(StepsTest):
    def test_a_stopped_interpreter_misses_no_point_and_settings_and_variables_ask(self) -> None:
        text = (
            "import subprocess\n"
            "every = MLFlowExperimentTrackerSettings(system_metrics=1)\n"
            "@step(experiment_tracker=True, settings={'experiment_tracker': every})\n"
            "def asks():\n"
            "    subprocess.Popen(['sh', '-c', f'sleep 4.2; kill -CONT {os.getpid()}'])\n"
            "    os.kill(os.getpid(), signal.SIGSTOP)\n"
            "    print(time.time_ns() // 1_000_000)\n"
            "@step(experiment_tracker=True, settings={'experiment_tracker': {'system_metrics': False}})\n"
            "def refuses():\n    pass\n"
            "@step(experiment_tracker=True)\n"
            "def says_nothing():\n    pass\n"
            "pipeline(asks, name='asks')(); pipeline(refuses, name='refuses')()\n"
            "pipeline(says_nothing, name='says_nothing')()\n"
            "with stepwell.start_run(system_metrics=7): pass\n"
        )
        out, _ = self.run_steps(text, MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING="true")
        self.assertEqual(sorted(value for (value,) in self.rows(ASKED)), ["1", "10", "7", "off"])
        key = "system/cpu_utilization_percentage"
        found = self.rows("SELECT step, timestamp FROM metrics WHERE key = ? ORDER BY step", key)
        # What came while it could do nothing.
        self.assertGreaterEqual(len([at for _, at in found if at < int(out)]), 2)
        self.assertEqual(len({step for step, _ in found}), len(found))


if __name__ == "__main__":
    unittest.main()
