"""What a step or a pipeline says of experiment trackers."""

import difflib
import re
from collections.abc import Mapping
from typing import Any, Optional, Union

from . import checks
from .errors import StepwellError
from .limits import TAG_VALUE_CODE_POINTS_MAX
from .system_metrics import SYSTEM_METRICS_TAG, system_metrics_tag
from .v1 import steps_pb2
from .warning import warn

_FIELDS = ("experiment_name", "nested", "tags", "system_metrics")
_KEY = re.compile(r"experiment_tracker([.:].+)?", re.DOTALL)
# What ZenML's steps may say of other things than trackers.
_KEYS_OF_OTHERS = ("docker", "resources")
_SWITCH = {True: True, False: False, "true": True, "false": False}


class MLFlowExperimentTrackerSettings:
    """Settings of an MLflow experiment tracker, for one step or all of a pipeline's.

    ``experiment_name`` replaces the pipeline's name; ``nested=True`` gives the step a child run
    of its own; ``tags`` are set on its runs (None leaves a tag out); ``system_metrics`` is that of
    start_run(). What is not given is left to the pipeline and the tracker. Raises StepwellError with
    STEPWELL_SETTING_INVALID for an unknown setting or a value of another type, or what set_tags()
    raises.
    """

    def __init__(
        self,
        experiment_name: Optional[str] = None,
        nested: Optional[bool] = None,
        tags: Optional[Mapping[str, Any]] = None,
        system_metrics: Union[bool, float, None] = None,
        **unknown: Any,
    ) -> None:
        for name in unknown:
            near = difflib.get_close_matches(name, _FIELDS, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise _invalid(f"There is no setting {name!r}.{hint} There are {', '.join(_FIELDS)}.")
        if experiment_name is not None and not isinstance(experiment_name, str):
            raise _invalid(f"experiment_name is a text, not {experiment_name!r:.80}.")
        if tags is not None and not isinstance(tags, Mapping):
            raise _invalid(f"tags is a dictionary, not {tags!r:.80}.")
        self.experiment_name = checks.checked_experiment_name(experiment_name or None) or None
        self._nested = _switch(nested)
        self.tags = {}
        if system_metrics is not None:
            self.tags[SYSTEM_METRICS_TAG] = system_metrics_tag(system_metrics) or ""
        for key, value in (tags or {}).items():
            if value is not None:
                checks.check_key(key)
                self.tags[key] = checks.tag_text(key, value)

    @property
    def nested(self) -> bool:
        """Whether the step has a child run of its own."""
        return bool(self._nested)

    def __repr__(self) -> str:
        name = type(self).__name__
        return (
            f"{name}(experiment_name={self.experiment_name!r}, nested={self._nested!r}, tags={self.tags!r})"
        )

    def as_message(self, key: str) -> steps_pb2.TrackerSettings:
        """The settings under a key, as the daemon takes them."""
        message = steps_pb2.TrackerSettings(key=key, tags=self.tags)
        if self.experiment_name is not None:
            message.experiment_name = self.experiment_name
        if self._nested is not None:
            message.nested = self._nested
        return message


def settings_messages(settings: Optional[Mapping[str, Any]]) -> "list[steps_pb2.TrackerSettings]":
    """The settings of a decorator. Raises StepwellError with STEPWELL_SETTING_INVALID."""
    if settings is None:
        return []
    if not isinstance(settings, Mapping):
        raise _invalid(f"settings is a dictionary, not {settings!r:.80}.")
    messages = []
    for key, value in settings.items():
        if key in _KEYS_OF_OTHERS:
            warn(_invalid(f"The settings {key!r} are ignored: Stepwell runs steps where they are called."))
            continue
        if not isinstance(key, str) or _KEY.fullmatch(key) is None:
            forms = "'experiment_tracker', 'experiment_tracker.FLAVOR' or 'experiment_tracker:NAME'"
            raise _invalid(f"{key!r:.80} is no key of settings; it has to be {forms}.")
        checks.checked_text("The key of settings", key, TAG_VALUE_CODE_POINTS_MAX)
        if isinstance(value, Mapping):
            if not all(isinstance(name, str) for name in value):
                raise _invalid(f"The settings {key!r} have a name that is no text: {value!r:.80}.")
            value = MLFlowExperimentTrackerSettings(**value)
        if not isinstance(value, MLFlowExperimentTrackerSettings):
            raise _invalid(f"The settings {key!r} are neither a dictionary nor settings: {value!r:.80}.")
        messages.append(value.as_message(key))
    return messages


def _switch(value: Any) -> Optional[bool]:
    if value is None:
        return None
    known = value.lower() if isinstance(value, str) else value
    if not isinstance(known, (bool, int, str)) or known not in _SWITCH:
        raise _invalid(f"nested is True or False, not {value!r:.80}.")
    return _SWITCH[known]


def _invalid(sentence: str) -> StepwellError:
    return StepwellError("STEPWELL_SETTING_INVALID", sentence)
