"""Waits of a thread, by the monotonic clock alone.

Threads' own waits with a timeout follow the wall clock where Python was built with an older C
library: with the clock set back a day, they last a day longer. Sleeping never does.
"""

import time
from typing import Callable

_PAUSE_SECONDS_MIN = 0.0005
_PAUSE_SECONDS_MAX = 0.02


def wait_for(is_done: Callable[[], bool], seconds: float) -> bool:
    """Whether it was done within the time. It is looked at again and again, at growing intervals."""
    deadline = time.monotonic() + seconds
    pause = _PAUSE_SECONDS_MIN
    while not is_done():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause = min(pause * 1.25, _PAUSE_SECONDS_MAX)
    return True
