"""Every bound of the client, with its unit last: those that all clients share, and its own."""

from .contract import (
    BATCH_BYTES_MAX as BATCH_BYTES_MAX,
    BUFFER_BYTES_MAX as BUFFER_BYTES_MAX,
    CLOSE_SECONDS as CLOSE_SECONDS,
    DAEMON_START_PAUSE_SECONDS_MAX as DAEMON_START_PAUSE_SECONDS_MAX,
    DAEMON_START_PAUSE_SECONDS_MIN as DAEMON_START_PAUSE_SECONDS_MIN,
    DAEMON_START_SECONDS as DAEMON_START_SECONDS,
    DRAIN_RUNS_MAX as DRAIN_RUNS_MAX,
    ENDPOINT_FILE_BYTES_MAX as ENDPOINT_FILE_BYTES_MAX,
    EXIT_SECONDS as EXIT_SECONDS,
    EXPERIMENT_NAME_CODE_POINTS_MAX as EXPERIMENT_NAME_CODE_POINTS_MAX,
    FLUSH_SECONDS as FLUSH_SECONDS,
    HOME_ID_FILE_BYTES_MAX as HOME_ID_FILE_BYTES_MAX,
    KEY_CODE_POINTS_MAX as KEY_CODE_POINTS_MAX,
    MODEL_ID_CHARACTERS_MAX as MODEL_ID_CHARACTERS_MAX,
    PARAM_VALUE_CODE_POINTS_MAX as PARAM_VALUE_CODE_POINTS_MAX,
    RECONNECT_SECONDS_MAX as RECONNECT_SECONDS_MAX,
    RECONNECT_SECONDS_MIN as RECONNECT_SECONDS_MIN,
    RUN_NAME_CHARACTERS_TOLD as RUN_NAME_CHARACTERS_TOLD,
    RUNS_TOLD as RUNS_TOLD,
    START_FAILURE_WARNING_SECONDS as START_FAILURE_WARNING_SECONDS,
    TAG_VALUE_CODE_POINTS_MAX as TAG_VALUE_CODE_POINTS_MAX,
    TELL_PAUSES_SECONDS as TELL_PAUSES_SECONDS,
    TELL_SECONDS as TELL_SECONDS,
    UNREACHABLE_WARNING_SECONDS as UNREACHABLE_WARNING_SECONDS,
    WELCOME_SECONDS as WELCOME_SECONDS,
)

STEP_MIN = -(2**63)
INT64_MAX = 2**63 - 1

# How long an entry waits for company before it is sent, while entries come.
LINGER_SECONDS = 0.005
# The longest such wait, when there are so many keys that looking through them takes time.
LINGER_SECONDS_MAX = 0.020
# Without an entry for so long the sender sleeps until it is woken.
IDLE_SECONDS = 0.2
# How often a sleeping sender looks by itself.
IDLE_LOOK_SECONDS = 1.0

# Least that is worth writing of a series behind other records.
SERIES_BYTES_MIN = 32 * 1024
# Memory that a run takes beside its entries, its start and its end included.
RUN_BYTES = 2_048
# Memory that the first point of a key takes beside the point.
COLUMN_BYTES = 1_024

# How long the daemon may take to accept a connection.
CONNECT_SECONDS = 5.0
# Longest path that any system takes: Linux has the longest.
PATH_BYTES_MAX = 4_095
# What is read of what a command says, and how much of that is told as a reason.
COMMAND_OUTPUT_BYTES_MAX = 8_192
REASON_CHARACTERS_MAX = 600

# How long a call about steps, pipelines or stacks may take, starts of the daemon included.
CALL_SECONDS = 20.0
# First and longest wait before a call is made again; the wait is drawn at random from 0 to the bound.
CALL_PAUSE_SECONDS_MIN = 0.05
CALL_PAUSE_SECONDS_MAX = 1.0
# How often a watch may ask for the daemon's state: the daemon's own bounds.
WATCH_SECONDS_MIN = 0.05
WATCH_SECONDS_MAX = 60.0
# How long backends are waited for unless the caller says otherwise, and at most: a day.
DRAIN_SECONDS = 60.0
DRAIN_SECONDS_MAX = 86_400.0
# How much longer the answer may take to arrive.
DRAIN_ANSWER_SECONDS = 5.0

# How long the acknowledgement of what a step logged, and then the call that tells its end, may take
# before a note of the end is left in the home.
STEP_END_PROMPT_SECONDS = 2.0
# How long the end of a step waits for that acknowledgement in all.
STEP_FLUSH_SECONDS = 30.0
# How long the end is tried to be told where no note can be left: the home is not known.
STEP_END_SECONDS = 120.0

# How long a request to the gateway is tried again while nobody answers, and how long one that is under way
# may stand still.
GATEWAY_SECONDS = 60.0
GATEWAY_STILL_SECONDS = 300.0
# How long it may take to find out whether anybody is there.
GATEWAY_LOOK_SECONDS = 1.0
# How much of a file is in memory at once.
ARTIFACT_CHUNK_BYTES = 1024 * 1024
# The longer side of the small copy that MLflow shows of an image, in pixels.
SMALL_IMAGE_PIXELS = 256

# How long the daemon may take to tell where a run is at its tracker.
PLACE_SECONDS = 2.0
# How long who asks for a step's links waits for a tracker that answers.
LINKS_SECONDS = 5.0

# What a process shows its children of its active run, how many processes above a child looks at, and how
# often it reads again what is being written.
BOARD_BYTES_MAX = 1024 * 1024
BOARDS_MAX = 4
BOARD_TRIES_MAX = 100

# How many processes above this one are looked at for the one that launched a distributed job.
ANCESTORS_MAX = 64

# How long a fork waits for the sending thread to stop.
STOP_SECONDS = 2.0

# Warnings of refused entries, one for each code and key, that one process prints.
REJECTION_WARNINGS_MAX = 20

# What is read of one of git's files: some ten thousand packed references.
GIT_FILE_BYTES_MAX = 1024 * 1024
