"""What a log call returned from is there, whoever dies, and whatever there is no room for."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from daemon_home import DaemonTest, remove_home
from stepwell.records import Kind
from stepwell.spool import Spool
from stepwell.spool_memory import FileMemory

# Logs in several threads, says how many calls of each returned, and is killed in the midst of that.
KILLED = """
import os, signal, sys, threading, time, stepwell
threads, seconds = int(sys.argv[1]), float(sys.argv[2])
run = stepwell.start_run()
run.log_param("p", 1)
returned = [0] * threads
def work(number):
    step = 0
    while True:
        run.log_metric(f"k{number}", step * 0.5, step=step)
        step += 1
        returned[number] = step
for number in range(threads):
    threading.Thread(target=work, args=(number,), daemon=True).start()
time.sleep(seconds)
run.log_series("s", range(300), [1.0] * 300)
run.set_tag("t", "last")
counts = list(returned)
os.write(1, f"{run.run_id} {' '.join(map(str, counts))}\\n".encode())
os.kill(os.getpid(), signal.SIGKILL)
"""

ONE_POINT = """
import stepwell
with stepwell.start_run() as run: stepwell.log_metric("m", 1.0)
print(run.run_id)
"""


class SpoolTest(DaemonTest):
    def killed(self, threads: int, seconds: float, **more: str) -> "tuple[str, list[int]]":
        """The run of a program that was killed, and how many calls of each of its threads returned."""
        command = [sys.executable, "-c", KILLED, str(threads), str(seconds)]
        environment = {**self.environment, **more}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGKILL, ""))
        run_id, *counts = done.stdout.split()
        return run_id, [int(count) for count in counts]

    def spools(self) -> "list[Path]":
        return list((Path(self.home) / "client-spools").glob("*"))

    def check(self, run_id: str, counts: "list[int]") -> None:
        """All that returned is there once, a call that did not return may be; behind it the run is KILLED."""
        counted = "key, count(*), max(step), count(DISTINCT step)"
        query = f"SELECT {counted} FROM metrics WHERE run_uuid = ? GROUP BY key"
        found = {key: rest for key, *rest in self.rows(query, run_id)}
        self.assertEqual(found.pop("s"), [300, 299, 300])
        for number, count in enumerate(counts):
            points, last, distinct = found.pop(f"k{number}")
            self.assertGreaterEqual(points, count)
            self.assertEqual((points, distinct), (last + 1, last + 1))
        self.assertEqual(found, {})
        values = "SELECT count(*) FROM metrics WHERE run_uuid = ? AND key <> 's' AND value <> step * 0.5"
        self.assertEqual(self.rows(values, run_id), [(0,)])
        self.assertEqual(self.rows("SELECT status FROM runs WHERE run_uuid = ?", run_id), [("KILLED",)])
        self.assertEqual(self.rows("SELECT value FROM params WHERE run_uuid = ?", run_id), [("1",)])
        tag = "SELECT value FROM tags WHERE key = 't' AND run_uuid = ?"
        self.assertEqual(self.rows(tag, run_id), [("last",)])
        self.assertEqual(self.spools(), [])

    def test_a_killed_process_loses_nothing_that_returned_while_the_daemon_answers(self) -> None:
        self.with_tracker()
        self.check(*self.killed(1, 0.3))
        self.check(*self.killed(4, 0.3))

    def test_nor_while_the_daemon_is_stopped_or_can_not_be_started(self) -> None:
        self.with_tracker()
        pid = self.daemon_pid()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        stopped = self.killed(2, 0.3)
        os.kill(pid, signal.SIGKILL)
        absent = self.killed(2, 0.3, STEPWELL_AUTOSTART="0")
        self.assertEqual(len(self.spools()), 2)
        self.check(*stopped)
        self.check(*absent)

    def test_nor_does_a_home_that_no_daemon_ever_had(self) -> None:
        found = self.killed(2, 0.2, STEPWELL_AUTOSTART="0")
        for path in (Path(self.home) / "client-spools", *self.spools()):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)
        self.with_tracker()
        # The run was begun before there was another tracker than the home's own.
        self.check(*found)

    def test_nor_does_a_home_in_memory(self) -> None:
        self.assertTrue(os.path.isdir("/dev/shm"), "a file system in memory is needed")
        shutil.rmtree(self.home)
        self.home = tempfile.mkdtemp(prefix="stepwell-test-", dir="/dev/shm")
        self.addCleanup(remove_home, self.home)
        self.environment["STEPWELL_HOME"] = self.home
        self.with_tracker()
        self.check(*self.killed(1, 0.2))

    def test_a_process_that_ends_well_leaves_no_spool_and_one_that_could_not_send_leaves_its_entries(
        self,
    ) -> None:
        self.with_tracker()
        done = self.run_program(ONE_POINT)
        self.assertEqual((done.stderr, self.spools()), ("", []))
        self.kill_daemon()
        done = self.run_program(ONE_POINT, STEPWELL_AUTOSTART="0", STEPWELL_EXIT_TIMEOUT="0.2")
        self.assertRegex(
            done.stderr, r"1 entry was not acknowledged.* They are in the home's spool, for the daemon\."
        )
        self.assertEqual(len(self.spools()), 1)
        query = "SELECT status, (SELECT count(*) FROM metrics) FROM runs WHERE run_uuid = ?"
        self.assertEqual(self.rows(query, done.stdout.strip()), [("FINISHED", 2)])
        self.assertEqual(self.spools(), [])

    def test_forked_children_have_spools_of_their_own(self) -> None:
        text = """
import os, signal, stepwell
run = stepwell.start_run()
run.log_metric("parent", 0.0)
children = []
for child in range(3):
    pid = os.fork()
    if pid == 0:
        for step in range(1_000): run.log_metric(f"child{child}", 1.0, step=step)
        os.kill(os.getpid(), signal.SIGKILL)
    children.append(pid)
for pid in children: os.waitpid(pid, 0)
for step in range(1, 1_000): run.log_metric("parent", 1.0, step=step)
print(run.run_id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
        done = self.run_program(text, STEPWELL_AUTOSTART="0")
        self.assertEqual(len(self.spools()), 4, done.stderr)
        self.with_tracker()
        found = self.rows(
            "SELECT key, count(*) FROM metrics WHERE run_uuid = ? GROUP BY 1", done.stdout.strip()
        )
        self.assertEqual(found, [("child0", 1_000), ("child1", 1_000), ("child2", 1_000), ("parent", 1_000)])

    @unittest.skipUnless(sys.platform == "linux", "the C library's fork() is called")
    def test_a_child_that_holds_its_killed_parents_stream_open_holds_up_nothing(self) -> None:
        self.with_tracker()
        text = """
import ctypes, os, signal, time, stepwell
run = stepwell.start_run()
run.log_metric("m", 0.0)
stepwell.flush(60)
# Past Python's hooks, as a library in C may: the child has the parent's connection.
child = ctypes.CDLL(None).fork()
if child == 0:
    os.close(1)
    os.close(2)
    time.sleep(600)
    os._exit(0)
os.kill(int(os.environ["DAEMON"]), signal.SIGSTOP)
for step in range(1, 101): run.log_metric("m", 1.0, step=step)
print(run.run_id, child, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
        daemon = self.daemon_pid()
        assert daemon is not None
        run_id, child = self.run_program(text, DAEMON=str(daemon)).stdout.split()
        self.addCleanup(os.kill, int(child), signal.SIGKILL)
        os.kill(daemon, signal.SIGCONT)
        deadline = time.monotonic() + 120
        while self.spools() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(self.spools(), [])
        self.assertEqual(self.rows("SELECT count(*) FROM metrics WHERE run_uuid = ?", run_id), [(101,)])

    def test_where_no_spool_can_be_made_one_line_says_so_and_all_arrives_while_the_process_lives(
        self,
    ) -> None:
        self.with_tracker()
        (Path(self.home) / "client-spools").write_text("in its place")
        done = self.run_program(ONE_POINT)
        self.assertEqual(done.stderr.count("STEPWELL_SPOOL_UNAVAILABLE"), 1)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertEqual(
            self.rows("SELECT count(*) FROM metrics WHERE run_uuid = ?", done.stdout.strip()), [(1,)]
        )

    def test_a_handler_of_a_signal_may_log_in_the_midst_of_a_log_call(self) -> None:
        self.with_tracker()
        text = """
import signal, stepwell
run, handled = stepwell.start_run(), 0
def handle(*_):
    global handled
    # Another signal may come in the midst of this.
    number, handled = handled, handled + 1
    run.log_metric(f"handler/{number}", 1.0); run.log_param(f"p{number}", number)
signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
step = 0
while handled < 300:
    run.log_metric(f"main/{step % 50}", 1.0, step=step // 50); run.set_tag("t", step); step += 1
signal.setitimer(signal.ITIMER_REAL, 0)
stepwell.flush(60); print(run.run_id, step, handled)
"""
        done = self.run_program(text)
        self.assertEqual(done.stderr, "")
        run_id, steps, handled = done.stdout.split()
        query = "SELECT count(*) FROM {} WHERE run_uuid = ? AND key LIKE ?"
        for table, pattern, count in (
            ("metrics", "main/%", steps),
            ("metrics", "handler/%", handled),
            ("params", "p%", handled),
        ):
            self.assertEqual(self.rows(query.format(table), run_id, pattern), [(int(count),)])


@unittest.skipUnless(
    sys.platform == "linux" and hasattr(os, "geteuid") and os.geteuid() == 0, "mounts need root"
)
class MarksTest(unittest.TestCase):
    def test_a_record_that_is_marked_anew_has_a_mark_at_any_moment(self) -> None:
        """A process that dies in the midst of that would lose the record, and all behind it."""
        with tempfile.TemporaryDirectory() as folder:
            memory = FileMemory(os.path.join(folder, "a.spool"))
            spool = Spool(memory, 1_000_000)
            record = spool.record(Kind.TAG, 1, bytes(16), [b"tag"])
            assert record is not None
            cells = record.extent.cells
            at = next(at for at in range(len(cells)) if cells[at] == record.extent.mark)
            child = os.fork()
            if child == 0:
                while True:
                    record.note(7)
                    record.note(8)
            seen: set[int] = set()
            changes, last, deadline = 0, 0, time.monotonic() + 60
            try:
                while changes < 2_000 and time.monotonic() < deadline:
                    mark = cells[at]
                    changes += mark != last
                    last = mark
                    seen.add(mark)
            finally:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                memory.remove()
            self.assertEqual(changes, 2_000)
            first = record.extent.mark
            self.assertLessEqual(seen, {first, first | 7, first | 8})


class SmallDisk(DaemonTest):
    def test_a_volume_that_is_full_costs_no_entry_of_a_process_that_lives_and_kills_nobody(self) -> None:
        self.with_tracker()
        volume = Path(self.home) / "client-spools"
        volume.mkdir(mode=0o700, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k,mode=700", "tmpfs", str(volume)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(volume)], check=True)
        text = """
import stepwell
with stepwell.start_run() as run:
    for step in range(200_000): stepwell.log_metric("m", 1.0, step=step)
    stepwell.flush(60)
print(run.run_id, stepwell.stats().dropped)
"""
        done = self.run_program(text)
        self.assertEqual((done.returncode, done.stderr.count("STEPWELL_SPOOL_UNAVAILABLE")), (0, 1))
        run_id, dropped = done.stdout.split()
        self.assertEqual(int(dropped), 0)
        self.assertEqual(self.rows("SELECT count(*) FROM metrics WHERE run_uuid = ?", run_id), [(200_000,)])


if __name__ == "__main__":
    unittest.main()
