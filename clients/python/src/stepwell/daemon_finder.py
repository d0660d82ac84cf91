"""Finds the daemon of a home, and starts one when there is none."""

import asyncio
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import IO, Any, Optional

from . import limits
from .errors import StepwellError
from .home import check_endpoint_file, home_of, is_same_folder
from .plain_file import read_plain


class DaemonFinder:
    """Answers where the daemon listens, by the environment that it was made with.

    Raises STEPWELL_HOME_UNUSABLE where no home can be told.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment: dict[str, str] = dict(environment)
        self._fixed = environment.get("STEPWELL_ENDPOINT")
        # The daemon of a given endpoint may have any home.
        self._home = "" if self._fixed else home_of(environment)
        self._may_start = environment.get("STEPWELL_AUTOSTART") != "0"
        self._pause = limits.DAEMON_START_PAUSE_SECONDS_MIN
        self._start_not_before = 0.0
        # Why the last try to start one failed, and whether the command could not even be run.
        self.start_failure: Optional[StepwellError] = None
        self.is_command_missing = False
        # What the endpoint file held when it was read last, and when it led to another home's daemon.
        self._content: Optional[dict[str, Any]] = None
        self._disproved: Optional[dict[str, Any]] = None

    @property
    def is_fixed(self) -> bool:
        """Whether the endpoint is given, of whatever home."""
        return bool(self._fixed)

    def find(self) -> Optional[str]:
        """The endpoint that is fixed or that the home's file names; no promise that it answers.

        Raises STEPWELL_HOME_OPEN when others could have written the file.
        """
        if self._fixed:
            return self._fixed
        path = os.path.join(self._home, "endpoint.json")
        try:
            check_endpoint_file(self._home, path)
            content: Any = json.loads(read_plain(path, limits.ENDPOINT_FILE_BYTES_MAX))
        except (OSError, ValueError):
            return None
        if not isinstance(content, dict) or content == self._disproved:
            return None
        endpoint, home = content.get("endpoint"), content.get("home")
        # A copied home holds the endpoint file of the home that it was copied from.
        is_ours = isinstance(endpoint, str) and isinstance(home, str) and is_same_folder(home, self._home)
        self._content = content
        return endpoint if is_ours else None

    def check(self, home: str) -> None:
        """Takes the folder that the daemon says to be its home.

        Raises STEPWELL_DAEMON_UNREACHABLE when that is another one; the endpoint file that led
        there is not believed again.
        """
        if self._fixed or is_same_folder(home, self._home):
            return
        self._disprove()
        raise _unreachable(f"The daemon that answers is that of {home}, and not that of {self._home}.")

    def check_id(self, home_id: str) -> None:
        """Takes the id that the daemon says its home to have. Raises as check().

        A home that finds itself to be a copy takes a new id while its daemon runs: it is the one
        that the daemon began with, or that of the home now.
        """
        if self._fixed or self._content is None or home_id == self._content.get("home_id"):
            return
        try:
            kept = read_plain(os.path.join(self._home, "home-id"), limits.HOME_ID_FILE_BYTES_MAX).strip()
        except OSError:
            return
        if kept in ("", home_id):
            return
        self._disprove()
        raise _unreachable(f"The daemon that answers has the home {home_id}, and {self._home} is {kept}.")

    async def start(self) -> None:
        """Starts the daemon and returns when it answers, or does nothing soon after a failure.

        Raises STEPWELL_DAEMON_UNREACHABLE when it may not or can't be started.
        """
        if self._fixed:
            raise _unreachable(f"Nothing answers at {self._fixed}.")
        if not self._may_start:
            raise _unreachable(f"No daemon answers for {self._home}, and STEPWELL_AUTOSTART is 0.")
        if time.monotonic() < self._start_not_before:
            return
        try:
            await self._run_start_command()
            self._pause = limits.DAEMON_START_PAUSE_SECONDS_MIN
            self.start_failure = None
        except StepwellError as error:
            self.start_failure = error
            self._start_not_before = time.monotonic() + self._pause
            self._pause = min(limits.DAEMON_START_PAUSE_SECONDS_MAX, self._pause * 2)
            raise

    async def _run_start_command(self) -> None:
        # Looked for each time: it may be installed meanwhile.
        words = start_command(self._environment)
        command = shlex.join(words)
        process = self._spawn(words)
        assert process.stderr is not None
        with process.stderr:
            deadline = time.monotonic() + limits.DAEMON_START_SECONDS
            while process.poll() is None:
                if time.monotonic() > deadline:
                    process.kill()
                    process.wait()
                    seconds = f"{limits.DAEMON_START_SECONDS:.0f} s"
                    raise _unreachable(f"{command!r} daemon start did not end in {seconds}.")
                await asyncio.sleep(0.02)
            if process.returncode != 0:
                said = _said(process.stderr)
                if said:
                    # It has what to do in it.
                    raise _unreachable(f"{command!r} daemon start ended: {said}.", "")
                raise _unreachable(f"{command!r} daemon start ended with {process.returncode}.")

    def _spawn(self, words: list[str]) -> "subprocess.Popen[bytes]":
        self.is_command_missing = False
        try:
            return subprocess.Popen(
                [*words, "daemon", "start"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # A line or two, which the pipe holds until the command has ended.
                stderr=subprocess.PIPE,
                env={**self._environment, "STEPWELL_HOME": self._home},
                # A program that was started in a folder that is gone by now has no other place.
                cwd=None if _has_working_folder() else os.sep,
                # Ctrl-C is meant for the training program, not for the daemon's start.
                start_new_session=True,
            )
        except (OSError, ValueError, RuntimeError) as error:
            # RuntimeError: the interpreter is shutting down.
            self.is_command_missing = True
            raise _unreachable(f"{shlex.join(words)!r} can't be run: {error}.", _COMMAND_REMEDY) from None

    def _disprove(self) -> None:
        self._disproved = self._content


def start_command(environment: Mapping[str, str]) -> list[str]:
    """The words that run the `stepwell` command.

    The one that STEPWELL_COMMAND names, the one on the PATH, or the one that was installed
    together with this client: a Python is often run without its environment's folder on the PATH.
    """
    given = environment.get("STEPWELL_COMMAND")
    if given:
        return shlex.split(given)
    # Only here: they would cost each program that logs a hundredth of a second.
    import importlib.util
    import shutil

    if shutil.which("stepwell", path=environment.get("PATH")) is None and sys.executable:
        spec = importlib.util.find_spec("stepwell_command")
        if spec is not None and spec.origin is not None:
            return [sys.executable, os.path.join(os.path.dirname(spec.origin), "__main__.py")]
    return ["stepwell"]


def _has_working_folder() -> bool:
    try:
        os.getcwd()
    except OSError:
        return False
    return True


def _said(output: IO[bytes]) -> str:
    """What a command that has ended said: the sentence, what to do and the code, on one line.

    One that lives on may hold the pipe open.
    """
    descriptor = output.fileno()
    os.set_blocking(descriptor, False)
    try:
        text = os.read(descriptor, limits.COMMAND_OUTPUT_BYTES_MAX).decode(errors="replace")
    except OSError:
        return ""
    line = " ".join(text.split())
    return (line[len("error: ") :] if line.startswith("error: ") else line)[: limits.REASON_CHARACTERS_MAX]


_COMMAND_REMEDY = "Put stepwell on the PATH, or set STEPWELL_COMMAND to what runs it."


def _unreachable(sentence: str, remedy: Optional[str] = None) -> StepwellError:
    return StepwellError("STEPWELL_DAEMON_UNREACHABLE", sentence, remedy)
