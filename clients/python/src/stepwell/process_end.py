"""The end of the process: open runs are ended and what was logged is sent, within a bounded time.

Called by atexit, and by multiprocessing in its children, which leave without atexit. A
process that is killed, or leaves by os._exit(), says nothing: the daemon finds the rest in its spool.
"""

import atexit
import itertools
import multiprocessing.process
import multiprocessing.util
import os
import sys
from types import TracebackType
from typing import Any, Optional

from .notices import say
from .producer import producer_if_any
from .run import Run, status_after

# Runs of this process that are to be ended when it ends, by their identity.
_open_runs: dict[int, Run] = {}
_calls = itertools.count()
# The process that was here at its end.
_ended = 0
# The status of runs that are open at the end: another one after an uncaught exception.
_status = "FINISHED"


def end_with_process(run: Run) -> None:
    """Sees to it that the run is ended at the end of the process that started it."""
    send_at_end()
    # Other threads begin and end runs meanwhile.
    for key, each in list(_open_runs.items()):
        if each.has_ended:
            _open_runs.pop(key, None)
    _open_runs[id(run)] = run


def send_at_end() -> None:
    """Sees to it that what this process and its children log is sent before they end."""
    # Counting is one step: of threads that come here at once only one goes on.
    if next(_calls) > 0:
        return
    atexit.register(end_process)
    # A child of multiprocessing forgets all finalizers of its parent, and then runs these.
    multiprocessing.util.register_after_fork(end_process, _finalize_child)
    # One that logs for the first time has done so already; those of a fork server leave without atexit.
    if multiprocessing.process.parent_process() is not None:
        _finalize_child(None)
    _watch_exceptions()


def end_process() -> None:
    """Ends what is open and sends what is left; says in one line on stderr what could not be sent. Once."""
    global _ended
    # Children of multiprocessing that leave by atexit, too, come here twice.
    if _ended == os.getpid():
        return
    _ended = os.getpid()
    status = _status_at_end()
    for run in list(_open_runs.values()):
        if run.owner_pid == os.getpid() and not run.has_ended:
            # Daemon threads may go on until the interpreter is gone.
            _stay_with(run)
            run.end_run(status)
    _open_runs.clear()
    producer = producer_if_any()
    if producer is None:
        return
    trouble = producer.close()
    if trouble is not None:
        say(trouble)


def _stay_with(run: Run) -> None:
    from .parent_run import stay_with

    stay_with(run)


def _status_at_end() -> str:
    """As the program ended; in a notebook, as its last cell did: its kernel keeps exceptions to itself."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    result = getattr(shell, "last_execution_result", None)
    error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
    return _status if error is None else status_after(type(error), error)


def _finalize_child(_: Any) -> None:
    multiprocessing.util.Finalize(None, end_process, exitpriority=100)


def _watch_exceptions() -> None:
    before = sys.excepthook

    def note(kind: type[BaseException], error: BaseException, trace: Optional[TracebackType]) -> None:
        global _status
        _status = status_after(kind, error)
        before(kind, error, trace)

    sys.excepthook = note
