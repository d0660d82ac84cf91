"""A test that asks its home's daemon from its own process."""

import os
from typing import Any
from unittest import mock

import stepwell
from daemon_home import DaemonTest
from stepwell import Client


class Asking(DaemonTest):
    """Its environment is the test's, so that its client finds the home."""

    def setUp(self) -> None:
        super().setUp()
        # The suite leaves the machine's keychain alone.
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/none"
        patch = mock.patch.dict(os.environ, self.environment, clear=True)
        patch.start()
        self.addCleanup(patch.stop)
        self.client = Client()

    def log_run(self, points: int) -> str:
        """Has a program log a whole run; its id."""
        done = self.run_program(
            "import stepwell\n"
            f"with stepwell.start_run('one', experiment_name='e') as run:\n"
            f"    stepwell.log_series('loss', range({points}), [0.5] * {points})\n"
            "stepwell.flush(); print(run.run_id)\n"
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def refused(self, code: str) -> Any:
        """The block has to raise an error with the code."""
        return self.assertRaisesRegex(stepwell.StepwellError, f"^{code}: ")
