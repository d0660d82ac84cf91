"""Daemons that are killed, stopped or not there; forks, threads and the end of the process."""

import signal
import subprocess
import sys
import time
import unittest

from daemon_home import DaemonTest

FORKS = """
import os, sys, stepwell
forks, points = int(sys.argv[1]), 0
with stepwell.start_run() as run:
    for fork in range(forks):
        for step in range(20):
            stepwell.log_metric("parent", float(step), step=fork * 20 + step)
        pid = os.fork()
        if pid == 0:
            for step in range(5):
                stepwell.log_metric("child", float(step), step=fork * 5 + step)
            stepwell.flush(60)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if status != 0:
            sys.exit(f"child {fork} ended with {status}")
stepwell.flush(60)
print(run.run_id)
"""

POOL = """
import multiprocessing, stepwell
def work(index):
    stepwell.log_metric("pool", float(index), step=index)
    return index
if __name__ == "__main__":
    with stepwell.start_run() as run:
        with multiprocessing.get_context("fork").Pool(4) as pool:
            pool.map(work, range(200))
            pool.close(); pool.join()
    print(run.run_id)
"""


class Faults(DaemonTest):
    def test_80_forks_in_mid_stream_lose_and_double_nothing(self) -> None:
        self.with_tracker()
        command = [sys.executable, "-c", FORKS, "80"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=900)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        run_id = done.stdout.strip()
        found = dict(self.rows("SELECT key, count(*) FROM metrics WHERE run_uuid = ? GROUP BY key", run_id))
        self.assertEqual(found, {"parent": 80 * 20, "child": 80 * 5})
        status = self.status()
        self.assertEqual(status["journaled_points"], 80 * 25)
        self.assertEqual(self.rows("SELECT status FROM runs WHERE run_uuid = ?", run_id), [("FINISHED",)])

    def test_children_of_a_pool_send_what_they_logged_before_they_leave(self) -> None:
        self.with_tracker()
        done = self.run_program(POOL)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        count = self.rows("SELECT count(DISTINCT step) FROM metrics WHERE run_uuid = ?", done.stdout.strip())
        self.assertEqual(count, [(200,)])

    def test_a_daemon_that_is_killed_again_and_again_loses_and_doubles_nothing(self) -> None:
        self.with_tracker()
        program = (
            "import stepwell, time\n"
            "with stepwell.start_run() as run:\n"
            "    for step in range(40_000):\n"
            "        stepwell.log_metric('loss', step * 0.5, step=step)\n"
            "        if step % 20 == 0: time.sleep(0.002)\n"
            "stepwell.flush(60); print(run.run_id)\n"
        )
        child = subprocess.Popen(
            [sys.executable, "-c", program],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        kills = 0
        while child.poll() is None and kills < 3:
            time.sleep(0.7)
            self.kill_daemon()
            kills += 1
        out, err = child.communicate(timeout=600)
        self.assertEqual(child.returncode, 0, err)
        # On a slow machine it may be out of reach for long enough to be said, once.
        if err != "":
            self.assertRegex(err, r"\A.*STEPWELL_DAEMON_UNREACHABLE.*\n\Z")
        self.assertEqual(kills, 3)
        rows = self.rows("SELECT step, value FROM metrics WHERE run_uuid = ? ORDER BY step", out.strip())
        self.assertEqual(rows, [(step, step * 0.5) for step in range(40_000)])
        self.assertEqual(self.status()["journaled_points"], 40_000)

    def test_many_threads_log_at_once(self) -> None:
        self.with_tracker()
        program = (
            "import stepwell, threading\n"
            "with stepwell.start_run() as run:\n"
            "    def work(name):\n"
            "        for step in range(1_000): stepwell.log_metric(name, 1.0, step=step)\n"
            "    names = [f'k{index % 5}/{index}' for index in range(20)]\n"
            "    threads = [threading.Thread(target=work, args=(name,)) for name in names]\n"
            "    [thread.start() for thread in threads]; [thread.join() for thread in threads]\n"
            "print(run.run_id)\n"
        )
        done = self.run_program(program)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = self.rows("SELECT count(*) FROM metrics WHERE run_uuid = ?", done.stdout.strip())
        self.assertEqual(found, [(20_000,)])

    def test_a_stopped_daemon_never_blocks_a_log_call(self) -> None:
        self.stepwell("daemon", "start")
        pid = self.daemon_pid()
        assert pid is not None
        program = (
            "import os, signal, stepwell, time\n"
            f"run = stepwell.start_run(); stepwell.flush(); os.kill({pid}, signal.SIGSTOP)\n"
            "slowest = 0.0\n"
            "for step in range(100_000):\n"
            "    begin = time.perf_counter(); stepwell.log_metric('loss', 1.0, step=step)\n"
            "    slowest = max(slowest, time.perf_counter() - begin)\n"
            f"os.kill({pid}, signal.SIGCONT); stepwell.flush()\n"
            "print(slowest, stepwell.stats().acknowledged)\n"
        )
        done = self.run_program(program)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        slowest, acknowledged = done.stdout.split()
        # The scheduler may take the core away for a while; a wait for the daemon would take until SIGCONT.
        self.assertLess(float(slowest), 10)
        self.assertEqual(int(acknowledged), 100_000)

    def test_a_full_journal_stops_no_training_and_all_arrives_by_itself_once_there_is_room(self) -> None:
        self.environment["STEPWELL_JOURNAL_QUOTA_BYTES"] = str(8 * 1024 * 1024)
        self.stepwell("daemon", "start")
        program = (
            "import os, stepwell, time\n"
            "run = stepwell.start_run(experiment_tracker='tracker'); slowest = 0.0\n"
            "for begin in range(0, 60_000, 1_000):\n"
            "    before = time.perf_counter()\n"
            "    stepwell.log_series('loss', range(begin, begin + 1_000), [1.0] * 1_000)\n"
            # As much room as ten times the points would take.
            "    for part in range(35): stepwell.set_tag(f't{begin + part}', os.urandom(2_500).hex())\n"
            "    slowest = max(slowest, time.perf_counter() - before)\n"
            "print('logged', flush=True)\n"
            "stepwell.flush(600)\n"
            "print(run.run_id, slowest, stepwell.stats().dropped)\n"
        )
        command = [sys.executable, "-c", program]
        child = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        self.assertEqual(child.stdout.readline(), "logged\n")
        deadline = time.monotonic() + 1200
        while "STEPWELL_JOURNAL_FULL" not in self.status()["journal_error"]:
            self.assertLess(time.monotonic(), deadline, "the journal does not fill")
            time.sleep(0.05)
        self.assertIsNone(child.poll(), "what the journal did not take waits in the client")
        self.with_tracker()
        run_id, slowest, dropped = child.communicate(timeout=900)[0].split()
        self.assertEqual((child.returncode, int(dropped)), (0, 0))
        self.assertLess(float(slowest), 10)
        found = self.rows("SELECT count(*), count(DISTINCT step) FROM metrics WHERE run_uuid = ?", run_id)
        self.assertEqual(found, [(60_000, 60_000)])
        tags = "SELECT count(*) FROM tags WHERE run_uuid = ? AND length(value) = 5000"
        self.assertEqual(self.rows(tags, run_id), [(60 * 35,)])

    def test_a_full_buffer_drops_the_newest_counts_them_and_says_so_once(self) -> None:
        done = self.run_program(
            "import stepwell\n"
            "run = stepwell.start_run()\n"
            "for step in range(50_000): stepwell.log_metric('loss', 1.0, step=step)\n"
            "stats = stepwell.stats(); print(stats.dropped + stats.pending)\n",
            STEPWELL_AUTOSTART="0",
            STEPWELL_BUFFER_BYTES="100000",
            STEPWELL_EXIT_TIMEOUT="0.2",
        )
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr.count("STEPWELL_BUFFER_FULL"), 1)
        self.assertGreaterEqual(int(done.stdout), 49_000)

    def test_the_end_of_a_process_is_bounded_without_a_daemon_and_says_what_is_left(self) -> None:
        begin = time.monotonic()
        done = self.run_program(
            "import stepwell\nstepwell.log_metric('loss', 1.0)\n",
            STEPWELL_AUTOSTART="0",
            STEPWELL_EXIT_TIMEOUT="1",
        )
        self.assertLess(time.monotonic() - begin, 120)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"stepwell: .*1 entry was not acknowledged")

    def test_a_run_ends_as_its_program_did(self) -> None:
        self.with_tracker()
        ends = {
            "FINISHED": ("pass", 0),
            "FAILED": ("raise ValueError('no')", 1),
            "KILLED": ("raise KeyboardInterrupt", -signal.SIGINT),
            # Outside of a block nobody tells the code.
            "FINISHED, in a block FAILED": ("raise SystemExit(3)", 3),
        }
        for statuses, (end, code) in ends.items():
            outside, _, inside = statuses.partition(", in a block ")
            for status, program in (
                (
                    outside,
                    f"import stepwell\nrun = stepwell.start_run(); print(run.run_id, flush=True)\n{end}\n",
                ),
                (
                    inside or outside,
                    "import stepwell\nwith stepwell.start_run() as run:\n"
                    f"    print(run.run_id, flush=True)\n    {end}\n",
                ),
            ):
                with self.subTest(program):
                    done = self.run_program(program)
                    self.assertIn(done.returncode, (code, 130 if code < 0 else code))
                    found = self.rows("SELECT status FROM runs WHERE run_uuid = ?", done.stdout.strip())
                    self.assertEqual(found, [(status,)])


if __name__ == "__main__":
    unittest.main()
