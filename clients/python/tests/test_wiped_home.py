"""A home that was wiped, or removed, while a program logs: its runs begin again in the new one."""

import json
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from daemon_home import DaemonTest

GOES_ON = """
import sys, stepwell
def pause():
    print(flush=True); sys.stdin.readline()
def log(step):
    stepwell.log_metric("loss", float(step), step=step)
{begin}
    log(1); stepwell.flush(60)
    pause()
    log(2); stepwell.flush(60)
    {later}
stepwell.flush(60)
print(run.run_id)
"""


class WipedHome(DaemonTest):
    def wiped(self, text: str, **more: str) -> "tuple[str, str]":
        """Runs a program whose home is wiped at its pause; its output and what it said."""
        command = [sys.executable, "-c", text]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environment = {**self.environment, **more}
        with subprocess.Popen(command, env=environment, text=True, **pipes) as child:
            assert child.stdout is not None
            child.stdout.readline()
            self.kill_daemon()
            for each in Path(self.home).iterdir():
                shutil.rmtree(each) if each.is_dir() else each.unlink()
            self.with_tracker()
            out, error = child.communicate("\n", timeout=180)
        self.assertEqual(child.returncode, 0, error)
        return out.strip(), error

    def test_open_runs_are_begun_again_in_the_new_home_and_that_is_said_once(self) -> None:
        begin = "with stepwell.start_run(run_name='whole', experiment_name='e') as run:"
        # The new home has no spool of a program that is older.
        spools = "import os; print(os.path.exists(os.environ['STEPWELL_HOME'] + '/client-spools'))"
        out, error = self.wiped(GOES_ON.format(begin=begin, later=f"log(3); {spools}"))
        has_spool, run_id = out.split()
        self.assertEqual(has_spool, "False")
        self.assertEqual(error.count("STEPWELL_HOME_CHANGED"), 1)
        self.assertEqual(len(error.splitlines()), 1)
        found = self.rows(
            "SELECT r.run_uuid, r.name, e.name, r.status FROM runs r JOIN experiments e USING (experiment_id)"
        )
        self.assertEqual(found, [(run_id, "whole", "e", "FINISHED")])
        self.assertEqual(self.rows("SELECT step FROM metrics ORDER BY 1"), [(2,), (3,)])

    def test_a_run_that_was_gone_on_with_ends_as_it_did(self) -> None:
        begin = "with stepwell.start_run() as run: pass\nwith stepwell.start_run(run_id=run.run_id) as run:"
        run_id, _ = self.wiped(GOES_ON.format(begin=begin, later="pass"))
        self.assertEqual(self.rows("SELECT run_uuid, status FROM runs"), [(run_id, "FINISHED")])
        self.assertEqual(self.rows("SELECT step FROM metrics"), [(2,)])

    def test_what_was_under_way_to_the_wiped_home_arrives_with_the_runs_start_and_end(self) -> None:
        """A run whose start was acknowledged, and whose end was not."""
        mute = self.start_fake("--mute", f"--home-id={'1' * 32}")
        quick = self.start_fake(f"--home-id={'2' * 32}", socket="quick.sock")
        path = mute.endpoint[len("unix:") :]
        text = (
            "import os, sys, stepwell\n"
            "from stepwell.producer import current_producer\n"
            "outbox = current_producer()._sender.outbox\n"
            "with stepwell.start_run(run_id='a' * 32):\n"
            # As if the daemon had acknowledged the start.
            "    while outbox.is_empty: pass\n"
            "    outbox.acknowledge(1)\n"
            "    stepwell.log_metric('loss', 1.0)\n"
            "while len(outbox.ends) < 1: pass\n"
            f"os.rename({quick.endpoint[5:]!r}, {path!r}); print(flush=True); sys.stdin.readline()\n"
            "stepwell.flush(60)\n"
        )
        command = [sys.executable, "-c", text]
        environment = {**self.environment, "STEPWELL_ENDPOINT": mute.endpoint}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, env=environment, text=True, **pipes) as child:
            assert child.stdout is not None
            child.stdout.readline()
            mute.kill()
            _, error = child.communicate("\n", timeout=600)
        self.assertEqual((child.returncode, error.count("STEPWELL_HOME_CHANGED")), (0, 1))
        batches = [(each["start"], each["end"]) for each in quick.kill() if "run" in each]
        self.assertIn((True, False), batches)
        self.assertIn(True, [end for _, end in batches])

    def test_a_step_goes_on_in_the_new_home(self) -> None:
        self.with_tracker()
        begin = (
            "run = None\n@stepwell.step(experiment_tracker='tracker')\ndef train():\n"
            "    global run; run = stepwell.active_run()"
        )
        run_id, error = self.wiped(GOES_ON.format(begin=begin, later="log(3)\ntrain()"))
        self.assertEqual(error.count("STEPWELL_HOME_CHANGED"), 1)
        self.assertEqual(self.rows("SELECT run_uuid, status FROM runs"), [(run_id, "FINISHED")])
        self.assertEqual(self.rows("SELECT step FROM metrics ORDER BY 1"), [(2,), (3,)])
        letters = json.loads(self.stepwell("dead-letter", "list", "-o", "json"))
        self.assertEqual(letters, [])


if __name__ == "__main__":
    unittest.main()
