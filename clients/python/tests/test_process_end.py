"""A normal exit waits as long as acknowledgements arrive, and says what is lost."""

import sys
import unittest

from command_server import COMMAND
from daemon_home import DaemonTest

SHORT_RUNS = """
import stepwell
for number in range({count}):
    with stepwell.start_run():
        stepwell.log_param("number", number)
        stepwell.log_metric("loss", float(number))
        {then}
"""

# Trains until it was told of its daemon; a command takes its time to fail.
NAMED = """
import sys, threading, time, stepwell

class Told:
    def __init__(self):
        self.once = threading.Event()

    def write(self, text):
        sys.__stderr__.write(text)
        # Not that there is no spool, which is said before.
        if "UNREACHABLE" in text:
            self.once.set()

    def flush(self):
        sys.__stderr__.flush()

sys.stderr = told = Told()
begin = time.monotonic()
stepwell.log_metric("loss", 1.0)
told.once.wait(60)
print("trained", time.monotonic() - begin)
"""


class ProcessEnd(DaemonTest):
    programs_are_quick = False

    def test_1_500_short_runs_and_a_normal_exit_lose_nothing(self) -> None:
        self.with_tracker()
        done = self.run_program(SHORT_RUNS.format(count=1_500, then="pass"), timeout=600)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.stepwell("flush", "--timeout=600", timeout=630)
        self.assertEqual(self.rows("SELECT status, count(*) FROM runs GROUP BY 1"), [("FINISHED", 1_500)])
        for table in ("params", "metrics"):
            found = self.rows(f"SELECT count(*), count(DISTINCT run_uuid) FROM {table}")
            self.assertEqual(found, [(1_500, 1_500)])

    def test_the_end_waits_beyond_its_timeout_while_acknowledgements_arrive(self) -> None:
        # Its own batch for each run; all of them take far longer than the timeout.
        fake = self.start_fake("--pace=0.1")
        text = SHORT_RUNS.format(count=80, then="import time; time.sleep(0.03)")
        done = self.run_program(text, STEPWELL_ENDPOINT=fake.endpoint, STEPWELL_EXIT_TIMEOUT="3")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        ended = {each["run"] for each in fake.kill() if each.get("end")}
        self.assertEqual(len(ended), 80)

    def test_the_end_gives_up_when_no_acknowledgement_arrives_and_says_what_is_left(self) -> None:
        fake = self.start_fake("--mute")
        text = SHORT_RUNS.format(count=3, then="pass")
        done = self.run_program(text, STEPWELL_ENDPOINT=fake.endpoint, STEPWELL_EXIT_TIMEOUT="0.5")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"stepwell: .*6 entries were not acknowledged, of 3 runs\.")

    def test_a_daemon_that_can_not_be_started_is_named_at_once_with_the_cause(self) -> None:
        text = NAMED
        causes = {
            "/nowhere/stepwell": r"'/nowhere/stepwell' can't be run: .*set STEPWELL_COMMAND",
            f"{sys.executable} -c 'raise SystemExit(4)'": r"daemon start ended with 4\.",
            # The daemon's own first sentence, with what to do about it.
            COMMAND: r"start ended: The folder /proc/stepwell can't be used: .* STEPWELL_HOME_UNUSABLE\.",
        }
        for command, cause in causes.items():
            with self.subTest(command):
                home = "/proc/stepwell" if command == COMMAND else self.home
                more = {"STEPWELL_COMMAND": command, "STEPWELL_HOME": home}
                done = self.run_program(text, STEPWELL_EXIT_TIMEOUT="0.5", **more)
                self.assertEqual((done.returncode, done.stdout.split()[0]), (0, "trained"))
                *no_spool, named, lost = done.stderr.splitlines()
                # A home that can't be used has no spool either.
                self.assertEqual(
                    ["SPOOL_UNAVAILABLE" in line for line in no_spool], [True] * (home != self.home)
                )
                self.assertRegex(named, cause)
                self.assertIn("After 0.5 s 1 entry was not acknowledged", lost)
                # The same cause with the same remedy.
                self.assertIn(named.split(": ", 1)[1], lost)

    def test_a_command_that_is_not_there_is_named_within_a_second(self) -> None:
        more = {"STEPWELL_COMMAND": "/nowhere/stepwell", "STEPWELL_EXIT_TIMEOUT": "0"}
        # Others are at work: the quicker of two counts.
        seconds = [float(self.run_program(NAMED, **more).stdout.split()[1]) for _ in range(2)]
        self.assertLess(min(seconds), 1)

    def test_runs_of_which_nothing_was_logged_are_said_to_be_lost(self) -> None:
        text = "import stepwell\nstepwell.start_run().end_run()\n"
        done = self.run_program(text, STEPWELL_AUTOSTART="0", STEPWELL_EXIT_TIMEOUT="0.2")
        self.assertRegex(done.stderr, r"stepwell: .*0 entries were not acknowledged, of 1 run\.")

    def test_what_a_full_buffer_dropped_is_said_at_the_end_whatever_becomes_of_the_log(self) -> None:
        fake = self.start_fake()
        text = (
            "import logging, stepwell\nlogging.disable()\nwith stepwell.start_run():\n"
            "    for step in range(20_000): stepwell.log_metric('loss', 1.0, step=step)\n"
            "import sys; print(stepwell.stats().dropped)\n"
        )
        done = self.run_program(text, STEPWELL_ENDPOINT=fake.endpoint, STEPWELL_BUFFER_BYTES="20000")
        dropped = int(done.stdout)
        self.assertGreater(dropped, 0)
        self.assertIn(f"stepwell: In all {dropped} entries and 0 whole runs were dropped", done.stderr)

    def test_what_is_logged_after_the_end_is_said_to_be_dropped_once(self) -> None:
        fake = self.start_fake()
        text = (
            "import atexit, stepwell\n"
            "atexit.register(lambda: [stepwell.log_metric('late', 1.0) for _ in range(3)])\n"
            "stepwell.log_metric('loss', 1.0)\n"
        )
        done = self.run_program(text, STEPWELL_ENDPOINT=fake.endpoint)
        self.assertEqual(done.stderr.count("STEPWELL_PROCESS_ENDED"), 1)
        self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_threads_that_start_runs_while_the_process_ends_break_nothing(self) -> None:
        fake = self.start_fake()
        text = (
            "import sys, threading, time, stepwell\n"
            "sys.setswitchinterval(1e-5)\n"
            "def work():\n"
            "    try:\n"
            # Not for ever: what they log while the process waits for its end costs a minute of a processor.
            "        for _ in range(400):\n"
            "            with stepwell.start_run() as run: run.log_metric('loss', 1.0)\n"
            # The process ends the runs that are open.
            "    except stepwell.StepwellError as error:\n"
            "        assert error.code == 'STEPWELL_RUN_ENDED', error\n"
            "[threading.Thread(target=work, daemon=True).start() for _ in range(4)]\n"
            "time.sleep(0.02)\n"
        )
        for _ in range(2):
            done = self.run_program(text, STEPWELL_ENDPOINT=fake.endpoint, STEPWELL_EXIT_TIMEOUT="5")
            self.assertEqual(done.returncode, 0)
            self.assertNotIn("Traceback", done.stderr)

    def test_runs_that_find_no_room_are_dropped_whole_counted_and_said(self) -> None:
        text = SHORT_RUNS.format(count=200, then="pass")
        limits = {"STEPWELL_BUFFER_BYTES": "100000", "STEPWELL_EXIT_TIMEOUT": "0.2"}
        done = self.run_program(text, STEPWELL_AUTOSTART="0", **limits)
        self.assertEqual(done.stderr.count("STEPWELL_BUFFER_FULL"), 1)
        self.assertRegex(done.stderr, r"In all [0-9]+ entries and 1[0-9]{2} whole runs were dropped")


if __name__ == "__main__":
    unittest.main()
