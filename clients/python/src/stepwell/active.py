"""The active run: what the module functions log to.

All threads of the process share it. Of steps that run at the same time, each in a thread of
its own, each has its own: threads that such a step starts see its runs only in its context
(contextvars.copy_context().run).
"""

import contextvars
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Optional

from .fan_out import AnyRun

# Runs that were started and not ended, the innermost last; replaced as a whole, never changed.
_Stack = tuple[AnyRun, ...]
_shared: _Stack = ()
# The stack of the step that this context belongs to, or None outside of steps.
_of_step: "contextvars.ContextVar[Optional[_Stack]]" = contextvars.ContextVar("stepwell_runs", default=None)

_lock = threading.Lock()
_steps = 0
# Whether several steps have run at once since none ran.
_are_apart = False
# What was shared before the first step began.
_outside: _Stack = ()

# The active run where all threads see the same one: the fast path of the log calls.
top: Optional[AnyRun] = None


def active_run() -> Optional[AnyRun]:
    """The run that the module functions log to, or None."""
    stack = _current()
    while stack and stack[-1].has_ended:
        stack = stack[:-1]
        _replace(stack)
    return stack[-1] if stack else None


def push(run: AnyRun) -> None:
    """Makes a run the active one."""
    run.when_ended = active_run
    _replace((*_current(), run))


@contextmanager
def step_run(run: AnyRun) -> Iterator[None]:
    """Makes a step's run the active one, and what was active before afterwards.

    Runs that the step began and left open end as the step does, the innermost first.
    """
    run.when_ended = active_run
    token = _of_step.set((run,))
    _enter((run,))
    try:
        yield
        _end_left(run, None)
    except BaseException as error:
        _end_left(run, error)
        raise
    finally:
        _of_step.reset(token)
        _leave()


def _end_left(of_step: AnyRun, error: Optional[BaseException]) -> None:
    for left in reversed(_current()):
        if left is not of_step:
            left.__exit__(None if error is None else type(error), error, None)


def _current() -> _Stack:
    own = _of_step.get()
    return _shared if own is None else own


def _replace(stack: _Stack) -> None:
    is_of_step = _of_step.get() is not None
    if is_of_step:
        _of_step.set(stack)
    if not is_of_step or not _are_apart:
        _share(stack)


def _enter(stack: _Stack) -> None:
    global _steps, _are_apart, _outside
    with _lock:
        _steps += 1
        if _steps == 1:
            _outside = _shared
            _share(stack)
        else:
            _are_apart = True
            _share(())


def _leave() -> None:
    global _steps, _are_apart
    with _lock:
        _steps -= 1
        if _steps == 0:
            _are_apart = False
            _share(_outside)


def _share(stack: _Stack) -> None:
    global _shared, top
    _shared = stack
    top = stack[-1] if stack else None
