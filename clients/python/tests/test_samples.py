"""The samples that README.md shows do what they say."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

from daemon_home import DaemonTest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


class Samples(DaemonTest):
    def sample(self, name: str, *arguments: str) -> str:
        """What one says, that ends well and warns of nothing."""
        command = [sys.executable, "-W", "error", str(EXAMPLES / f"{name}.py"), *arguments]
        environment = {**self.environment, "MLFLOW_PASSWORD": "lovelace"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def test_the_samples_do_what_they_say(self) -> None:
        # The suite leaves the machine's keychain alone.
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/none"
        run_id = self.sample("train_and_log").strip()
        *seen, url = self.sample("watch_run", run_id).splitlines()
        self.assertEqual(seen[-1], "line is FINISHED: 5002 points at the daemon, 0 of all runs wait")
        self.assertRegex(url, r"^sqlite:////.*mlflow\.db")
        shown = json.loads(self.stepwell("runs", "show", run_id, "-o", "json"))
        # Anscombe's line is y = 3 + x / 2.
        self.assertAlmostEqual(shown["metrics"]["slope"], 0.5, delta=0.05)
        self.assertAlmostEqual(shown["metrics"]["intercept"], 3, delta=0.6)
        said = self.sample("register_tracker")
        self.assertEqual(said, "runs go to server of the stack server\n")
        secret = json.loads(self.stepwell("secret", "get", "mlflow", "--show", "-o", "json"))
        self.assertIn("lovelace", json.dumps(secret))

    def test_each_sample_is_run(self) -> None:
        # digits.py has a test of its own: npm run demo.
        names = {name for name in os.listdir(EXAMPLES) if name.endswith(".py")}
        self.assertEqual(names, {"digits.py", "train_and_log.py", "watch_run.py", "register_tracker.py"})


if __name__ == "__main__":
    unittest.main()
