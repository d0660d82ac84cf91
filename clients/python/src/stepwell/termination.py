"""SIGTERM as an exception, so that a step that is stopped says so."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Optional

# As a shell reports a process that SIGTERM ended.
_EXIT_CODE = 128 + signal.SIGTERM


@contextmanager
def terminated_as_exit() -> Iterator[None]:
    """Makes SIGTERM raise SystemExit in the main thread; a handler that somebody set stays."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _raise_exit)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is _raise_exit:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _raise_exit(number: int, frame: Optional[FrameType]) -> None:
    raise SystemExit(_EXIT_CODE)
