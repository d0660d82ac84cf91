"""A home with a real daemon for a test, and what its store holds."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any, Optional

from command_server import COMMAND, quick_command, run_command
from quick_program import run_quick

ROOT = Path(__file__).resolve().parent.parent.parent.parent

# Beyond what Linux gives out.
_NO_PID = 2**22 + 1


class FakeDaemon:
    """A running fake_daemon.py."""

    def __init__(self, socket: str, arguments: "tuple[str, ...]") -> None:
        self.endpoint = f"unix:{socket}"
        program = str(Path(__file__).with_name("fake_daemon.py"))
        command = [sys.executable, program, socket, *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def kill(self) -> "list[dict[str, Any]]":
        """Ends it; what it was told so far."""
        if self._process.stdout is None or self._process.stdout.closed:
            return []
        self._process.kill()
        out, _ = self._process.communicate()
        return [json.loads(line) for line in out.splitlines()]


class DaemonTest(unittest.TestCase):
    """Each test has a home of its own; its daemon is started by whoever needs it."""

    # Whether programs are forks of one process: not where their interpreter's begin or end is the subject.
    programs_are_quick = sys.platform == "linux"

    def setUp(self) -> None:
        self.home = self.make_home()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("STEPWELL_")}
        self.environment = {**inherited, "STEPWELL_HOME": self.home, "STEPWELL_COMMAND": self.command()}
        # What runs say of themselves is tested for itself.
        self.environment["STEPWELL_QUIET"] = "1"
        # So is what is kept of what programs write.
        self.environment["STEPWELL_RUN_OUTPUT"] = "0"
        # Python 3.12 and newer warn a program that forks beside threads: here it is what is tested.
        self.environment["PYTHONWARNINGS"] = "ignore:This process:DeprecationWarning"

    def command(self) -> str:
        """What clients start the daemon with."""
        return quick_command()

    def make_home(self) -> str:
        home = tempfile.mkdtemp(prefix="stepwell-test-")
        self.addCleanup(remove_home, home)
        return home

    def stepwell(self, *arguments: str, check: bool = True, timeout: float = 300) -> str:
        if arguments[0] == "run":
            # Its program has its standard streams.
            command = [*COMMAND.split(), *arguments]
            ran = subprocess.run(
                command, env=self.environment, capture_output=True, text=True, timeout=timeout
            )
            done = {"code": ran.returncode, "stdout": ran.stdout, "stderr": ran.stderr}
        else:
            done = run_command(arguments, self.environment, timeout)
        if check and done["code"] != 0:
            raise AssertionError(f"{arguments} exited with {done['code']}: {done['stderr']}")
        return str(done["stdout"])

    def with_tracker(self) -> None:
        self.stepwell("experiment-tracker", "register", "tracker", "--flavor=mlflow")
        self.stepwell("stack", "register", "local", "-e", "tracker", "--set")

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.stepwell("status", "-o", "json"))
        return found

    def daemon_pid(self) -> Optional[int]:
        return _pid_in(self.home)

    def kill_daemon(self, number: int = signal.SIGKILL) -> None:
        """Ends the daemon, also one that a client is about to start; does nothing where there was none."""
        deadline = time.monotonic() + 120
        while (pid := self.daemon_pid()) is not None and time.monotonic() < deadline:
            try:
                os.kill(pid, number)
                return
            except ProcessLookupError:
                time.sleep(0.05)

    def rows(self, query: str, *values: object) -> list[Any]:
        """Rows of MLflow's database, once the daemon has delivered everything."""
        try:
            self.stepwell("flush", "--timeout=200")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{json.dumps(self.status(), indent=1)}") from None
        with contextlib.closing(sqlite3.connect(f"file:{self.database_path}?mode=ro", uri=True)) as database:
            self.look_at(database)
            return database.execute(query, values).fetchall()

    @property
    def database_path(self) -> Path:
        return Path(self.home) / "artifact_stores" / "default" / "mlflow.db"

    def look_at(self, database: sqlite3.Connection) -> None:
        """Before rows are asked for."""

    def run_program(self, text: str, timeout: float = 600, **more: str) -> "subprocess.CompletedProcess[str]":
        """Runs a Python program to its end in this home."""
        environment = {**self.environment, **more}
        # An interpreter that is told something begins by itself.
        if self.programs_are_quick and not any(name.startswith("PYTHON") for name in more):
            return run_quick(text, environment, timeout)
        command = [sys.executable, "-c", text]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout)

    def start_fake(self, *arguments: str, socket: str = "fake.sock") -> FakeDaemon:
        """Starts a daemon that only answers streams, at a socket in the home; see fake_daemon.py."""
        fake = FakeDaemon(str(Path(self.home) / socket), arguments)
        self.addCleanup(fake.kill)
        return fake

    def write_endpoint(self, endpoint: str, home: str, **more: Any) -> None:
        """The endpoint file as a daemon writes it."""
        content = {"format": 1, "pid": _NO_PID, "endpoint": endpoint, "version": "0", "home": home}
        path = Path(self.home) / "endpoint.json"
        path.write_text(json.dumps({**content, "home_id": "0" * 32, "started_ms": 0, **more}))
        path.chmod(0o600)


class SharedHomeTest(DaemonTest):
    """The tests of a class share a home and its daemon, which costs more. Each sees its own runs alone."""

    _home: str
    _is_prepared: bool

    @classmethod
    def setUpClass(cls) -> None:
        cls._home = tempfile.mkdtemp(prefix="stepwell-test-")
        cls._is_prepared = False
        cls.addClassCleanup(remove_home, cls._home)

    def setUp(self) -> None:
        super().setUp()
        if not type(self)._is_prepared:
            self.prepare()
            type(self)._is_prepared = True
        # What an earlier test left on the way is not of this one.
        self.stepwell("flush", "--timeout=200", check=False)
        self._runs_before = 0
        if self.database_path.exists():
            with contextlib.closing(sqlite3.connect(self.database_path)) as database:
                ((self._runs_before,),) = database.execute("SELECT coalesce(max(rowid), 0) FROM runs")

    def prepare(self) -> None:
        """Once, before the first of the tests."""
        self.with_tracker()

    def make_home(self) -> str:
        return self._home

    def look_at(self, database: sqlite3.Connection) -> None:
        """Names of tables stand for what this test has in them."""
        own = f"SELECT * FROM main.runs WHERE rowid > {self._runs_before}"
        database.execute(f"CREATE TEMP VIEW runs AS {own}")
        for table in ("metrics", "params", "tags"):
            of_own = "WHERE run_uuid IN (SELECT run_uuid FROM temp.runs)"
            database.execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} {of_own}")


def _pid_in(home: str) -> Optional[int]:
    try:
        return int(json.loads((Path(home) / "endpoint.json").read_text())["pid"])
    except (OSError, ValueError):
        return None


def remove_home(home: str) -> None:
    """With its daemon."""
    for _ in range(100):
        pid = _pid_in(home)
        if pid is None or not _is_alive(pid):
            break
        # It may end by itself between the two.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    shutil.rmtree(home, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
