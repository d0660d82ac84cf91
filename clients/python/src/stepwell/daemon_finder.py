"""Finds the daemon of a home, and starts one when there is none."""

import asyncio
import json
import os
import shlex
import subprocess
import time
from collections.abc import Mapping
from typing import Any, Optional

from .errors import StepwellError
from .limits import (
    DAEMON_START_PAUSE_SECONDS_MAX,
    DAEMON_START_PAUSE_SECONDS_MIN,
    DAEMON_START_SECONDS,
)


class DaemonFinder:
    """Answers where the daemon listens, by the environment that it was made with."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment: dict[str, str] = dict(environment)
        self._fixed = environment.get("STEPWELL_ENDPOINT")
        self._home = home_of(environment)
        self._may_start = environment.get("STEPWELL_AUTOSTART") != "0"
        self._command = environment.get("STEPWELL_COMMAND") or "stepwell"
        self._pause = DAEMON_START_PAUSE_SECONDS_MIN
        self._start_not_before = 0.0

    def find(self) -> Optional[str]:
        """The endpoint that is fixed or that the home's file names; no promise that it answers."""
        if self._fixed:
            return self._fixed
        try:
            with open(os.path.join(self._home, "endpoint.json"), encoding="utf-8") as file:
                content: Any = json.load(file)
        except (OSError, ValueError):
            return None
        endpoint = content.get("endpoint") if isinstance(content, dict) else None
        return endpoint if isinstance(endpoint, str) else None

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
            self._pause = DAEMON_START_PAUSE_SECONDS_MIN
        except StepwellError:
            self._start_not_before = time.monotonic() + self._pause
            self._pause = min(DAEMON_START_PAUSE_SECONDS_MAX, self._pause * 2)
            raise

    async def _run_start_command(self) -> None:
        try:
            words = shlex.split(self._command)
            process = subprocess.Popen(
                [*words, "daemon", "start"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**self._environment, "STEPWELL_HOME": self._home},
                # Ctrl-C is meant for the training program, not for the daemon's start.
                start_new_session=True,
            )
        except (OSError, ValueError, RuntimeError) as error:
            # RuntimeError: the interpreter is shutting down.
            raise _unreachable(f"{self._command!r} can't be run: {error}.") from None
        deadline = time.monotonic() + DAEMON_START_SECONDS
        while process.poll() is None:
            if time.monotonic() > deadline:
                process.kill()
                process.wait()
                raise _unreachable(
                    f"{self._command!r} daemon start did not end in {DAEMON_START_SECONDS:.0f} s."
                )
            await asyncio.sleep(0.02)
        if process.returncode != 0:
            raise _unreachable(f"{self._command!r} daemon start ended with {process.returncode}.")


def home_of(environment: Mapping[str, str]) -> str:
    """The folder of the daemon's home, which need not be there."""
    home = environment.get("STEPWELL_HOME")
    if home:
        return os.path.abspath(home)
    data = environment.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(data, "stepwell")


def _unreachable(sentence: str) -> StepwellError:
    return StepwellError("STEPWELL_DAEMON_UNREACHABLE", sentence)
