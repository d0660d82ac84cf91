"""What people are told of runs, on stderr: that one begins, and what became of it.

A line each, of the first few runs of a process. STEPWELL_QUIET=1 turns it off; of the ranks of a
distributed program only the first speaks. Nothing that goes wrong here is anybody's trouble.
"""

import contextlib
import os
import sys
from typing import Optional

from .limits import RUN_NAME_CHARACTERS_TOLD, RUNS_TOLD
from .ranks import is_first_rank
from .run_name import run_name_of

_QUIET = "STEPWELL_QUIET"
_NO = ("", "0", "false", "no", "off")

# The process that told, and how it told of runs, by their ids.
_teller = 0
_told: "dict[str, str]" = {}
_has_told_of_more = False
# Runs that a parent told of before it was forked: a child that goes on with one says nothing of it.
_told_before: "set[str]" = set()


def told_begin(run_id: str, name: str, begins: str = "begins", where: str = "") -> Optional[str]:
    """Says that a run begins, once. Its name as it was told; None where nothing is told of the run."""
    global _teller, _has_told_of_more
    if is_quiet():
        return None
    if _teller != os.getpid():
        _teller, _has_told_of_more = os.getpid(), False
        _told_before.update(_told)
        _told.clear()
    if run_id in _told_before:
        return None
    if run_id in _told:
        return _told[run_id]
    if len(_told) == RUNS_TOLD:
        if not _has_told_of_more:
            _has_told_of_more = True
            say("further runs of this process are not told of. All: stepwell runs list")
        return None
    shown = _told[run_id] = shown_name(run_id, name)
    say(f"run {shown} {begins}{where}. Look: stepwell runs show {run_id}")
    return shown


def shown_name(run_id: str, name: str) -> str:
    """A run's name on one line, whatever is in it."""
    shown = _visible(name or run_name_of(run_id))
    return shown if len(shown) <= RUN_NAME_CHARACTERS_TOLD else shown[: RUN_NAME_CHARACTERS_TOLD - 3] + "..."


def _visible(text: str) -> str:
    """What would steer a terminal, or end the line, is a question mark."""
    return "".join(each if each.isprintable() else "?" for each in text)


def say(sentence: str) -> None:
    """One line on stderr, if there is one: how a run stands may have words of its server in it."""
    # A program may have closed it, or put something else in its place.
    with contextlib.suppress(Exception):
        stream = sys.stderr
        line = f"stepwell: {_visible(sentence)}\n"
        if stream is not sys.__stderr__:
            stream.write(line)
            stream.flush()
            return
        # Not through its buffer: where that can't be written, as on a full disk, Python would exit with 120.
        stream.flush()
        os.write(stream.fileno(), line.encode(stream.encoding, "backslashreplace"))


def is_quiet() -> bool:
    """Whether runs say nothing of themselves: STEPWELL_QUIET asks for it, or another rank speaks."""
    if os.environ.get(_QUIET, "").strip().lower() not in _NO:
        return True
    return not is_first_rank(os.environ)
