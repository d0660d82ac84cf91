"""Which daemon a client believes in: its own home's, of its own user."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from daemon_home import DaemonTest
from stepwell import StepwellError
from stepwell.home import home_of, is_trusted

LOG = """
import stepwell
with stepwell.start_run() as run: stepwell.log_metric("loss", 1.0)
stepwell.flush(60)
print(run.run_id)
"""
CALL = """
import stepwell
try: print(stepwell.Client().active_stack.name)
except stepwell.StepwellError as error: print(error)
"""
OTHER_USER = 12345


class Home(DaemonTest):
    def test_a_copy_of_a_running_home_gets_a_daemon_of_its_own(self) -> None:
        self.with_tracker()
        copy = tempfile.mkdtemp(prefix="stepwell-copy-")
        self.addCleanup(shutil.rmtree, copy, True)
        shutil.copytree(self.home, copy, dirs_exist_ok=True, ignore=lambda *_: ["daemon.sock"])
        original = self.status()
        done = self.run_program(LOG + CALL, STEPWELL_HOME=copy)
        run_id, stack = done.stdout.split()
        self.assertEqual((done.returncode, done.stderr, stack), (0, "", "local"))
        self.assertEqual(self.status()["journaled_points"], original["journaled_points"])
        here, self.home = self.home, copy
        self.environment["STEPWELL_HOME"] = copy
        try:
            self.assertEqual(self.rows("SELECT run_uuid FROM metrics"), [(run_id,)])
            self.assertEqual(json.loads((Path(copy) / "endpoint.json").read_text())["home"], copy)
        finally:
            self._end_daemon()
            self.home = here
            self.environment["STEPWELL_HOME"] = here

    def test_nothing_is_logged_to_a_daemon_that_names_another_home(self) -> None:
        """The endpoint file names this home, and what listens there is another's."""
        for options in (("--home=/somewhere/else",), (f"--home={self.home}", f"--home-id={'9' * 32}")):
            with self.subTest(options):
                (Path(self.home) / "home-id").write_text("1" * 32 + "\n")
                fake = self.start_fake(*options)
                self.write_endpoint(fake.endpoint, self.home)
                for text in (
                    (LOG.replace("60", "1"), CALL)
                    if "--home=/somewhere/else" in options
                    else (LOG.replace("60", "1"),)
                ):
                    done = self.run_program(text, STEPWELL_AUTOSTART="0", STEPWELL_EXIT_TIMEOUT="0.5")
                    self.assertRegex(done.stdout + done.stderr, "STEPWELL_DAEMON_UNREACHABLE|AUTOSTART is 0")
                told = fake.kill()
                self.assertEqual([each for each in told if "run" in each], [])
                if "--home=/somewhere/else" in options:
                    self.assertEqual({each.get("asked") for each in told}, {"info"})
                os.unlink(Path(self.home) / "fake.sock")

    def test_a_daemon_of_its_own_is_started_where_the_endpoint_file_leads_to_anothers(self) -> None:
        self.with_tracker()
        self.stepwell("daemon", "stop")
        fake = self.start_fake("--home=/somewhere/else")
        self.write_endpoint(fake.endpoint, self.home)
        done = self.run_program(LOG)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.rows("SELECT run_uuid FROM metrics"), [(done.stdout.strip(),)])
        self.assertEqual([each for each in fake.kill() if "run" in each], [])

    def test_a_pipe_in_the_place_of_a_file_holds_nobody(self) -> None:
        os.mkfifo(Path(self.home) / "endpoint.json")
        done = self.run_program(LOG.replace("60", "1"), STEPWELL_AUTOSTART="0", STEPWELL_EXIT_TIMEOUT="0.5")
        self.assertRegex(done.stderr, "AUTOSTART is 0")
        os.unlink(Path(self.home) / "endpoint.json")
        text = """
import os, sys
from stepwell.plain_file import open_for_replacing, read_plain
pipe, folder, file, large = "pipe", "folder", "file", "/dev/zero"
os.mkfifo(pipe)
os.mkdir(folder)
for path in (pipe, folder, large):
    for call in (lambda: read_plain(path, 9), lambda: open_for_replacing(path)):
        try: call()
        except OSError: print("refused")
with open(open_for_replacing(file), "w") as opened: opened.write("0123456789")
print(read_plain(file, 9))
"""
        folder = tempfile.mkdtemp(prefix="stepwell-pipe-")
        self.addCleanup(shutil.rmtree, folder, True)
        done = self.run_program(f"import os; os.chdir({folder!r})\n{text}")
        self.assertEqual(done.stdout.split(), ["refused"] * 6 + ["012345678"], done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "only root makes what is another user's")
    def test_a_socket_of_another_user_is_told_nothing(self) -> None:
        fake = self.start_fake(f"--home={self.home}", f"--user={OTHER_USER}")
        self.write_endpoint(fake.endpoint, self.home)
        for given in ({}, {"STEPWELL_ENDPOINT": fake.endpoint}):
            done = self.run_program(LOG.replace("60", "1"), STEPWELL_EXIT_TIMEOUT="0.2", **given)
            self.assertRegex(done.stderr, "STEPWELL_ENDPOINT_FOREIGN: .* another user .id 12345.")
            done = self.run_program(CALL, **given)
            self.assertRegex(done.stdout, "STEPWELL_ENDPOINT_FOREIGN: .* another user .id 12345.")
        self.assertEqual(fake.kill(), [])

    @unittest.skipUnless(os.geteuid() == 0, "only root becomes another user")
    def test_a_process_of_another_user_behind_a_socket_of_ours_is_told_nothing(self) -> None:
        path = str(Path(self.home) / "taken.sock")
        listens = (
            "import os, socket, sys\n"
            "s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); os.setuid(12345); s.listen()\n"
            "print(flush=True)\nwhile True:\n"
            "    c, _ = s.accept(); got = c.recv(100)\n"
            "    if got: print(got, flush=True)\n"
        )
        command = [sys.executable, "-c", listens, path]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        child.stdout.readline()
        done = self.run_program(CALL, STEPWELL_ENDPOINT=f"unix:{path}")
        child.kill()
        self.assertRegex(done.stdout, "STEPWELL_ENDPOINT_FOREIGN")
        self.assertEqual(child.communicate()[0], "")

    def test_root_is_believed_as_this_user_is_and_nobody_else(self) -> None:
        with mock.patch("stepwell.home.effective_uid", lambda: 1000):
            self.assertEqual([is_trusted(uid) for uid in (0, 1000, 12345)], [True, True, False])

    def test_an_endpoint_file_that_others_could_write_is_not_believed(self) -> None:
        fake = self.start_fake(f"--home={self.home}")
        self.write_endpoint(fake.endpoint, self.home)
        file = Path(self.home) / "endpoint.json"
        openings = {
            "others may write": lambda: os.chmod(self.home, 0o777),
            "the group may write": lambda: os.chmod(self.home, 0o770),
            "the file": lambda: (os.chmod(self.home, 0o700), os.chmod(file, 0o666)),
        }
        if os.geteuid() == 0:
            openings["its file is another's"] = lambda: (
                os.chmod(self.home, 0o1777),
                os.chmod(file, 0o600),
                os.chown(file, OTHER_USER, OTHER_USER),
            )
        for what, open_it in openings.items():
            with self.subTest(what):
                open_it()
                done = self.run_program(CALL)
                self.assertRegex(done.stdout, f"STEPWELL_HOME_OPEN: .*chmod 700 {self.home}")
                done = self.run_program(LOG.replace("60", "1"), STEPWELL_EXIT_TIMEOUT="0.2")
                self.assertRegex(done.stderr, "STEPWELL_HOME_OPEN")
        self.assertEqual(fake.kill(), [])

    def test_a_step_runs_and_says_so_once_where_the_home_is_open_to_others(self) -> None:
        fake = self.start_fake(f"--home={self.home}")
        self.write_endpoint(fake.endpoint, self.home)
        os.chmod(self.home, 0o777)
        text = (
            "import stepwell\n@stepwell.step(experiment_tracker='tracker')\ndef works():\n"
            "    stepwell.log_metric('loss', 1.0)\n    return 'kept'\nprint(works())\n"
        )
        done = self.run_program(text, STEPWELL_EXIT_TIMEOUT="0.2")
        self.assertEqual((done.returncode, done.stdout), (0, "kept\n"))
        self.assertRegex(done.stderr, "STEPWELL_HOME_OPEN")
        self.assertEqual(fake.kill(), [])

    def test_a_home_with_a_path_that_no_system_takes_is_refused_with_what_to_set(self) -> None:
        with self.assertRaises(StepwellError) as caught:
            home_of({"STEPWELL_HOME": "/a" * 3_000})
        self.assertEqual(caught.exception.code, "STEPWELL_HOME_UNUSABLE")
        self.assertIn("Set STEPWELL_HOME", str(caught.exception))

    def test_paths_in_remedies_can_be_pasted(self) -> None:
        home = Path(self.home) / "my home; rm $(x)"
        home.mkdir()
        (home / "endpoint.json").write_text("{}")
        home.chmod(0o777)
        done = self.run_program(CALL, STEPWELL_HOME=str(home))
        self.assertIn(f"chmod 700 '{home}'", done.stdout)

    def test_a_socket_that_is_gone_is_a_daemon_that_is_gone(self) -> None:
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(Path(self.home) / "left.sock"))
        self.write_endpoint(f"unix:{self.home}/left.sock", self.home)
        self.with_tracker()
        self.assertEqual(self.run_program(LOG).stderr, "")

    def _end_daemon(self) -> None:
        self.stepwell("daemon", "stop")


if __name__ == "__main__":
    unittest.main()
