"""What the client says without being asked: through logging, as ``stepwell``."""

import logging

from .errors import StepwellError

_logger = logging.getLogger("stepwell")


def warn(error: StepwellError) -> None:
    """One line."""
    _logger.warning("%s", error)
