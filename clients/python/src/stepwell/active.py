"""The active run: what the module functions log to.

A thread that begins a run has it for itself. One that began none logs to the process's run: the
one that the main thread began, or that of the step that runs, while it is the only one. Of steps
that run at the same time, each in a thread of its own, each has its own: threads that such a step
starts see its runs only in its context (contextvars.copy_context().run).

A process that began none logs to the run of the process that started it; see parent_run.py.

What a thread or a context has begun is changed by itself alone, so that nothing can come between
start_run()'s look at it and its change. The lock is for what all threads share; nothing is called
while it is held.
"""

import contextvars
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Optional

from . import parent_run
from .fan_out import AnyRun

# Runs that were started, the innermost last; replaced as a whole, never changed.
_Stack = tuple[AnyRun, ...]


class _OfThread(threading.local):
    stack: _Stack = ()


_of_thread = _OfThread()
# The stack of the step that this context belongs to, or None outside of steps.
_of_step: "contextvars.ContextVar[Optional[_Stack]]" = contextvars.ContextVar("stepwell_runs", default=None)

_lock = threading.RLock()
# What the main thread began outside of steps.
_of_main: _Stack = ()
_steps = 0
# Whether several steps have run at once since none ran.
_are_apart = False
# What the first step since none ran began, and its thread.
_of_first_step: _Stack = ()
_step_thread = 0
# Open runs that only some threads or contexts see.
_apart: _Stack = ()

# The active run where all threads and contexts see the same one: the fast path of the log calls.
top: Optional[AnyRun] = None


def active_run() -> Optional[AnyRun]:
    """The run that the module functions log to, or None."""
    of_step = _of_step.get()
    stack = _of_thread.stack if of_step is None else of_step
    # The usual case without a loop: threads with runs of their own come here for each point.
    if stack and not stack[-1].has_ended:
        return stack[-1]
    mine = _innermost(stack)
    if mine is not None or of_step is not None:
        return mine
    return _innermost(_of_process()) or parent_run.current()


def own_run() -> Optional[AnyRun]:
    """The innermost run that this thread, or the step of this context, has begun and not ended."""
    stack = _of_step.get()
    run = _innermost(_of_thread.stack if stack is None else stack)
    # A forked child that is within its parent's step began none of its runs.
    return run if run is not None and run.owner_pid == os.getpid() else None


def is_of_process_above(run: AnyRun) -> bool:
    """Whether this process logs to the run without having begun it or gone on with it."""
    return run.owner_pid != os.getpid() or run is parent_run.current()


def push(run: AnyRun) -> None:
    """Makes a run the active one of this thread, or of this context in a step."""
    global _of_main, _of_first_step, _apart
    run.when_ended = _forget_ended
    of_step = _of_step.get()
    if of_step is None:
        _of_thread.stack = (*_open(_of_thread.stack), run)
    else:
        _of_step.set((*_open(of_step), run))
    with _lock:
        if of_step is not None:
            _apart = (*_apart, run)
            if threading.get_ident() == _step_thread:
                _of_first_step = (*_of_first_step, run)
        elif threading.get_ident() == threading.main_thread().ident:
            _of_main = (*_of_main, run)
        else:
            _apart = (*_apart, run)
        _look()


@contextmanager
def step_run(run: AnyRun) -> Iterator[None]:
    """Makes a step's run the active one, and what was active before afterwards.

    Runs that the step began and left open end as the step does, the innermost first.
    """
    run.when_ended = _forget_ended
    token = _of_step.set((run,))
    _enter(run)
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
    for left in reversed(_of_step.get() or ()):
        if left is not of_step:
            left.__exit__(None if error is None else type(error), error, None)


def _enter(run: AnyRun) -> None:
    global _steps, _are_apart, _of_first_step, _step_thread
    with _lock:
        _steps += 1
        if _steps == 1:
            _of_first_step, _step_thread = (run,), threading.get_ident()
        else:
            _are_apart = True
        _look()


def _leave() -> None:
    global _steps, _are_apart, _of_first_step, _step_thread
    with _lock:
        _steps -= 1
        if _steps == 0:
            _are_apart, _of_first_step, _step_thread = False, (), 0
        _look()


def _forget_ended() -> None:
    with _lock:
        _look()


def _look() -> None:
    """Lets go of runs that have ended, and finds what all see alike. With the lock."""
    global _of_main, _of_first_step, _apart, top
    _of_main, _of_first_step, _apart = _open(_of_main), _open(_of_first_step), _open(_apart)
    # The main thread sees its own run also while a step runs in another thread.
    is_beside = _steps > 0 and _of_main != () and _step_thread != threading.main_thread().ident
    of_process = _innermost(_of_process())
    top = None if _apart or _are_apart or is_beside else of_process
    parent_run.show(of_process, of_process is None and bool(_apart))


def _of_process() -> _Stack:
    if _are_apart:
        return ()
    return _of_first_step if _steps > 0 else _of_main


def _open(stack: _Stack) -> _Stack:
    return tuple(run for run in stack if not run.has_ended)


def _innermost(stack: _Stack) -> Optional[AnyRun]:
    for run in reversed(stack):
        if not run.has_ended:
            return run
    return None


def _after_fork_in_child() -> None:
    """The thread that forked is the only one, and the main one from now on; it has begun nothing yet."""
    global _lock, _of_main, _apart
    _lock = threading.RLock()
    of_process = _innermost(_of_process())
    run = _innermost(_of_thread.stack) or of_process
    parent_run.forked(run, follows=run is of_process)
    _of_main = _of_thread.stack = ()
    # What other threads began is not seen by anybody here.
    if _of_step.get() is None:
        _apart = ()
    _look()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
