"""Where a program is, who it belongs to, and what it finds around it: none of it stops a run."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from command_server import COMMAND
from daemon_home import DaemonTest

COMMIT_TAGS = "SELECT value FROM tags WHERE key = 'mlflow.source.git.commit'"
LOG = """
import stepwell
with stepwell.start_run() as run: stepwell.log_metric("loss", 1.0)
stepwell.flush(60)
print(run.run_id)
"""


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=n", "-c", "user.email=e")
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Program(DaemonTest):
    programs_are_quick = False

    def command(self) -> str:
        # It has the program's folder, or one that is there.
        return COMMAND

    def setUp(self) -> None:
        super().setUp()
        self.with_tracker()

    def repository(self, name: str, text: str = "") -> "tuple[Path, str]":
        folder = Path(self.home) / name
        folder.mkdir()
        (folder / "train.py").write_text(text)
        git(folder, "init", "--quiet")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", name)
        return folder, git(folder, "rev-parse", "HEAD")

    def run_in(self, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, *arguments]
        options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 120}
        return subprocess.run(command, cwd=folder, env=self.environment, **options)

    def test_a_program_that_goes_to_another_folder_keeps_its_commit(self) -> None:
        """As Hydra does before each run."""
        other, _ = self.repository("other")
        text = f"import os, stepwell\nos.chdir({str(other)!r})\n{LOG}"
        folder, commit = self.repository("mine", text)
        for arguments in (("train.py",), ("-m", "train"), ("./train.py",)):
            done = self.run_in(folder, *arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.rows(COMMIT_TAGS), [(commit,)] * 3)

    def test_a_working_folder_that_was_removed_stops_nothing(self) -> None:
        left = "folder = tempfile.mkdtemp(); os.chdir(folder); os.rmdir(folder)\n"
        done = self.run_program(f"import os, stepwell, tempfile\n{left}{LOG}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        # Removed before the package was loaded; this daemon has to be started from there, too.
        self.stepwell("daemon", "stop")
        done = self.run_program(f"import os, tempfile\n{left}{LOG}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.rows("SELECT count(*) FROM metrics"), [(2,)])

    def test_a_relative_home_is_that_of_the_start_wherever_the_program_goes(self) -> None:
        away = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, away)
        text = f"import os, stepwell\nos.chdir({away!r})\n{LOG}print(stepwell.Client().active_stack.name)\n"
        self.environment["STEPWELL_HOME"] = os.path.basename(self.home)
        done = self.run_in(Path(self.home).parent, "-c", text)
        self.environment["STEPWELL_HOME"] = self.home
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(os.listdir(away), [])
        self.assertEqual(self.rows("SELECT run_uuid FROM metrics"), [(done.stdout.split()[0],)])

    def test_a_program_whose_name_is_no_text_starts_runs(self) -> None:
        folder = Path(self.home) / "odd"
        folder.mkdir()
        name = os.fsencode(folder) + b"/tr\xffin.py"
        with open(name, "w") as file:
            file.write(LOG)
        done = subprocess.run([sys.executable, name], env=self.environment, capture_output=True, timeout=600)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(self.rows("SELECT count(*) FROM metrics"), [(1,)])


@unittest.skipUnless(os.geteuid() == 0, "only root becomes another user")
class NamelessUser(DaemonTest):
    """A user id that the system knows no name of, as containers have it, and an empty environment."""

    uid = 54321

    def setUp(self) -> None:
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="stepwell-nameless-")
        os.chown(self.folder, self.uid, self.uid)
        self.addCleanup(shutil.rmtree, self.folder, True)

    def run_as(self, text: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """The package is loaded before root's rights are given up: others can't read it everywhere."""
        bare = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        bare["STEPWELL_QUIET"] = "1"
        become = f"os.setgroups([]); os.setgid({self.uid}); os.setuid({self.uid})\n"
        loaded = "import os, stepwell, stepwell.client, stepwell.sender"
        command = [sys.executable, "-c", f"{loaded}\n{become}{text}"]
        options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 120}
        return subprocess.run(command, cwd=self.folder, env={**bare, **environment}, **options)

    def test_without_a_home_one_error_names_the_variable_to_set_and_no_folder_is_made(self) -> None:
        calls = ("start_run()", "log_metric('m', 1.0)", "Client().active_stack")
        for call in calls:
            text = f"try: stepwell.{call}\nexcept stepwell.StepwellError as error: print(error)\n"
            done = self.run_as(text)
            sentence = r"^STEPWELL_HOME_UNUSABLE: HOME is not set, .* 54321\. Set STEPWELL_HOME "
            self.assertRegex(done.stdout, sentence)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_user_without_a_name_logs_and_may_name_an_endpoint_without_a_home(self) -> None:
        given = {"STEPWELL_AUTOSTART": "0", "STEPWELL_EXIT_TIMEOUT": "0"}
        text = "stepwell.log_metric('loss', 1.0)\nprint(stepwell.stats().pending)\n"
        for place in ({"STEPWELL_HOME": f"{self.folder}/home"}, {"STEPWELL_ENDPOINT": "unix:/nowhere.sock"}):
            done = self.run_as(text, **given, **place)
            self.assertEqual((done.returncode, done.stdout), (0, "1\n"), done.stderr)


if __name__ == "__main__":
    unittest.main()
