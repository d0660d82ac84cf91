"""What the daemon checks of entries, checked at the call, so that the caller learns of it there."""

import operator
import re
from collections.abc import Mapping
from typing import Any, Optional

from .errors import StepwellError
from .limits import (
    EXPERIMENT_NAME_CODE_POINTS_MAX,
    INT64_MAX,
    KEY_CODE_POINTS_MAX,
    MODEL_ID_CHARACTERS_MAX,
    PARAM_VALUE_CODE_POINTS_MAX,
    STEP_MIN,
    TAG_VALUE_CODE_POINTS_MAX,
)

_KEY_CHARACTERS = re.compile(r"[/\w.\- :]+")
_NOT_NORMALIZED = re.compile(r"(^|/)\.{0,2}(/|$)")
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_MODEL_ID = re.compile(rf"[\w.-]{{1,{MODEL_ID_CHARACTERS_MAX}}}", re.ASCII)


def check_key(key: Any) -> None:
    """Raises STEPWELL_KEY_INVALID or STEPWELL_TEXT_MALFORMED when MLflow would not take the key."""
    if not isinstance(key, str):
        raise StepwellError("STEPWELL_KEY_INVALID", f"The key {key!r} is no text.")
    _check_well_formed("The key", key)
    if len(key) > KEY_CODE_POINTS_MAX:
        sentence = f"The key has {len(key)} characters; {KEY_CODE_POINTS_MAX} are allowed."
        raise StepwellError("STEPWELL_KEY_INVALID", sentence)
    if _KEY_CHARACTERS.fullmatch(key) is None:
        raise StepwellError(
            "STEPWELL_KEY_INVALID", f"The key {key!r} is empty or has a character that MLflow refuses."
        )
    if key.startswith(("/", "..")) or _NOT_NORMALIZED.search(key):
        raise StepwellError("STEPWELL_KEY_INVALID", f"The key {key!r} is no plain relative path.")


def metric_value(value: Any) -> float:
    """The value as a double. Raises STEPWELL_VALUE_INVALID.

    As MLflow's client does, takes booleans as 1 and 0 and whatever converts itself to a
    float: NumPy scalars, tensors of one element. Text is refused, also when it is numeric.
    """
    if isinstance(value, (str, bytes, bytearray)):
        raise StepwellError("STEPWELL_VALUE_INVALID", f"The value {value!r:.80} is text.")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        # RuntimeError: tensors of several elements.
        raise StepwellError(
            "STEPWELL_VALUE_INVALID", f"The value {value!r:.80} is no number: {error}."
        ) from None


def metric_step(step: Any) -> int:
    """The step as an int64; None is 0, as in MLflow. Raises STEPWELL_STEP_INVALID."""
    if step is None:
        return 0
    try:
        number = operator.index(step)
    except TypeError:
        raise StepwellError("STEPWELL_STEP_INVALID", f"The step {step!r:.80} is no whole number.") from None
    if STEP_MIN <= number <= INT64_MAX:
        return number
    raise StepwellError("STEPWELL_STEP_INVALID", f"The step {number} does not fit into 64 bits.")


def metric_timestamp(timestamp: Any) -> int:
    """Milliseconds since 1970 UTC. Raises STEPWELL_TIMESTAMP_INVALID."""
    try:
        number = operator.index(timestamp)
    except TypeError:
        sentence = f"The timestamp {timestamp!r:.80} is no whole number of milliseconds."
        raise StepwellError("STEPWELL_TIMESTAMP_INVALID", sentence) from None
    if 0 <= number <= INT64_MAX:
        return number
    raise StepwellError("STEPWELL_TIMESTAMP_INVALID", f"The timestamp {number} is out of range.")


def param_text(key: str, value: Any) -> str:
    """The param's value as ``str`` makes it. Raises STEPWELL_VALUE_TOO_LONG, STEPWELL_TEXT_MALFORMED."""
    return checked_text(f"The param {key!r}", str(value), PARAM_VALUE_CODE_POINTS_MAX)


def tag_text(key: str, value: Any) -> str:
    """The tag's value as ``str`` makes it. Raises STEPWELL_VALUE_TOO_LONG, STEPWELL_TEXT_MALFORMED."""
    return checked_text(f"The tag {key!r}", str(value), TAG_VALUE_CODE_POINTS_MAX)


def checked_text(what: str, text: Any, code_points_max: int) -> str:
    """The text, when it is one, well-formed and not too long."""
    if not isinstance(text, str):
        raise StepwellError("STEPWELL_VALUE_INVALID", f"{what} is no text: {text!r:.80}.")
    _check_well_formed(what, text)
    if len(text) > code_points_max:
        sentence = f"{what} has {len(text)} characters; {code_points_max} are allowed."
        raise StepwellError("STEPWELL_VALUE_TOO_LONG", sentence)
    return text


def checked_experiment_name(name: Optional[str]) -> str:
    """The experiment's name, or an empty text for None. Raises STEPWELL_EXPERIMENT_INVALID."""
    if name is None:
        return ""
    if not isinstance(name, str) or not 0 < len(name) <= EXPERIMENT_NAME_CODE_POINTS_MAX:
        raise StepwellError("STEPWELL_EXPERIMENT_INVALID", f"{name!r:.80} is no name of an experiment.")
    _check_well_formed("The experiment's name", name)
    return name


def check_run_id(run_id: Any) -> None:
    """Raises STEPWELL_RUN_ID_INVALID unless the id is 32 lower-case hexadecimal digits."""
    if not isinstance(run_id, str) or _RUN_ID.fullmatch(run_id) is None:
        raise StepwellError("STEPWELL_RUN_ID_INVALID", f"{run_id!r:.80} is no run id.")


def checked_model_id(model_id: Any) -> str:
    """The id of a logged model, or an empty text for None. Raises STEPWELL_MODEL_ID_INVALID."""
    if model_id is None:
        return ""
    if not isinstance(model_id, str) or _MODEL_ID.fullmatch(model_id) is None:
        raise StepwellError("STEPWELL_MODEL_ID_INVALID", f"{model_id!r:.80} is no id of a logged model.")
    return model_id


def check_mapping(what: str, mapping: Any) -> None:
    """Raises STEPWELL_VALUE_INVALID unless the argument is a mapping of keys to values."""
    if not isinstance(mapping, Mapping):
        raise StepwellError(
            "STEPWELL_VALUE_INVALID", f"{what} is no dictionary of keys and values: {mapping!r:.80}."
        )


def is_well_formed(text: str) -> bool:
    """Whether it holds no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_well_formed(what: str, text: str) -> None:
    if not is_well_formed(text):
        raise StepwellError("STEPWELL_TEXT_MALFORMED", f"{what} holds a lone surrogate.")
