"""Where a run is to be seen at its tracker, once that has told it."""

import os
from typing import Optional

from . import limits
from .errors import StepwellError
from .told_run import METHOD, RunRequest, ToldRun


def ask_place(run_id: str) -> Optional[ToldRun]:
    """What the daemon tells of a run; None where it knows nothing of it, or does not answer."""
    # It loads much that a run does without.
    from .calls import call_daemon

    try:
        return call_daemon(os.environ, METHOD, RunRequest(run_id), ToldRun, limits.PLACE_SECONDS)
    except StepwellError:
        return None


class RunPlace:
    """The same of one run, kept from when its tracker has told it."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._known: Optional[ToldRun] = None

    def known(self) -> Optional[ToldRun]:
        """Asks as long as it is not known."""
        if self._known is None:
            told = ask_place(self._run_id)
            self._known = told if told is not None and told.backend_run_id != "" else None
        return self._known
