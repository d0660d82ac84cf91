"""Threads that wait until what was logged before is acknowledged."""

from typing import Optional

from .errors import StepwellError


class Waiter:
    """One thread's wait. ``mark`` is the last sequence that it waits for, once that is known."""

    def __init__(self) -> None:
        self.is_over = False
        self.error: Optional[StepwellError] = None
        self.mark: Optional[int] = None


class Waiters:
    """All waits of a process. Any thread adds one; the sending thread settles them."""

    def __init__(self) -> None:
        self._waiting: list[Waiter] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, waiter: Waiter) -> None:
        self._waiting.append(waiter)

    def unmarked(self) -> list[Waiter]:
        """Those that do not know yet what they wait for."""
        return [waiter for waiter in tuple(self._waiting) if waiter.mark is None]

    def settle(self, first_sequence: int, failure: Optional[StepwellError]) -> None:
        """Wakes those whose mark is before the first sequence not acknowledged; after a failure all."""
        for waiter in tuple(self._waiting):
            is_done = waiter.mark is not None and waiter.mark < first_sequence
            if is_done or failure is not None:
                waiter.error = None if is_done else failure
                self._waiting.remove(waiter)
                waiter.is_over = True
