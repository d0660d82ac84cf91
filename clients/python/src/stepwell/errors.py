"""The one error class; what to do about each code stands in contract.py."""

from typing import Optional

from .contract import REMEDIES


class StepwellError(Exception):
    """A stable code, one sentence about this case, and what to do.

    ``code`` and ``remedy`` are texts; an error of the daemon carries the daemon's.
    """

    def __init__(self, code: str, sentence: str, remedy: Optional[str] = None) -> None:
        self.code = code
        self.sentence = sentence
        self.remedy = REMEDIES.get(code, "") if remedy is None else remedy
        super().__init__(f"{code}: {sentence} {self.remedy}".rstrip())

    def __reduce__(self) -> "tuple[type, tuple[str, str, str]]":
        # Worker processes hand errors over by pickling them.
        return type(self), (self.code, self.sentence, self.remedy)
