"""The run that a process above this one has active: what a child logs to that began none.

It is looked up at each call, so that a worker that outlives a run goes on with the next one. While
the process above has none, a child stays with the last one that it saw: what it logs late is of that.
"""

import contextlib
import os
import threading
from typing import Optional

from .fan_out import AnyRun, FanOut
from .limits import BOARDS_MAX
from .process_end import send_at_end
from .run import AttachedRun
from .run_board import HAS_BOARDS, PARENT_VARIABLE, Board, BoardView, PostedRun, Posting

# Runs at several trackers, as one.
_Runs = tuple[PostedRun, ...]

# Boards of the processes above, the nearest first, and why one can't be seen.
_views: "list[BoardView]" = []
_unseen = ""
_board: Optional[Board] = None
_shown: "tuple[Optional[AnyRun], bool]" = (None, False)

_lock = threading.RLock()
# The run above that this process logs to, or is about to when it logs.
_last: "tuple[_Runs, Optional[AnyRun]]" = ((), None)
# The one before: a thread may be about to log to it.
_before: Optional[AnyRun] = None
# Whether it changes as the process above changes it: not where a thread with a run of its own has forked.
_follows = True


def current() -> Optional[AnyRun]:
    """The run of the nearest process above that has one, as this process logs to it; None if none has."""
    if not _views and not _last[0]:
        return None
    runs = (_look().runs if _follows else ()) or _last[0]
    if runs and not _is_attached(runs):
        _attach(runs)
    return _last[1]


def show(run: Optional[AnyRun], has_others: bool) -> None:
    """Shows children the run that this process has active now.

    ``has_others``: it has none as a whole, and some of its threads or tasks have.
    """
    global _shown
    if (run, has_others) == _shown or (_board is None and run is None):
        return
    # Not at the fork: most children begin no run, and others may hold what the system needs for it.
    if _board is None:
        _set_up()
    if _board is None:
        return
    # What can't be shown now is shown with the next change; a call that logs fails by nothing of it.
    with contextlib.suppress(OSError):
        _board.post(Posting(() if run is None else _posted(run), has_others))
        _shown = (run, has_others)


def stay_with(run: AnyRun) -> None:
    """This process is about to end, and has ended the run: what its threads still log is of that one."""
    global _last, _follows
    _last, _follows = (_posted(run), None), False


def reason_for_none() -> str:
    """Why a process with others above it has no run of theirs; empty where nobody expects one."""
    if _look().has_others:
        return "threads or tasks of the process above have a run each, and it has none for its children"
    return _unseen if not _views else ""


def forked(run: Optional[AnyRun], follows: bool) -> None:
    """To be called in a forked child: the thread that forked had that run active."""
    global _board, _shown, _lock, _last, _before, _follows
    _lock = threading.RLock()
    _last, _before, _follows = (() if run is None else _posted(run), run), None, follows
    board, _board, _shown = _board, None, (None, False)
    if board is not None:
        with contextlib.suppress(OSError):
            _views.insert(0, board.view())
        del _views[BOARDS_MAX:]


def _look() -> Posting:
    has_others = False
    for view in _views:
        posting = view.look()
        if posting.runs:
            return posting
        has_others = has_others or posting.has_others
    return Posting((), has_others)


def _is_attached(runs: _Runs) -> bool:
    last, run = _last
    # A child that ends it leaves it, and comes back with its next call.
    return last == runs and run is not None and not run.has_ended


def _attach(runs: _Runs) -> None:
    global _last, _before
    with _lock:
        if _is_attached(runs):
            return
        send_at_end()
        attached = [AttachedRun(*each) for each in runs]
        left, _before = _before, _last[1]
        _last = runs, attached[0] if len(attached) == 1 else FanOut(attached)
    if left is not None:
        left.end_run()


def _posted(run: AnyRun) -> _Runs:
    runs = run.runs if isinstance(run, FanOut) else (run,)
    return tuple(PostedRun(each.run_id, each.run_name, each.experiment_name, each.trackers) for each in runs)


def _set_up() -> None:
    """Makes this process's own board. Its children inherit the address, with those of the processes above."""
    global _board
    if not HAS_BOARDS:
        return
    try:
        _board = Board()
    except OSError:
        # No room for one more file: children begin runs of their own.
        return
    os.environ[PARENT_VARIABLE] = ",".join([_board.address, *_addresses()][:BOARDS_MAX])


def _addresses() -> "list[str]":
    return [address for address in os.environ.get(PARENT_VARIABLE, "").split(",") if address]


def _find_above() -> None:
    global _unseen, _last
    for address in _addresses()[:BOARDS_MAX]:
        try:
            _views.append(BoardView(address))
        except OSError as error:
            _unseen = f"the process above that {PARENT_VARIABLE} names can't be seen from here: {error}"
    # What it has at this time is what this process logs to, however late it does.
    _last = _look().runs, None


if HAS_BOARDS:
    _find_above()
_set_up()
