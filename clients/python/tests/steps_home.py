"""A home with a tracker in its active stack, for programs with steps in them."""

from daemon_home import SharedHomeTest

HEAD = """
import json, os, signal, sys, time, stepwell
from stepwell import Client, MLFlowExperimentTrackerSettings, pipeline, step
"""


class StepsTest(SharedHomeTest):
    def prepare(self) -> None:
        name = "mlflow_experiment_tracker"
        self.stepwell("experiment-tracker", "register", name, "--flavor=mlflow")
        self.stepwell("stack", "register", "custom_stack", "-e", name, "--set")

    def run_steps(self, text: str, code: int = 0, **more: str) -> "tuple[str, str]":
        done = self.run_program(HEAD + text, **more)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout, done.stderr

    def statuses(self) -> "dict[str, str]":
        return dict(self.rows("SELECT e.name, r.status FROM runs r JOIN experiments e USING (experiment_id)"))
