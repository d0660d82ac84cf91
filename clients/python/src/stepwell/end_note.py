"""Notes of ends in the home: how a step or a run ended, for a daemon that can't be told now.

The daemon takes a note when the process is gone: so the end is known whatever becomes of this
process or of the daemon from then on.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from typing import Any, Optional

from .errors import StepwellError
from .home import home_of
from .plain_file import open_for_replacing
from .warning import warn


def leave_note(environment: Mapping[str, str], name: str, note: Mapping[str, Any]) -> Optional[str]:
    """Puts a note on disk where the home's daemon looks; the file, or None where that can't be done."""
    # The daemon of a given endpoint may have any home.
    if environment.get("STEPWELL_ENDPOINT"):
        return None
    home = home_of(environment)
    if not os.path.isdir(home):
        return None
    folder = os.path.join(home, "step-ends")
    path = os.path.join(folder, name)
    draft = f"{path}.{os.getpid()}"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(open_for_replacing(draft), "w", encoding="utf-8") as file:
            json.dump(note, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        _sync_folder(folder)
    except OSError as error:
        warn(StepwellError("STEPWELL_DAEMON_UNREACHABLE", f"No note of the end could be left: {error}."))
        return None
    return path


def remove_note(path: str) -> None:
    """Takes a note back: the daemon could be told after all."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
