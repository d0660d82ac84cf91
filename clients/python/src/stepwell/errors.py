"""The one error class and the table of the codes that the client itself gives."""

from typing import Optional

# What each code means for the caller. The codes never change, the sentences may.
_REMEDIES = {
    "STEPWELL_KEY_INVALID": "Use at most 250 letters, digits, _ - . : / or spaces, as in val/loss.",
    "STEPWELL_MODEL_ID_INVALID": (
        "Use the model_id that MLflow gave the logged model: at most 36 letters, digits, _ . or -."
    ),
    "STEPWELL_VALUE_TOO_LONG": (
        "Shorten the value: params hold 6,000 characters, tags 8,000. Log longer texts as artifacts."
    ),
    "STEPWELL_TEXT_MALFORMED": "Give well-formed text: no lone surrogates.",
    "STEPWELL_VALUE_INVALID": "Give the value as a number; numeric text is not converted.",
    "STEPWELL_STEP_INVALID": "Give the step as a whole number from -2^63 to 2^63-1.",
    "STEPWELL_TIMESTAMP_INVALID": "Give the timestamp in whole milliseconds since 1970, not negative.",
    "STEPWELL_COLUMN_UNEVEN": "Give as many steps and timestamps as values.",
    "STEPWELL_PARAM_CHANGED": (
        "A param can't change within a run: log it under another key, or as a tag or a metric."
    ),
    "STEPWELL_STATUS_INVALID": "End a run as FINISHED, FAILED or KILLED.",
    "STEPWELL_RUN_ID_INVALID": "Use a run id of 32 lower-case hexadecimal digits.",
    "STEPWELL_RUN_ACTIVE": "End the active run first, or pass nested=True or active=False.",
    "STEPWELL_RUN_ENDED": "Log before the run ends, or start it again with its run_id.",
    "STEPWELL_EXPERIMENT_INVALID": "Use an experiment name of 1 to 500 characters.",
    "STEPWELL_SETTING_INVALID": "Correct the environment variable that the message names.",
    "STEPWELL_ENTRY_TOO_LARGE": "Shorten the entry: no single one may exceed the message limit.",
    "STEPWELL_SPOOL_UNAVAILABLE": (
        "Let this user write to the home, and its disk have room: what was not sent dies with this process."
    ),
    "STEPWELL_BUFFER_FULL": "Log less often, or let the daemon answer again: stepwell status.",
    "STEPWELL_FLUSH_TIMEOUT": "Wait longer, or see what holds the daemon: stepwell status.",
    "STEPWELL_DAEMON_UNREACHABLE": "Start it: stepwell daemon start. Its log: stepwell daemon logs.",
    "STEPWELL_HANDSHAKE_INVALID": "Use one version of the package and the daemon: stepwell daemon restart.",
    "STEPWELL_ARTIFACT_INVALID": (
        "Give a file, folder, figure, image or table that is there, and a relative path without .. in it."
    ),
    "STEPWELL_ARTIFACT_REFUSED": "See what the server said; stepwell status shows how its tracker is.",
    "STEPWELL_ARTIFACTS_ELSEWHERE": (
        "Log it by mlflow.log_artifact, which writes there with this environment's own credentials, "
        "or let the server keep artifacts itself: mlflow server --serve-artifacts."
    ),
    "STEPWELL_HOME_UNUSABLE": "Set STEPWELL_HOME to a folder of your own on a local disk.",
    "STEPWELL_ENDPOINT_FOREIGN": (
        "Nothing was sent. Remove endpoint.json from the home, then: stepwell daemon start. "
        "Or unset STEPWELL_ENDPOINT."
    ),
    "STEPWELL_HOME_CHANGED": "Log again what its runs lack; stepwell runs show ID says what one has.",
    "STEPWELL_PROCESS_ENDED": "Log before the process ends: atexit runs the handlers last that it got first.",
    "STEPWELL_INTERNAL": "This is a bug in the stepwell package.",
}


class StepwellError(Exception):
    """A stable code, one sentence about this case, and what to do.

    ``code`` and ``remedy`` are texts; an error of the daemon carries the daemon's.
    """

    def __init__(self, code: str, sentence: str, remedy: Optional[str] = None) -> None:
        self.code = code
        self.sentence = sentence
        self.remedy = _REMEDIES.get(code, "") if remedy is None else remedy
        super().__init__(f"{code}: {sentence} {self.remedy}".rstrip())

    def __reduce__(self) -> "tuple[type, tuple[str, str, str]]":
        # Worker processes hand errors over by pickling them.
        return type(self), (self.code, self.sentence, self.remedy)
